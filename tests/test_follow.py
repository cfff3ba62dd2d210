"""A server answers from the generation that is current, without a question lost or mixed."""

import logging
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from starlette.testclient import TestClient

from chatbot import follow
from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.follow import following
from index.build import build_index
from index.sources import Source
from index.store import CURRENT, current_generation

ROOT = Path(__file__).parent.parent
HELZBERG = ROOT / "seeds" / "helzberg.com_2011-10-07.txt"
PATIENCE = 60  # seconds until a test gives up waiting for a swap


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "LOOKS_EVERY", 0.02)


@pytest.fixture
def copied(store: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "store"
    shutil.copytree(store, copy, ignore=shutil.ignore_patterns("encoders"))
    (copy / "encoders").symlink_to(store / "encoders")
    return copy


@pytest.fixture
def more(tmp_path: Path) -> Source:
    """A source with a policy of a day that the seeds do not hold."""
    folder = tmp_path / "more"
    folder.mkdir()
    text = HELZBERG.read_text("utf-8").replace("2011-10-07", "2012-10-07")
    (folder / "a.txt").write_text(text, "utf-8")
    return Source(folder)


def wait_until(true: Callable[[], bool]) -> None:
    tick = Event()
    for _ in range(PATIENCE * 50):
        if true():
            return
        tick.wait(0.02)
    pytest.fail("nothing happened")


def test_a_new_generation_takes_over_while_questions_are_answered(
    copied: Path, more: Source
) -> None:
    app = create_app(Chatbot.open(copied))
    old = weakref.ref(app.state.bot)
    before = app.state.bot.generation
    generations: list[tuple[str, str]] = []
    enough = Event()
    with TestClient(app) as client, following(copied, app):

        def ask() -> None:
            while not enough.is_set():
                reply = client.post("/api/v1/ask", json={"question": "does Helzberg use cookies?"})
                answer = reply.json()
                generations.append((answer["generation"], answer["snapshots"][0]["date"]))

        asking = Thread(target=ask)
        asking.start()
        wait_until(lambda: len(generations) > 3)
        after = build_index(copied, [more]).generation
        wait_until(lambda: generations[-1][0] == after)
        enough.set()
        asking.join()
        ready = client.get("/readyz").json()
    assert ready == {"status": "ready", "generation": after}
    assert set(generations) == {(before, "2011-10-07"), (after, "2012-10-07")}
    assert generations == sorted(generations, key=lambda pair: pair[0] == after)
    wait_until(lambda: old() is None)  # its memory is given back


def test_a_damaged_generation_never_answers_and_is_named_once(
    copied: Path, more: Source, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(Chatbot.open(copied))
    before = app.state.bot.generation
    after = build_index(copied, [more]).generation
    vectors = current_generation(copied) / "vectors.npy"
    whole = vectors.read_bytes()
    vectors.write_bytes(whole[:-1])
    with caplog.at_level(logging.WARNING), following(copied, app):
        wait_until(lambda: "goes on answering from" in caplog.text)
        assert app.state.bot.generation == before
        assert "vectors.npy is damaged" in caplog.text
        build_index(copied, [more])  # repairs it, and publishes it again
        wait_until(lambda: app.state.bot.generation == after)
    assert caplog.text.count("is damaged") == 1


@pytest.mark.parametrize("content", [b"", b"\xff\x00garbage", b'{"generation": "../.."}'])
def test_a_current_of_garbage_is_named_and_the_server_goes_on(
    copied: Path, more: Source, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    app = create_app(Chatbot.open(copied))
    before = app.state.bot.generation
    with caplog.at_level(logging.WARNING), following(copied, app), TestClient(app) as client:
        (copied / CURRENT).write_bytes(content)
        wait_until(lambda: "CURRENT is damaged" in caplog.text)
        reply = client.post("/api/v1/ask", json={"question": "does Lumens use cookies?"})
        assert reply.json()["generation"] == before
        after = build_index(copied, [more]).generation  # repairs it
        wait_until(lambda: app.state.bot.generation == after)


def test_two_servers_follow_one_store_and_outlive_the_generation_that_they_serve(
    copied: Path, more: Source
) -> None:
    apps = [create_app(Chatbot.open(copied)) for _ in range(2)]
    with following(copied, apps[0]), following(copied, apps[1]):
        after = build_index(copied, [more]).generation
        wait_until(lambda: {app.state.bot.generation for app in apps} == {after})
        shutil.rmtree(copied / after)
        for app in apps:
            with TestClient(app) as client:
                reply = client.post("/api/v1/ask", json={"question": "does Helzberg use cookies?"})
                assert reply.json()["snapshots"][0]["date"] == "2012-10-07"


def test_a_store_that_is_gone_leaves_the_server_answering(copied: Path) -> None:
    app = create_app(Chatbot.open(copied))
    shutil.rmtree(copied)
    assert follow._swap(copied, app, "").startswith("there is no index")
    with TestClient(app) as client:
        assert client.post("/api/v1/ask", json={"question": "does Lumens use cookies?"}).is_success
