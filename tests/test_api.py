"""The HTTP interface keeps its contract, and nothing that a client sends makes it fail."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message

from chatbot.api import DOCUMENTATION, create_app
from chatbot.api_errors import MAX_BODY
from chatbot.bot import Chatbot
from chatbot.headers import HEADERS
from chatbot.question import QuestionError

if TYPE_CHECKING:
    from httpx2 import Response

MARKER = "zebra7361"  # stands in whatever is refused; no reply or log may hold it
QUESTION = "how do I opt out of Lumens emails?"
ANSWER_KEYS = {
    "question",
    "behaviour",
    "answer",
    "missing",
    "companies",
    "snapshots",
    "citations",
    "near",
    "comparison",
    "choices",
    "actions",
    "notices",
    "followups",
    "confidence",
    "generation",
}
CITATION_KEYS = {
    "id",
    "quote",
    "display",
    "start",
    "end",
    "section",
    "company",
    "snapshot_date",
    "archived_url",
    "stated_since",
    "stated_until",
}


@pytest.fixture(scope="module")
def client(bot: Chatbot) -> Iterator[TestClient]:
    with TestClient(create_app(bot)) as client:
        yield client


def ask(client: TestClient, **fields: object) -> dict[str, Any]:
    response = client.post("/api/v1/ask", json=fields)
    assert response.status_code == 200, response.text
    return cast("dict[str, Any]", response.json())


def post(client: TestClient, body: bytes, content_type: str = "application/json") -> "Response":
    return client.post("/api/v1/ask", content=body, headers={"content-type": content_type})


def events(text: str) -> list[tuple[str, Any]]:
    """Read server-sent events as (name, data)."""
    found = re.findall(r"event: (\w+)\ndata: ([^\n]*)\n\n", text)
    assert "".join(f"event: {name}\ndata: {data}\n\n" for name, data in found) == text
    return [(name, json.loads(data)) for name, data in found]


def assert_error(response: "Response", *statuses: int) -> str:
    """Check an error's status and shape; returns its code."""
    assert response.status_code in statuses, response.text
    assert response.headers["content-type"] == "application/json"
    assert len(response.content) < 4096
    assert MARKER not in response.text
    error = response.json().pop("error")
    assert set(response.json()) == {"error"}
    assert set(error) == {"code", "message"}
    assert all(isinstance(part, str) and part for part in error.values())
    return cast("str", error["code"])


# Asking


def test_an_answer_has_every_key_of_the_contract_and_no_other(client: TestClient) -> None:
    answer = ask(client, question=QUESTION)
    assert set(answer) == ANSWER_KEYS
    assert answer["question"] == QUESTION
    assert answer["behaviour"] == "answer"
    assert answer["citations"]
    assert set(answer["citations"][0]) == CITATION_KEYS
    assert set(answer["snapshots"][0]) == {"company", "date", "archived_url", "original_url"}


@pytest.mark.parametrize(
    "question", ["\U0001f9a6 data", "a\u202eb\u200b", "my\tdata\nsold", "'\"<&>x"]
)
def test_a_strange_question_is_answered_with_every_key(client: TestClient, question: str) -> None:
    assert set(ask(client, question=question)) == ANSWER_KEYS


