"""What a server over a large index needs: memory, and seconds from start to ready.

    python benchmarks/size.py [COMPANIES]

makes up an archive of 1,000 companies by default with thirteen versions each, 1 GB of text with
100,000 passages of real sentences, and imports it. The vectors are random: computing real ones
takes hours and changes neither memory nor time. Then a real server is started and asked.
"""

import http.client
import os
import platform
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

import index.build
from index.build import build_index
from index.encode import DIMENSIONS, Tokens, ensure_encoder
from index.sources import Source
from index.types import FloatMatrix

ROOT = Path(__file__).parent.parent
POLICIES = ROOT / "tests" / "data" / "policies"
VERSIONS, PASSAGES = 13, 88  # of a company; a version has one new passage, so it has 100
SENTENCES = 5  # of a passage
QUESTIONS = 50
FIRST_DAY, MONTH = 1_577_880_000, 30 * 86_400  # seconds


class StandIn:
    """An encoder whose vectors cost next to nothing; what fits is told by the real one."""

    def __init__(self, folder: Path, **threads: int) -> None:
        """Take the tokens of the real encoder in ``folder``."""
        self.fits = Tokens(folder).fit

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """A unit vector a text, (texts, 384)."""
        seeds = [int.from_bytes(sha256(text.encode()).digest()[:4], "big") for text in texts]
        rows = np.array([np.random.default_rng(s).normal(size=DIMENSIONS) for s in seeds])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def main() -> None:
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    described = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(described, cwd=ROOT, capture_output=True, text=True, check=True)
    print(f"{platform.machine()}, {os.cpu_count()} cores, commit {commit.stdout.strip()}")
    with tempfile.TemporaryDirectory() as temporary:
        archive, store = Path(temporary) / "archive.git", Path(temporary) / "store"
        size = record(archive, companies)
        index.build.Encoder = StandIn  # type: ignore[assignment, misc]  # see above
        began, cores = time.perf_counter(), time.process_time()
        report = build_index(store, [Source(archive)])
        print(
            f"{len(report.added):,} snapshots, {size / 1e9:.2f} GB of text, {report.passages:,} "
            f"passages, {report.occurrences:,} places"
        )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"import, vectors random   {time.perf_counter() - began:8.1f} s"
            f" {time.process_time() - cores:8.1f} core-s, {peak:,.0f} MB at most, load "
            f"{os.getloadavg()[0]:.1f}"
        )
        ensure_encoder(store / "encoders")
        folder = store / report.generation
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if path.stat().st_size > 10_000_000:
                megabytes = path.stat().st_size / 1e6
                print(f"  {path.relative_to(folder)!s:28}{megabytes:8,.0f} MB")
        served(store, companies)


def record(archive: Path, companies: int) -> int:
    """Make up the history of an Open Terms Archive; how many bytes its texts have."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", archive], check=True)  # noqa: S607
    command = ["git", "-C", str(archive), "fast-import", "--quiet"]
    size = 0
    with subprocess.Popen(command, stdin=subprocess.PIPE) as importing:
        if importing.stdin is None:
            raise AssertionError("it was asked for")
        for service, version, text in texts(companies):
            size += len(text)
            moment = FIRST_DAY + version * MONTH
            importing.stdin.write(
                b"commit refs/heads/main\ncommitter a <a@example.org> %d +0000\n"
                b"data 21\nRecord new changes of\n"
                b'M 100644 inline "%s/Privacy Policy.md"\ndata %d\n%s\n'
                % (moment, service.encode(), len(text), text)
            )
        importing.stdin.close()
    if importing.returncode:
        raise RuntimeError(f"git fast-import: exit status {importing.returncode}")
    return size


def texts(companies: int) -> Iterator[tuple[str, int, bytes]]:
    """Service, number of the version, text: paragraphs of real sentences under headings."""
    chance = random.Random(0)  # noqa: S311  # no secret
    prose = " ".join(path.read_text("utf-8") for path in sorted(POLICIES.glob("*.md")))
    found = re.findall(r"(?<=[.] )[A-Z][^.|<>\[\]#*\n]{90,240}\.(?= )", prose)
    for company in range(companies):
        paragraphs = [
            " ".join(chance.choices(found, k=SENTENCES)) for _ in range(PASSAGES + VERSIONS - 1)
        ]
        for version in range(VERSIONS):
            standing = paragraphs[version : version + PASSAGES]
            sections = [
                f"## Section {number // 10}\n\n{text}" if number % 10 == 0 else text
                for number, text in enumerate(standing, start=version)
            ]
            yield f"Service {company}", version, "\n\n".join(sections).encode()


def served(store: Path, companies: int) -> None:
    """Start a server as a user does, ask, and look at its memory."""
    command = [sys.executable, "-m", "chatbot", "serve", "--rate", "off", "--port", "0"]
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, "--store", str(store)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            started = server.stdout.readline() if server.stdout else ""
            address = next(word for word in started.split() if "://" in word)
            connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
            connection.request("GET", "/readyz")
            connection.getresponse().read()
            status = Path(f"/proc/{server.pid}/stat").read_text("utf-8").split()
            cores = (int(status[13]) + int(status[14])) / os.sysconf("SC_CLK_TCK")
            print(
                f"server, start to ready   {time.perf_counter() - began:8.1f} s"
                f" {cores:8.1f} core-s, load {os.getloadavg()[0]:.1f}"
            )
            print(f"  memory then            {_resident(server.pid):8,.0f} MB")
            for number in range(QUESTIONS):
                named = f"does Service {number % companies} sell my data?"
                for question in (named, "how do I delete my account?"):
                    connection.request(
                        "POST",
                        "/api/v1/ask",
                        f'{{"question": "{question}"}}',
                        {"Content-Type": "application/json"},
                    )
                    response = connection.getresponse()
                    response.read()
                    if response.status != 200:
                        raise RuntimeError(f"status {response.status}")
            print(f"  after {2 * QUESTIONS} questions    {_resident(server.pid):8,.0f} MB")
        finally:
            server.terminate()


def _resident(process: int) -> float:
    """Megabytes, pages mapped from files that happen to be in memory included."""
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
