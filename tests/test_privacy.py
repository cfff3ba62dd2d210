"""Nothing leaves the machine: building and answering open no socket at all."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError, disable_socket, enable_socket

from chatbot.bot import Chatbot
from index.build import build_index
from index.encode import export_encoder
from index.sources import Source

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture
def no_network() -> Iterator[None]:
    disable_socket()
    yield
    enable_socket()


@pytest.mark.usefixtures("no_network")
def test_the_guard_of_these_tests_works() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()


@pytest.mark.usefixtures("no_network")
def test_exporting_the_encoder_opens_no_socket(tmp_path: Path) -> None:
    export_encoder(tmp_path)
    assert (tmp_path / "model.onnx").stat().st_size > 50_000_000


@pytest.mark.usefixtures("no_network")
def test_building_and_answering_open_no_socket(store: Path, tmp_path: Path) -> None:
    shutil.copytree(store / "encoders", tmp_path / "encoders")
    build_index(tmp_path, [Source(SEEDS)])
    answer = Chatbot.open(tmp_path).ask("how do I opt out of Lumens emails?")
    assert answer.behaviour == "answer"


def test_the_libraries_leave_nothing_in_the_home_folder(store: Path, tmp_path: Path) -> None:
    """ONNX Runtime would keep a number for this machine there, and tell its maker of each use."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    homes = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    program = "import sys; from chatbot.bot import Chatbot; Chatbot.open(sys.argv[1]).ask('who')"
    subprocess.run(
        [sys.executable, "-c", program, str(store)],
        env={**environment, **homes, "PYTHONPATH": str(SEEDS.parent)},
        check=True,
    )
    assert list(tmp_path.iterdir()) == []