def test_a_quote_stands_at_its_place_in_the_policy_that_is_served(client: TestClient) -> None:
    citation = ask(client, question=QUESTION)["citations"][0]
    path = f"/api/v1/policies/{citation['company']}/{citation['snapshot_date']}"
    policy = client.get(path).json()
    assert policy["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_every_optional_field_reaches_the_bot(client: TestClient, bot: Chatbot) -> None:
    history = [
        {"role": "user", "content": "do they use cookies?"},
        {"role": "assistant", "content": "Yes."},
    ]
    fields = {"company": "bellacor.com", "as_of": "2010-01-01", "only_company": True}
    answer = ask(client, question="what about cookies", history=history, **fields)
    assert answer["companies"] == ["bellacor.com"]
    assert {snapshot["date"] for snapshot in answer["snapshots"]} == {"2009-11-27"}
    other = ask(client, question=QUESTION, **fields)
    assert other["behaviour"] == "unknown_company"


def test_an_unknown_company_field_is_an_answer_and_no_error(client: TestClient) -> None:
    answer = ask(client, question="do they sell my data?", company="nobody.example")
    assert answer["behaviour"] == "unknown_company"
    assert set(answer) == ANSWER_KEYS


def test_the_longest_question_and_history_allowed_are_taken(client: TestClient) -> None:
    history = [{"role": "user", "content": "x" * 1000}] * 50
    history[0] = {"role": "assistant", "content": "x" * 4000}
    assert set(ask(client, question="a " * 500, history=history)) == ANSWER_KEYS


def test_events_bring_citations_then_the_text_in_pieces_then_the_whole(client: TestClient) -> None:
    whole = ask(client, question=QUESTION)
    accept = {"accept": "text/event-stream"}
    response = client.post("/api/v1/ask", json={"question": QUESTION}, headers=accept)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    received = events(response.text)
    names = [name for name, _ in received]
    assert names == ["citations", *["token"] * (len(names) - 2), "done"]
    assert len(names) > 3
    assert received[0][1] == {key: value for key, value in whole.items() if key != "answer"}
    assert "".join(data["text"] for _, data in received[1:-1]) == whole["answer"]
    assert received[-1][1] == whole


# What is refused

LONE_SURROGATE = rb'{"question": "zebra7361 \ud800"}'
DEEP = b'{"question": ' + b"[" * 30_000 + b"]" * 30_000 + b"}"


def field(name: str, value: object) -> bytes:
    """Make a good request but for one field."""
    return json.dumps({"question": QUESTION, name: value}).encode()


REFUSED = {
    "no body": b"",
    "not JSON": b'{"question": zebra7361',
    "JSON cut off": b'{"question": "zebra7361',
    "a list": b'["zebra7361"]',
    "a text": b'"zebra7361"',
    "null": b"null",
    "NaN": b"NaN",
    "deeply nested": DEEP,
    "nested in a list": b"[" * 60_000,
    "invalid UTF-8": b'{"question": "zebra7361 \xff\xfe"}',
    "another encoding": '{"question": "zebra7361 é"}'.encode("latin-1"),
    "a number of 5000 digits": b'{"question": ' + b"7" * 5000 + b"}",
    "no question": b'{"zebra7361": "zebra7361"}',
    "question empty": field("question", ""),
    "question blank": field("question", " \t\n\u00a0\u3000"),
    "question of 1001 characters": field("question", MARKER + "x" * (1001 - len(MARKER))),
    "question of 1001 characters with its spaces": field("question", MARKER + " " * 1000),
    "question null": field("question", None),
    "question a number": field("question", 7361),
    "question NaN": field("question", float("nan")),
    "question infinite": field("question", float("inf")),
    "question a list": field("question", [MARKER]),
    "question with NUL": field("question", f"{MARKER}\0"),
    "question with a lone surrogate": LONE_SURROGATE,
    "company a number": field("company", 7361),
    "company with NUL": field("company", f"{MARKER}\0"),
    "company with a lone surrogate": field("company", f"{MARKER}\udc00"),
    "company too long": field("company", MARKER * 50),
    "as_of without zeros": field("as_of", "2018-1-9"),
    "as_of no such day": field("as_of", "2018-02-30"),
    "as_of year 0": field("as_of", "0000-01-01"),
    "as_of without dashes": field("as_of", "20180119"),
    "as_of with a time": field("as_of", "2018-01-19T00:00:00"),
    "as_of a number": field("as_of", 1516320000),
    "as_of in other digits": field("as_of", "２０１８-01-19"),
    "as_of words": field("as_of", MARKER),
    "as_of empty": field("as_of", ""),
    "only_company a text": field("only_company", "yes"),
    "history a text": field("history", MARKER),
    "history of texts": field("history", [MARKER]),
    "history of 51 turns": field("history", [{"role": "user", "content": MARKER}] * 51),
    "a turn of 4001 characters": field("history", [{"role": "user", "content": "x" * 4001}]),
    "a turn of the system": field("history", [{"role": "system", "content": MARKER}]),
    "a turn without content": field("history", [{"role": "user"}]),
    "a turn with NUL": field("history", [{"role": "user", "content": f"{MARKER}\0"}]),
    "a turn with a lone surrogate": field("history", [{"role": "user", "content": "\ud800"}]),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_request_is_refused_without_repeating_it(client: TestClient, body: bytes) -> None:
    assert_error(post(client, body), 400, 422)


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_request_for_events_is_refused_as_json(client: TestClient, body: bytes) -> None:
    headers = {"content-type": "application/json", "accept": "text/event-stream"}
    assert_error(client.post("/api/v1/ask", content=body, headers=headers), 400, 422)


def test_a_refusal_names_the_fields_and_what_they_must_be(client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"question": "", "as_of": MARKER})
    assert assert_error(response, 422) == "invalid"
    message = response.json()["error"]["message"]
    assert "question: a text of 1 to 1000 characters" in message
    assert "as_of: a day written YYYY-MM-DD" in message
    assert "company" not in message


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_body_that_is_not_declared_json_is_refused(client: TestClient, content_type: str) -> None:
    assert_error(post(client, field("question", MARKER), content_type), 422)


def test_a_question_without_letters_is_422_with_the_reason_of_the_bot(client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"question": "?!"})
    assert assert_error(response, 422) == "question_empty"


