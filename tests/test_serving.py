"""The server as a process of its own: installed without the workshop, slow clients, no traces."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MARKER = "quokka5180"  # no file and no log may hold it
QUESTION = f"does lumens sell my {MARKER} data?"


@contextmanager
def server(
    store: Path, *options: str, python: str = sys.executable, cwd: Path = ROOT, **variables: str
) -> Iterator[tuple[http.client.HTTPConnection, "subprocess.Popen[str]"]]:
    """Serve ``store`` on a free port; yields a connection and the process, ended afterwards."""
    command = [python, "-m", "chatbot", "serve", "--store", str(store), "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert "://" in line, process.stderr.read() if process.stderr else ""
            address = line.split("://")[1].split()[0]
            with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
                yield connection, process
        finally:
            process.kill()


def ask(connection: http.client.HTTPConnection, question: str, **headers: str) -> tuple[int, str]:
    body = json.dumps({"question": question})
    connection.request("POST", "/api/v1/ask", body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    return response.status, response.read().decode()


def test_a_fresh_installation_for_serving_answers_without_torch(
    store: Path, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "-r", ROOT / "requirements-api.txt"], check=True, timeout=600)
    for folder in ("chatbot", "index"):
        shutil.copytree(ROOT / folder, tmp_path / "program" / folder)
    copied = tmp_path / "store"
    shutil.copytree(store, copied, ignore=shutil.ignore_patterns("embeddings"))
    program = {"PYTHONPATH": str(tmp_path / "program")}
    cwd = tmp_path
    with server(copied, "--no-page", python=python, cwd=cwd, **program) as (connection, _):
        status, answer = ask(connection, "how do I opt out of Lumens emails?")
        assert status == 200
        assert json.loads(answer)["behaviour"] == "answer"
        connection.request("GET", "/")
        assert connection.getresponse().status == 404
    environment = {**os.environ, **program}

    def run(*command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [python, *command], cwd=cwd, env=environment, capture_output=True, text=True
        )

    missing = "import importlib.util as u; print([n for n in ('torch', 'sentence_transformers',"
    assert run("-c", f"{missing} 'gradio') if u.find_spec(n)])").stdout == "[]\n"
    with_page = run("-m", "chatbot", "serve", "--store", str(copied), "--port", "0")
    assert (with_page.returncode, "--no-page" in with_page.stderr) == (1, True)
    build = run("-m", "chatbot", "index", str(ROOT / "seeds"), "--store", str(tmp_path / "new"))
    assert build.returncode == 1
    assert "is not installed" in build.stderr
    assert "Traceback" not in build.stderr


def test_the_serving_requirements_name_what_the_project_installs_but_the_workshop() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8").split("dependencies = [")[1]
    whole = {line.strip(' ",').split(">")[0] for line in project.split("]")[0].splitlines()}
    files = ("requirements-api.txt", "requirements-serve.txt")
    lines = [line for name in files for line in (ROOT / name).read_text("utf-8").splitlines()]
    served = {line.split(">")[0] for line in lines if line and line[0] not in "#-"}
    assert served < whole
    assert not served & {"torch", "sentence-transformers", "onnx", "langchain-text-splitters"}


def test_a_question_through_every_door_is_in_no_log_and_no_file(
    store: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "store"
    shutil.copytree(store, copied)
    homes = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "GRADIO_TEMP_DIR": str(tmp_path)}
    with server(copied, cwd=tmp_path, **homes) as (connection, process):
        assert ask(connection, QUESTION)[0] == 200
        assert ask(connection, QUESTION, Accept="text/event-stream")[0] == 200
        assert ask(connection, MARKER * 200)[0] == 422
        assert ask(connection, MARKER * 9000)[0] == 413
        connection.close()
        assert ask(connection, MARKER, Host=f"{MARKER}.example")[0] == 400
        for path in (f"/api/v1/diff/lumens.com?topic={MARKER}", f"/api/{MARKER}", f"/?q={MARKER}"):
            connection.request("GET", path)
            connection.getresponse().read()
        connection.request("GET", "/config")
        assert connection.getresponse().read() is not None
        data = {"data": [QUESTION, "", "", None], "fn_index": 0, "session_hash": "abc"}
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/gradio_api/queue/join", json.dumps(data), headers)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        response.read()
        connection.request("GET", "/gradio_api/queue/data?session_hash=abc")
        response = connection.getresponse()
        lines = iter(response.readline, b"")
        assert any(b"process_completed" in line for line in lines)
        connection.close()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    asked = subprocess.run(
        [sys.executable, "-m", "chatbot", "ask", QUESTION, "--store", str(copied)],
        cwd=tmp_path,
        env={**os.environ, **homes, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert asked.returncode == 0
    assert MARKER not in out + err + asked.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if MARKER.encode() in path.read_bytes()] == []


def open_socket(connection: http.client.HTTPConnection, sent: bytes) -> socket.socket:
    client = socket.create_connection((connection.host, connection.port), timeout=60)
    client.sendall(sent)
    return client


HEAD = b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def test_slow_clients_are_ended_and_keep_nobody_waiting(store: Path) -> None:
    with server(store, "--no-page", "--rate", "off") as (connection, _):
        half_heads = [open_socket(connection, b"POST /api/v1/a") for _ in range(100)]
        half_bodies = [
            open_socket(connection, HEAD + b"Content-Length: 99\r\n\r\n{") for _ in range(100)
        ]
        assert ask(connection, "does lumens sell my data?")[0] == 200
        assert {client.recv(100) for client in half_heads} == {b""}
        assert {client.recv(12) for client in half_bodies} == {b"HTTP/1.1 408"}
        for client in (*half_heads, *half_bodies):
            client.close()


def test_clients_that_leave_free_their_places(store: Path) -> None:
    body = json.dumps({"question": "does lumens sell my data?"}).encode()
    whole = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with server(store, "--no-page", "--rate", "off") as (connection, _):
        for _ in range(200):  # more than can be at work and wait together
            open_socket(connection, whole).close()
        statuses = [ask(connection, "does lumens sell my data?")[0] for _ in range(3)]
        assert statuses[-1] == 200


@pytest.mark.skipif(os.name != "posix", reason="only POSIX has SIGTERM")
def test_a_signal_lets_answers_be_finished_and_ends_endless_streams(store: Path) -> None:
    with server(store) as (connection, process):
        heartbeat = open_socket(
            connection, b"GET /gradio_api/heartbeat/abc HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        assert heartbeat.recv(12) == b"HTTP/1.1 200"
        body = json.dumps({"question": "does lumens sell my data?"}).encode()
        asked = open_socket(connection, HEAD + b"Content-Length: %d\r\n\r\n{" % len(body))
        assert ask(connection, "does lumens sell my data?")[0] == 200  # the head is there too
        process.send_signal(signal.SIGTERM)
        asked.sendall(body[1:])
        assert asked.recv(12) == b"HTTP/1.1 200"
        asked.close()
        heartbeat.close()
        _, err = process.communicate(timeout=30)
        assert process.returncode == -signal.SIGTERM
        assert "Cancel" not in err
