"""How long answers take and how much memory the server holds, on the seeds.

    python benchmarks/latency.py

builds a store in a temporary folder, then measures whole processes and real HTTP: the first answer
of `policychat ask` (wall time, 5 runs), and 500 warm `POST /api/v1/ask` by one client.
"""

import http.client
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine

from index.build import build_index
from index.sources import Source

ROOT = Path(__file__).parent.parent
QUESTION = "how do I opt out of Lumens emails?"
REQUESTS = 500


def main() -> None:
    questions = [
        json.loads(line)["question"]
        for line in (ROOT / "seeds" / "questions.jsonl").read_text("utf-8").splitlines()
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        build_index(store, [Source(ROOT / "seeds")])
        firsts = sorted(first_answer(store) for _ in range(5))
        ready, times, memory = served(store, questions)
    times.sort()
    print(machine())
    print(f"policychat ask, first answer    {firsts[2]:6.2f} s    median of 5 processes")
    print(f"server, start to ready          {ready:6.2f} s")
    print(
        f"POST /api/v1/ask, warm, p50     {times[len(times) // 2] * 1000:6.1f} ms   n {len(times)}"
    )
    print(f"POST /api/v1/ask, warm, p95     {times[len(times) * 95 // 100] * 1000:6.1f} ms")
    print(f"server memory (resident)        {memory:6.0f} MB")


def first_answer(store: Path) -> float:
    """Seconds of one `policychat ask`, process start included."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "chatbot", "ask", QUESTION, "--store", str(store)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def served(store: Path, questions: list[str]) -> tuple[float, list[float], float]:
    """Seconds until ready, seconds of every warm request, resident megabytes at the end."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "chatbot", "serve", "--rate", "off"]
    command += ["--store", str(store), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            started = server.stdout.readline() if server.stdout else ""
            address = next(word for word in started.split() if "://" in word)
            connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
            connection.request("GET", "/readyz")
            connection.getresponse().read()
            ready = time.perf_counter() - start
            for question in questions:  # warm: every question once
                ask(connection, question)
            times = [ask(connection, questions[i % len(questions)]) for i in range(REQUESTS)]
            status = Path(f"/proc/{server.pid}/status").read_text("utf-8")
        finally:
            server.terminate()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return ready, times, int(resident.split()[1]) / 1024


def ask(connection: http.client.HTTPConnection, question: str) -> float:
    """Seconds of one request, its whole answer read."""
    body = json.dumps({"question": question})
    start = time.perf_counter()
    connection.request("POST", "/api/v1/ask", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"status {response.status}")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