def test_what_the_bot_refuses_is_422_in_its_words() -> None:
    client = TestClient(create_app(failing_bot(QuestionError("too_odd", "ask otherwise"))))
    response = client.post("/api/v1/ask", json={"question": MARKER})
    assert assert_error(response, 422) == "too_odd"
    assert response.json()["error"]["message"] == "ask otherwise"


@pytest.mark.parametrize("size", [MAX_BODY + 1, 1_000_000, 3_000_000])
def test_a_body_over_the_limit_is_413_and_ends_the_connection(
    client: TestClient, size: int
) -> None:
    response = post(client, field("question", MARKER).ljust(size))
    assert assert_error(response, 413) == "too_large"
    assert response.headers["connection"] == "close"


def test_a_body_at_the_limit_is_read(client: TestClient) -> None:
    assert post(client, field("question", QUESTION).ljust(MAX_BODY)).status_code == 200


def test_a_body_without_end_or_length_is_read_no_further_than_the_limit(bot: Chatbot) -> None:
    chunk = b" " * 1024
    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    read, status, sent = send_without_end(bot, "/api/v1/ask", headers, chunk)
    assert status == 413
    assert read <= MAX_BODY + len(chunk)
    assert (b"connection", b"close") in sent


def send_without_end(
    bot: Chatbot, path: str, headers: list[tuple[bytes, bytes]], chunk: bytes
) -> tuple[int, int, list[tuple[bytes, bytes]]]:
    """Post a chunk over and over; returns the bytes taken, the status and the headers sent."""
    read = 0
    starts: list[Message] = []

    async def receive() -> Message:
        nonlocal read
        read += len(chunk)
        assert read < 10_000_000, "the body is read without end"
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            starts.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }
    asyncio.run(create_app(bot)(scope, receive, send))
    (start,) = starts
    return read, start["status"], start["headers"]


KEYS = st.sampled_from(["question", "company", "as_of", "only_company", "history", "role"])
TEXTS = st.text(st.characters())  # lone surrogates too
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS | TEXTS, inner),
    max_leaves=10,
)
TURNS = st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": TEXTS})
REQUESTS = st.fixed_dictionaries(
    {"question": TEXTS},
    optional={
        "company": st.sampled_from(["lumens.com", "nobody.example"]) | TEXTS | VALUES,
        "as_of": st.dates().map(str) | VALUES,
        "only_company": st.booleans() | VALUES,
        "history": st.lists(TURNS, max_size=3) | VALUES,
    },
)


@settings(max_examples=100, deadline=None)
@given(body=REQUESTS | VALUES)
def test_no_json_makes_the_server_fail(client: TestClient, body: object) -> None:
    response = post(client, json.dumps(body).encode())
    if response.status_code == 200:
        assert set(response.json()) == ANSWER_KEYS
    else:
        assert_error(response, 400, 422)


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=200))
def test_no_bytes_make_the_server_fail(client: TestClient, body: bytes) -> None:
    assert_error(post(client, body), 400, 422)


@settings(max_examples=100, deadline=None)
@given(query=st.fixed_dictionaries({}, optional=dict.fromkeys(["from", "to", "topic"], st.text())))
def test_no_query_makes_the_server_fail(client: TestClient, query: dict[str, str]) -> None:
    response = client.get("/api/v1/diff/bellacor.com", params=query)
    assert response.status_code in (200, 422)


# When the bot itself fails


