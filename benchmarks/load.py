"""Whether the server holds: 20 users for a minute, and its memory after 10,000 questions.

    python benchmarks/load.py [--users 20] [--seconds 60] [--pause 1 0] [--questions 10000]

builds a store in a temporary folder, serves it on this machine with the rate limit off, and has
locust (pip install -c constraints.txt '.[load]') play users who ask the seeds' questions, each
with a pause of up to twice --pause seconds; 0 asks on at once. locust has one of the cores at
times: what it takes is missing from the server. Nothing but loopback is used.
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import machine

ROOT = Path(__file__).parent.parent
QUESTIONS = [
    json.loads(line)["question"]
    for line in (ROOT / "seeds" / "questions.jsonl").read_text("utf-8").splitlines()
]

if os.environ.get("POLICYCHAT_LOAD_PAUSE"):  # as read by locust, whose import patches sockets
    from locust import FastHttpUser, task

    class Visitor(FastHttpUser):
        """Somebody who asks one question after the other."""

        def wait_time(self) -> float:
            """Seconds until the next question."""
            return random.uniform(0, 2 * float(os.environ["POLICYCHAT_LOAD_PAUSE"]))  # noqa: S311  # no secret

        @task
        def ask(self) -> None:
            """Ask one question of the seeds."""
            self.client.post("/api/v1/ask", json={"question": random.choice(QUESTIONS)})  # noqa: S311  # no secret


def main() -> None:
    parser = argparse.ArgumentParser(description="Load and memory.")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--pause", type=float, nargs="*", default=[1.0, 0.0])
    parser.add_argument("--questions", type=int, default=10_000)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "chatbot", "index", "seeds", "--store", folder],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for pause in options.pause:
            with served(folder) as (address, pid):
                played(address, pid, options.users, options.seconds, pause)
        if options.questions:
            with served(folder) as (address, pid):
                grown(address, pid, options.questions)


@contextmanager
def served(store: str) -> Iterator[tuple[str, int]]:
    """A server on a free port; yields its address and process id."""
    command = [
        sys.executable,
        "-m",
        "chatbot",
        "serve",
        "--store",
        store,
        "--port",
        "0",
        "--rate",
        "off",
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline() if server.stdout else ""
            yield next(word for word in line.split() if "://" in word), server.pid
        finally:
            server.terminate()


def played(address: str, pid: int, users: int, seconds: int, pause: float) -> None:
    """Print what ``users`` saw."""
    command = [
        sys.executable,
        "-m",
        "locust",
        "-f",
        __file__,
        "--headless",
        "--only-summary",
        "--json",
    ]
    load = ["--host", address, "-u", str(users), "-r", str(users), "-t", f"{seconds}s"]
    environment = {**os.environ, "POLICYCHAT_LOAD_PAUSE": str(pause)}
    others, _, _ = os.getloadavg()
    before = seconds_of_cores(pid)
    done = subprocess.run([*command, *load], env=environment, capture_output=True, text=True)
    spent = seconds_of_cores(pid) - before
    if not done.stdout:
        sys.exit(done.stderr.strip().splitlines()[-1])
    (seen,) = json.loads(done.stdout)
    times = sorted((float(ms), count) for ms, count in seen["response_times"].items())
    print(f"{users} users for {seconds} s, pause {pause:g} s on average")
    print(f"load average before that, all of it other programs' {others:.1f}")
    number, failures = seen["num_requests"], seen["num_failures"]
    print(f"requests {number:,}, errors {failures:,}, {number / seconds:.1f} a second")
    print(f"server, of a core {spent / number * 1000:6.1f} ms each")
    for share in (0.5, 0.95, 0.99):
        print(f"p{share * 100:<3g} {percentile(times, share):6.0f} ms")


def seconds_of_cores(pid: int) -> float:
    """Time that a process has had on all cores together."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(times: list[tuple[float, int]], share: float) -> float:
    """The time within which that share of the requests was answered."""
    left = share * sum(count for _, count in times)
    for time, count in times:
        left -= count
        if left <= 0:
            return time
    return times[-1][0]


def grown(address: str, pid: int, questions: int) -> None:
    """Print resident memory after a tenth of the questions and after all."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    resident = 0.0
    for number in range(1, questions + 1):
        body = json.dumps({"question": f"{QUESTIONS[number % len(QUESTIONS)]} {number}"})
        connection.request("POST", "/api/v1/ask", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            sys.exit(f"question {number}: status {response.status}")
        if number in (questions // 10, questions):
            status = Path(f"/proc/{pid}/status").read_text("utf-8")
            now = int(status.split("VmRSS:")[1].split()[0]) / 1024
            growth = f", {now / resident - 1:+.1%}" if resident else ""
            print(f"memory after {number:6,} questions {now:6.0f} MB{growth}")
            resident = now


if __name__ == "__main__":
    main()
