"""Bodies that no client of good faith sends: never a 5xx, a long reply, or the input in it.

POLICYCHAT_FUZZ is the number of bodies, 300 by default.
"""

import json
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from chatbot.api import create_app
from chatbot.bot import Chatbot

BODIES = int(os.environ.get("POLICYCHAT_FUZZ", "300"))
MARKER = "wombat2946"  # stands in every body
KEYS = st.sampled_from(["question", "company", "as_of", "only_company", "history", "role"])
TEXTS = st.text(st.characters()).map(lambda text: f"{text}{MARKER}")  # lone surrogates too
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(KEYS | TEXTS, inner),
    max_leaves=12,
)
REQUESTS = st.dictionaries(KEYS, VALUES).map(lambda body: {**body, MARKER: MARKER})
TURNS = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant"]), "content": TEXTS | VALUES}
)
NEARLY = st.fixed_dictionaries(
    {"question": TEXTS | VALUES},
    optional={"company": TEXTS, "as_of": st.dates().map(str) | TEXTS, "history": st.lists(TURNS)},
)


def written(body: object) -> bytes:
    return json.dumps(body).encode()


def cut(body: bytes, at: int) -> bytes:
    return body[: at % (len(body) + 1)] + MARKER.encode()


JSON = (REQUESTS | NEARLY | VALUES).map(written)
BYTES = st.binary(max_size=2000).map(lambda body: body + MARKER.encode())
DEEP = st.builds(
    lambda mark, n: mark * n, st.sampled_from([b"[", b'{"a":', b"9"]), st.integers(0, 9000)
)
ANY = JSON | BYTES | DEEP | st.builds(cut, JSON, st.integers(0, 5000))
ACCEPT = st.sampled_from(["*/*", "text/event-stream"])


@pytest.fixture(scope="module")
def client(bot: Chatbot) -> Iterator[TestClient]:
    with TestClient(create_app(bot)) as client:
        yield client


@settings(max_examples=BODIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=ANY, accept=ACCEPT)
def test_no_body_makes_the_server_fail_talk_long_or_echo(
    client: TestClient, body: bytes, accept: str
) -> None:
    headers = {"content-type": "application/json", "accept": accept}
    response = client.post("/api/v1/ask", content=body, headers=headers)
    if response.status_code == 200:
        return  # a good question after all: its answer holds the question, as it must
    assert response.status_code in (400, 413, 422)
    assert len(response.content) < 4096
    assert MARKER not in response.text