def failing_bot(error: Exception) -> Chatbot:
    class FailingBot:
        def ask(self, *_: object, **__: object) -> NoReturn:
            raise error

        compare = ask

    return cast("Chatbot", FailingBot())


def test_a_failure_is_500_without_the_question_in_reply_or_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = TestClient(create_app(failing_bot(KeyError(MARKER))))
    assert_error(client.post("/api/v1/ask", json={"question": MARKER}), 500)
    assert_error(client.get("/api/v1/diff/lumens.com"), 500)
    assert "KeyError" in caplog.text
    assert MARKER not in caplog.text


def test_a_failure_reaches_who_reads_events_as_an_error_event() -> None:
    client = TestClient(create_app(failing_bot(KeyError(MARKER))))
    accept = {"accept": "text/event-stream"}
    response = client.post("/api/v1/ask", json={"question": MARKER}, headers=accept)
    assert response.status_code == 500
    ((name, data),) = events(response.text)
    assert name == "error"
    assert data["error"]["code"] == "internal_error"
    assert MARKER not in response.text


def test_no_question_is_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(client, question=f"does lumens sell my {MARKER}?")
        post(client, field("as_of", MARKER))
    assert MARKER not in caplog.text


# Policies and comparisons


def test_the_list_holds_every_company_with_its_days(client: TestClient, bot: Chatbot) -> None:
    listed = client.get("/api/v1/policies").json()
    assert set(listed) == {"companies", "generation"}
    assert listed["generation"] == bot.generation
    entries = {entry["company"]: entry for entry in listed["companies"]}
    assert len(entries) == len(bot.policies()) > 1
    assert set(entries["bellacor.com"]) == {"company", "name", "snapshots"}
    assert entries["bellacor.com"]["snapshots"] == ["2009-11-27", "2012-10-23"]


def test_a_company_is_shown_as_listed_with_the_source_of_every_day(client: TestClient) -> None:
    shown = client.get("/api/v1/policies/bellacor.com").json()
    sources = shown.pop("sources")
    assert shown in client.get("/api/v1/policies").json()["companies"]
    assert [source["date"] for source in sources] == shown["snapshots"]
    assert sources[0]["archived_url"].startswith("https://web.archive.org/web/20091127")
    assert sources[0]["original_url"] == "http://www.bellacor.com/privacypolicy.htm"


@pytest.mark.parametrize(
    ("asked", "in_force"),
    [
        ("2009-11-27", "2009-11-27"),
        ("2012-10-22", "2009-11-27"),
        ("2012-10-23", "2012-10-23"),
        ("2026-01-01", "2012-10-23"),
    ],
)
def test_the_policy_of_a_day_is_the_one_in_force(
    client: TestClient, bot: Chatbot, asked: str, in_force: str
) -> None:
    policy = client.get(f"/api/v1/policies/bellacor.com/{asked}").json()
    assert policy["date"] == in_force
    assert policy["text"] == bot.policy("bellacor.com", date.fromisoformat(in_force)).text
    keys = {"company", "name", "title", "date", "archived_url", "original_url", "text"}
    assert set(policy) == keys


def test_before_the_first_policy_there_is_none(client: TestClient, bot: Chatbot) -> None:
    for company in bot.policies():
        day = company.days[0] - timedelta(days=1)
        response = client.get(f"/api/v1/policies/{company.company}/{day}")
        assert assert_error(response, 404) == "unknown_policy"


@pytest.mark.parametrize(
    "company", [MARKER, f"{MARKER}.com", "%00", "%ff", "%ED%A0%80", "x" * 5000]
)
@pytest.mark.parametrize("path", ["/api/v1/policies/{}", "/api/v1/policies/{}/2018-01-19"])
def test_an_unknown_company_has_no_policy(client: TestClient, path: str, company: str) -> None:
    assert assert_error(client.get(path.format(company)), 404) == "unknown_policy"


@pytest.mark.parametrize("day", [MARKER, "2018-02-30", "2018-1-9", "0000-01-01", "1516320000"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/policies/lumens.com/{}",
        "/api/v1/diff/lumens.com?from={}",
        "/api/v1/diff/lumens.com?to={}",
    ],
)
def test_a_malformed_day_is_422(client: TestClient, path: str, day: str) -> None:
    response = client.get(path.format(day))
    assert assert_error(response, 422) == "invalid"
    assert "YYYY-MM-DD" in response.json()["error"]["message"]


