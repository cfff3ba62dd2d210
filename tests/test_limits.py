"""What is too often, too much at once or too slow is refused with one clear message."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatbot import limits
from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.limits import LimitError, Limits, check_host, check_origin, client_of, parse_rates

ASK = {"question": "how do I opt out of Lumens emails?"}
ORIGIN = "https://shop.example"


def test_a_client_over_its_rate_is_told_when_to_come_back(bot: Chatbot) -> None:
    app = create_app(bot, allow_origins=[ORIGIN], rates=parse_rates("3/minute"))
    client = TestClient(app, client=("192.0.2.1", 1))
    assert [client.get("/api/v1/policies").status_code for _ in range(3)] == [200] * 3
    refused = client.post("/api/v1/ask", json=ASK, headers={"origin": ORIGIN})
    assert refused.status_code == 429
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 60
    assert refused.json()["error"]["code"] == "too_many_requests"
    assert f"try again in {wait} second" in refused.json()["error"]["message"]
    # The site's own script can read why and when.
    assert refused.headers["access-control-allow-origin"] == ORIGIN
    assert refused.headers["access-control-expose-headers"] == "Retry-After"
    assert client.get("/healthz").status_code == 200
    other = TestClient(app, client=("192.0.2.2", 1))
    assert other.get("/api/v1/policies").status_code == 200


def test_the_daily_cap_counts_the_questions_of_all_and_nothing_else(bot: Chatbot) -> None:
    app = create_app(bot, daily_cap=2)
    for number in range(3):
        client = TestClient(app, client=(f"192.0.2.{number}", 1))
        assert client.get("/api/v1/policies").status_code == 200
        response = client.post("/api/v1/ask", json=ASK)
        assert response.status_code == (200 if number < 2 else 429)
    assert response.json()["error"]["code"] == "daily_cap"
    assert "try again in 24 hours" in response.json()["error"]["message"]
    assert 86_000 < int(response.headers["retry-after"]) <= 86_400


def test_questions_on_the_page_count_and_are_refused_where_gradio_shows_it(bot: Chatbot) -> None:
    client = TestClient(create_app(bot, rates=parse_rates("1/minute")))
    assert client.post("/gradio_api/queue/join", json={}).status_code == 404  # no page here
    refused = client.post("/gradio_api/queue/join", json={})
    assert refused.status_code == 429
    assert refused.json()["detail"].startswith("Too many questions at once; try again in ")


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_whose_share_counts(host: str, client: str) -> None:
    assert client_of({"client": (host, 1)}) == client


@pytest.mark.parametrize(("text", "number"), [("off", 0), ("60/minute", 1), ("5/second;9/day", 2)])
def test_rates_that_are_understood(text: str, number: int) -> None:
    assert len(parse_rates(text)) == number


@pytest.mark.parametrize("text", ["", "60", "0/minute", "many", "-1/minute", "5/fortnight"])
def test_a_rate_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(LimitError, match="60/minute"):
        parse_rates(text)


@pytest.mark.parametrize("text", ["shop.example", "https://shop.example/", "*", "https://*.a.b"])
def test_a_site_that_browsers_would_name_otherwise_is_refused(text: str) -> None:
    assert check_origin("https://Shop.example:8443") == "https://shop.example:8443"
    with pytest.raises(LimitError, match=r"https://shop\.example"):
        check_origin(text)


@pytest.mark.parametrize("text", ["https://a.example", "a.example:80", "*", "a b"])
def test_a_host_that_is_none_is_refused(text: str) -> None:
    assert check_host("*.A.example") == "*.a.example"
    with pytest.raises(LimitError, match="host name"):
        check_host(text)


# One request after the other, with a clock of our own making


class Request:
    """One request to ``app``, whose client sends and leaves when told to."""

    def __init__(self, app: ASGIApp, path: str = "/api/v1/ask", body: bytes | None = b"{}") -> None:
        """Send the request, its body as well unless that is None."""
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        if body is not None:
            self._messages.put_nowait({"type": "http.request", "body": body, "more_body": False})
        scope = {"type": "http", "method": "POST", "path": path, "headers": [], "client": None}
        self.task = asyncio.ensure_future(app(scope, self._messages.get, self._send))

    def leave(self) -> None:
        """End the connection."""
        self._messages.put_nowait({"type": "http.disconnect"})

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = dict(message["headers"])


class Working:
    """An application that answers when it is let."""

    def __init__(self) -> None:
        """Hold every answer back."""
        self.let = asyncio.Event()
        self.begun = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer once it is let."""
        self.begun += 1
        await self.let.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def settled() -> None:
    """Let every task go as far as it can."""
    for _ in range(20):
        await asyncio.sleep(0)


def in_a_loop(test: Callable[[Working, Limits], Any]) -> None:
    async def run() -> None:
        working = Working()
        await test(working, Limits(working))

    asyncio.run(run())


def test_a_full_queue_is_refused_at_once_and_the_rest_are_answered() -> None:
    async def check(working: Working, app: Limits) -> None:
        taken = [Request(app) for _ in range(limits.AT_ONCE + limits.WAITING)]
        await settled()
        assert working.begun == limits.AT_ONCE
        refused = Request(app)
        await refused.task
        assert refused.status == 503
        assert int(refused.headers[b"retry-after"]) >= 1
        working.let.set()
        await asyncio.gather(*(request.task for request in taken))
        assert {request.status for request in taken} == {200}

    in_a_loop(check)


def test_whoever_leaves_the_queue_makes_room_in_it() -> None:
    async def check(working: Working, app: Limits) -> None:
        taken = [Request(app) for _ in range(limits.AT_ONCE + limits.WAITING)]
        await settled()
        taken[-1].leave()
        await taken[-1].task
        late = Request(app)
        await settled()
        working.let.set()
        await late.task
        assert late.status == 200
        assert working.begun == limits.AT_ONCE + limits.WAITING  # the one who left was not served

    in_a_loop(check)


def test_a_slow_body_holds_no_turn_and_ends_in_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.05)

    async def check(working: Working, app: Limits) -> None:
        working.let.set()
        slow = [Request(app, body=None) for _ in range(limits.AT_ONCE + limits.WAITING + 1)]
        await settled()
        quick = Request(app)
        await quick.task
        assert quick.status == 200
        await asyncio.gather(*(request.task for request in slow))
        assert {request.status for request in slow} == {408}
        assert slow[0].headers[b"connection"] == b"close"

    in_a_loop(check)


def test_waiting_for_a_turn_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WAIT_SECONDS", 0.05)

    async def check(working: Working, app: Limits) -> None:
        taken = [Request(app) for _ in range(limits.AT_ONCE)]
        await settled()
        late = Request(app)
        await late.task
        assert late.status == 503
        working.let.set()
        await asyncio.gather(*(request.task for request in taken))
        again = Request(app)  # the turn that came too late was handed on
        await again.task
        assert again.status == 200

    in_a_loop(check)
