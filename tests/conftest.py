"""A real store built once from the real seeds, and the bot over it."""

from datetime import date
from pathlib import Path

import pytest

from chatbot.bot import Chatbot
from index.build import build_index
from index.sources import Source

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
TODAY = date(2026, 11, 21)  # ages in answers are counted from a day that does not move


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the five seeds; tests that change it work on a copy."""
    folder = tmp_path_factory.mktemp("store")
    build_index(folder, [Source(SEEDS)])
    return folder


@pytest.fixture(scope="session")
def bot(store: Path) -> Chatbot:
    return Chatbot.open(store, today=lambda: TODAY)