def test_a_comparison_is_what_the_bot_compares(client: TestClient, bot: Chatbot) -> None:
    query = {"from": "2010-01-01", "to": "2013-01-01", "topic": "cookies"}
    answer = client.get("/api/v1/diff/bellacor.com", params=query).json()
    expected = bot.compare("bellacor.com", date(2010, 1, 1), date(2013, 1, 1), topic="cookies")
    assert set(answer) == ANSWER_KEYS
    assert answer["answer"] == expected.answer
    assert len(answer["comparison"]) == len(expected.comparison)


def test_without_days_the_oldest_and_newest_are_compared(client: TestClient) -> None:
    answer = client.get("/api/v1/diff/bellacor.com").json()
    assert {snapshot["date"] for snapshot in answer["snapshots"]} == {"2009-11-27", "2012-10-23"}
    assert answer["comparison"]
    assert all(set(pair) == {"kind", "before", "after"} for pair in answer["comparison"])


@pytest.mark.parametrize("topic", ["x" * 1001, f"{MARKER}%00"])
def test_a_topic_too_long_or_with_nul_is_refused(client: TestClient, topic: str) -> None:
    assert_error(client.get(f"/api/v1/diff/lumens.com?topic={topic}"), 422)


def test_a_comparison_of_an_unknown_company_is_404(client: TestClient) -> None:
    response = client.get(f"/api/v1/diff/{MARKER}.com")
    assert assert_error(response, 404) == "unknown_policy"


# Paths, methods, origins, hosts and headers


@pytest.fixture(scope="module")
def client_with_page(bot: Chatbot) -> TestClient:
    """Mount something at "/" that answers everything, as the page does."""
    app = create_app(bot)
    app.mount("/", PlainTextResponse("page"))
    return TestClient(app)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "ODD"])
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", f"/api/v2/{MARKER}", "/api/v1/ask/"])
def test_an_unknown_path_under_api_is_ours_even_with_a_page_at_the_root(
    client_with_page: TestClient, method: str, path: str
) -> None:
    assert assert_error(client_with_page.request(method, path), 404) == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/ask", "POST"),
        ("ODD", "/api/v1/ask", "POST"),
        ("POST", "/api/v1/policies", "GET"),
        ("DELETE", "/api/v1/policies/lumens.com", "GET"),
        ("PUT", "/api/v1/policies/lumens.com/2018-01-19", "GET"),
        ("OPTIONS", "/api/v1/diff/lumens.com", "GET"),
    ],
)
def test_a_wrong_method_under_api_is_405_and_says_which_is_right(
    client_with_page: TestClient, method: str, path: str, allowed: str
) -> None:
    response = client_with_page.request(method, path)
    assert assert_error(response, 405) == "method_not_allowed"
    assert allowed in response.headers["allow"].split(", ")


def test_paths_outside_api_are_left_to_the_page(client_with_page: TestClient) -> None:
    assert client_with_page.get("/").text == "page"
    assert client_with_page.get("/apiary").text == "page"


ORIGIN = "https://shop.example"


def preflight(client: TestClient, origin: str = ORIGIN, method: str = "POST") -> "Response":
    headers = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "content-type",
    }
    return client.options("/api/v1/ask", headers=headers)


def test_no_site_may_call_unless_it_is_listed(client: TestClient) -> None:
    assert_error(preflight(client), 400)
    answers = [
        preflight(client),
        client.post("/api/v1/ask", json={"question": QUESTION}, headers={"origin": ORIGIN}),
        client.get("/api/v1/policies", headers={"origin": "null"}),
    ]
    for response in answers:
        assert "access-control-allow-origin" not in response.headers
        assert "access-control-allow-credentials" not in response.headers


def test_a_listed_site_may_call_and_no_other(bot: Chatbot) -> None:
    client = TestClient(create_app(bot, allow_origins=[ORIGIN]))
    asked = client.post("/api/v1/ask", json={"question": QUESTION}, headers={"origin": ORIGIN})
    refused = post(client, b"", "application/json")
    for response in (preflight(client), asked):
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert "access-control-allow-credentials" not in response.headers
    assert_error(preflight(client, method="DELETE"), 400)
    assert_error(refused, 422)
    other = preflight(client, origin="https://shop.example.evil.example")
    assert_error(other, 400)
    assert "access-control-allow-origin" not in other.headers


