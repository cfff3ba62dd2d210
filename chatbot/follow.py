"""A server that follows its index: a new generation is opened beside the old, then takes over."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from fastapi import FastAPI

from chatbot.bot import Chatbot
from index.errors import UserError
from index.store import CURRENT, current_generation

LOOKS_EVERY = 0.5  # seconds between two looks at CURRENT
TRIES_AGAIN = 30.0  # seconds until what could not be opened is tried again: verifying costs time
LOGGER = logging.getLogger(__name__)


@contextmanager
def following(store: Path, app: FastAPI) -> Iterator[None]:
    """Meanwhile, replace ``app.state.bot`` by a verified one over whatever becomes current.

    A question that took the old bot is answered by it to the end. What cannot be opened is logged
    once, and the old one goes on.
    """
    stopped = Event()
    watcher = Thread(target=_follow, args=(store, app, stopped), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stopped.set()
        watcher.join()


def _follow(store: Path, app: FastAPI, stopped: Event) -> None:
    seen: tuple[int, int] | None = None  # the first look makes sure that nothing came meanwhile
    said = ""
    waited = 0.0
    while not stopped.wait(LOOKS_EVERY):
        waited += LOOKS_EVERY
        found = _stamp(store)
        if found == seen and not (said and waited >= TRIES_AGAIN):
            continue
        seen, waited = found, 0.0
        said = _swap(store, app, said)


def _swap(store: Path, app: FastAPI, said: str) -> str:
    """Have the current generation answer; return what keeps it from that, "" for nothing."""
    old: Chatbot = app.state.bot  # the only other hold on it: once replaced, it is freed
    try:
        if current_generation(store).name == old.generation:
            return ""
        app.state.bot = old.reopened(store)
    except (UserError, OSError) as error:
        if str(error) != said:
            LOGGER.warning("goes on answering from %s: %s", old.generation, error)
        return str(error)
    LOGGER.warning("answers from %s now", app.state.bot.generation)
    return ""


def _stamp(store: Path) -> tuple[int, int] | None:
    """What tells one CURRENT from the next: each is a file of its own."""
    try:
        status = (store / CURRENT).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns
