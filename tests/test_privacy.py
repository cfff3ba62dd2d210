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

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"


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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows collects it, and leaves no file")
@pytest.mark.parametrize("ours", [True, False], ids=["by us", "by anybody else"])
def test_loading_the_model_leaves_no_number_by_which_the_machine_is_known(
    store: Path, tmp_path: Path, ours: bool
) -> None:
    """ONNX Runtime reports to its maker from native code, which no guard of Python's sockets sees.

    It leaves that number, and what it could not send yet, in the home of whoever loads a model.
    """
    (model,) = (store / "encoders").rglob("model.onnx")
    home = tmp_path / "home"
    home.mkdir()
    told_not_to = ("ORT_", "XDG_", "CI", "GITHUB_", "TF_BUILD")  # by these it sends nothing either
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(told_not_to)}
    program = "import sys, onnxruntime\n"
    if ours:
        program = "import sys\nfrom index.encode import onnxruntime\n"
    program += "onnxruntime.InferenceSession(sys.argv[1], providers=['CPUExecutionProvider'])\n"
    subprocess.run(
        [sys.executable, "-c", program, model],
        cwd=ROOT,
        env={**inherited, "HOME": str(home)},
        check=True,
    )
    left = [path.name for path in home.rglob("*") if path.is_file()]
    assert (left == []) == ours