def test_a_listed_site_can_read_why_its_request_was_refused(bot: Chatbot) -> None:
    client = TestClient(create_app(bot, allow_origins=[ORIGIN]))
    for size in (2, MAX_BODY + 1, 3_000_000):
        response = client.post("/api/v1/ask", content=b"{}".ljust(size), headers={"origin": ORIGIN})
        assert_error(response, 413, 422)
        assert response.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1:7860", "[::1]:7860", "LOCALHOST"])
def test_local_host_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", [f"{MARKER}.example", "localhost.evil.example", "", "[", "a@b"])
def test_another_host_name_is_refused(client: TestClient, host: str) -> None:
    assert_error(client.get("/api/v1/policies", headers={"host": host}), 400)


def test_a_host_name_that_the_owner_gives_is_answered_beside_the_local_ones(bot: Chatbot) -> None:
    client = TestClient(create_app(bot, allow_hosts=["www.policies.example"]))
    for host in ("www.policies.example", "www.policies.example:443", "localhost"):
        assert client.get("/healthz", headers={"host": host}).status_code == 200
    assert_error(client.get("/healthz", headers={"host": "policies.example"}), 400)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/policies", 200),
        ("/api/v1/nothing", 404),
        ("/api/v1/ask", 405),
        ("/api/v1/policies/lumens.com/x", 422),
        ("/docs", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/", 200),
    ],
)
def test_every_response_carries_the_safe_headers(
    client_with_page: TestClient, path: str, status: int
) -> None:
    response = client_with_page.get(path)
    assert response.status_code == status
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert (response.headers.get("cache-control") == "no-store") == path.startswith("/api")


def test_refusals_by_host_and_size_carry_the_safe_headers_too(client: TestClient) -> None:
    by_host = client.get("/docs", headers={"host": "other.example"})
    by_size = post(client, b" " * 3_000_000)
    for response in (by_host, by_size):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"


def test_the_server_says_that_it_is_alive_and_which_index_is_ready(
    client: TestClient, bot: Chatbot
) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready", "generation": bot.generation}


# Documentation


def test_the_documentation_is_one_page_without_scripts_or_anything_from_elsewhere(
    client: TestClient,
) -> None:
    response = client.get("/docs")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.content == DOCUMENTATION.read_bytes()
    assert "<script" not in response.text.lower()
    assert not re.search(r"\son\w+\s*=|@import|url\(", response.text)
    links = re.findall(r'(?:src|href)\s*=\s*"([^"]*)"', response.text)
    assert links
    assert all(re.match(r"/(?!/)|data:,$", link) for link in links)
    hosts = set(re.findall(r"https?://([^/\s]*)", response.text))
    assert hosts == {"127.0.0.1:7860"}


def test_every_path_is_documented_for_people_and_programs(client: TestClient) -> None:
    description = client.get("/api/v1/openapi.json").json()
    page = client.get("/docs").text
    assert len(description["paths"]) == 7
    for path, methods in description["paths"].items():
        for method in methods:
            assert f"<code>{method.upper()} {path}</code>" in page
    assert "HTTPValidationError" not in description["components"]["schemas"]
    assert set(description["components"]["schemas"]["Answer"]["properties"]) == ANSWER_KEYS
    for key in ANSWER_KEYS | set(description["components"]["schemas"]["AskRequest"]["properties"]):
        assert f"<code>{key}</code>" in page


def test_every_example_of_the_documentation_works(client: TestClient) -> None:
    page = client.get("/docs").text.replace("&amp;", "&")
    examples = re.findall(r"<pre><code>(curl .*?)</code></pre>", page, re.DOTALL)
    assert len(examples) >= 7
    for example in examples:
        path = re.search(r"http://127\.0\.0\.1:7860(/[^\s']*)", example)
        body = re.search(r"-d '(.*)'", example, re.DOTALL)
        assert path
        response = client.post(path[1], json=json.loads(body[1])) if body else client.get(path[1])
        assert response.status_code == 200, example


def test_the_pages_of_documentation_that_load_from_elsewhere_are_off(
    client: TestClient,
) -> None:
    for path in ("/redoc", "/openapi.json"):
        assert client.get(path).status_code == 404
