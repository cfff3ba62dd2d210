"""What a page that is opened now begins with, whatever was indexed when the server started."""

import asyncio
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from limits import parse_many
from starlette.testclient import TestClient

from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.page import mount_page
from index.build import build_index
from index.sources import Source

ROOT = Path(__file__).parents[2]
LUMENS = ROOT / "seeds" / "lumens.com_2018-01-19.txt"
ASKED = {"question": "does Lumens use cookies?"}


@pytest.fixture
def copied(store: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "store"
    shutil.copytree(store, copy, ignore=shutil.ignore_patterns("encoders"))
    (copy / "encoders").symlink_to(store / "encoders")
    return copy


@pytest.fixture
def client(copied: Path) -> Iterator[TestClient]:
    """A page of whose questions each reader may ask one an hour, and all together two a day."""
    bot = Chatbot.open(copied)

    async def mounted() -> FastAPI:  # where a loop runs, or Gradio leaves loops unclosed
        return mount_page(create_app(bot, rates=parse_many("1/hour"), daily_cap=2))

    with TestClient(asyncio.run(mounted())) as client:
        yield client


def components(client: TestClient) -> list[dict[str, Any]]:
    page = client.get("/").text
    found = re.search(r"window\.gradio_config = (.*?);</script>", page, re.DOTALL)
    assert found
    listed: list[dict[str, Any]] = json.loads(found[1])["components"]
    return listed


def companies(client: TestClient) -> list[list[str]]:
    """The names in each list of companies on a page that is opened now."""
    labels = ("Company", "Whose policy", "Whose policies")
    lists = [one["props"] for one in components(client) if one["props"].get("label") in labels]
    assert len(lists) == len(labels)
    return [[name for name, company in one["choices"] if company] for one in lists]


def examples(client: TestClient) -> list[str]:
    buttons = [one["props"] for one in components(client) if one["type"] == "button"]
    texts = [one["value"] for one in buttons if one["visible"] and one["value"]]
    return [text for text in texts if str(text).endswith("?")]


def test_a_page_opened_after_the_index_was_replaced_knows_the_new_companies(
    client: TestClient, copied: Path, tmp_path: Path
) -> None:
    before = ["Bellacor", "Betsey Johnson", "Helzberg Diamonds", "Lumens"]
    assert companies(client) == [before] * 3
    more = tmp_path / "more"
    more.mkdir()
    text = LUMENS.read_text("utf-8").replace("lumens.com", "zebralight.example")
    (more / "a.txt").write_text(text.replace("Lumens", "Zebralight"), "utf-8")
    build_index(copied, [Source(more)])
    app: Any = client.app
    app.state.bot = app.state.bot.reopened(copied)
    after = companies(client)
    assert after == [after[0]] * 3
    assert len(after[0]) == 5
    assert any("ebralight" in name for name in after[0])
    assert any("ebralight" in question for question in examples(client))


def test_a_company_that_is_gone_is_no_longer_offered(
    client: TestClient, copied: Path, tmp_path: Path
) -> None:
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    shutil.copy(LUMENS, fewer)
    other = tmp_path / "other"
    other.mkdir()
    (other / "encoders").symlink_to(copied / "encoders")
    build_index(other, [Source(fewer)])
    app: Any = client.app
    app.state.bot = app.state.bot.reopened(other)
    assert companies(client) == [["Lumens"]] * 3
    assert examples(client)
    assert all("Lumens" in question for question in examples(client))


def test_opening_the_page_counts_for_no_limit(client: TestClient) -> None:
    for _ in range(5):
        assert client.get("/").status_code == 200
    assert client.post("/api/v1/ask", json=ASKED).status_code == 200
    assert client.post("/api/v1/ask", json=ASKED).status_code == 429
