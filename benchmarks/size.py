"""What a server over a large index needs: memory, and seconds from start to ready.

    python benchmarks/size.py [COMPANIES]

writes a generation of 1,000 companies by default with thirteen versions of 80 KB each: 1 GB of text
and 100,000 passages of real sentences. It is written past reading and embedding, which would take
hours and change nothing of what a server holds: vectors are random, and the versions of one company
have one text. Then a real server is started and asked.
"""

import hashlib
import http.client
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import bm25s
import faiss
import numpy as np
from machine import machine

from index.build import SETTINGS
from index.clean import clean
from index.corpus import SourcedSnapshot, write_corpus
from index.encode import DIMENSIONS, NAME, WEIGHTS_SHA256, ensure_encoder
from index.nearest import build_faiss, kept_as
from index.store import FORMAT, Manifest, write_generation
from index.types import FloatMatrix, Occurrence, Passage, Sentence, Snapshot
from index.words import fold, terms

ROOT = Path(__file__).parent.parent
POLICIES = ROOT / "tests" / "data" / "policies"
VERSIONS, PASSAGES, SENTENCES = 13, 100, 5  # of a company, of a version, of a passage
FIRST_DAY = date(2020, 1, 1)
QUESTIONS = 50


def main() -> None:
    companies = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(machine())
    with tempfile.TemporaryDirectory() as temporary:
        store = Path(temporary)
        ensure_encoder(store / "encoders")
        # In a process of its own: what it holds would count as the server's.
        making = "from pathlib import Path; from size import make; import sys; "
        making += "make(Path(sys.argv[1]), int(sys.argv[2]))"
        subprocess.run(
            [sys.executable, "-c", making, store, str(companies)],
            cwd=Path(__file__).parent,
            check=True,
        )
        (folder,) = store.glob("gen-*")
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if path.stat().st_size > 10_000_000:
                print(f"  {path.relative_to(folder)!s:28}{path.stat().st_size / 1e6:8,.0f} MB")
        served(store, companies)


def make(store: Path, companies: int) -> None:
    """Write the generation."""
    chance = random.Random(0)  # noqa: S311  # no secret
    pool = sentences()
    passages: list[Passage] = []
    snapshots: list[SourcedSnapshot] = []
    places: list[list[tuple[str, int, int]]] = []
    for number in range(companies):
        company, name = f"service-{number}", f"Service {number}"
        texts = [" ".join(chance.choices(pool, k=SENTENCES)) for _ in range(PASSAGES)]
        text = "\n\n".join(texts)
        start, of_company = 0, []
        for passage in texts:
            embedded = f"{name}\n{passage}"
            key = hashlib.sha256(embedded.encode()).hexdigest()
            passages.append(Passage(company, "", passage, embedded, key))
            of_company.append((key, start, start + len(passage)))
            start += len(passage) + 2
        places.append(of_company)
        first = Snapshot(company, name, "", FIRST_DAY, None, None, text, 0)
        brought = SourcedSnapshot.of("made up", first, f"{name}/Privacy Policy.md")
        for version in range(VERSIONS):
            day = FIRST_DAY + timedelta(days=30 * version)
            snapshots.append(replace(brought, snapshot=replace(brought.snapshot, captured_on=day)))
    passages.sort(key=lambda passage: (passage.company, passage.key))
    said = list(spans(passages))
    random_rows = np.random.default_rng(0)
    made = [unit_rows(random_rows, count) for count in (len(passages), len(said))]

    def write_files(target: Path) -> None:
        write_corpus(
            target / "corpus.sqlite",
            snapshots,
            passages,
            (
                Occurrence(snapshot.snapshot.id, ordinal, *place)
                for number, snapshot in enumerate(snapshots)
                for ordinal, place in enumerate(places[number // VERSIONS])
            ),
            said,
            {},
        )
        for name, rows in zip(("vectors", "sentences"), made, strict=True):
            np.save(target / f"{name}.npy", rows.astype(kept_as(len(passages)), copy=False))
        faiss.write_index(build_faiss(made[0]), str(target / "vectors.faiss"))
        words = bm25s.BM25()
        words.index([words_of(passage.text) for passage in passages], show_progress=False)
        words.save(target / "bm25")

    encoder = {"name": NAME, "weights_sha256": WEIGHTS_SHA256, "dimensions": DIMENSIONS}
    counts = {
        "snapshots": len(snapshots),
        "passages": len(passages),
        "occurrences": len(snapshots) * PASSAGES,
        "sentences": len(said),
    }
    manifest = Manifest(FORMAT, f"{companies}", encoder, dict(SETTINGS), counts, [], {})
    write_generation(store, manifest, write_files)
    size = sum(places[number // VERSIONS][-1][-1] for number in range(len(snapshots)))
    print(f"{size / 1e9:.2f} GB of text, {counts}", flush=True)


def sentences() -> list[str]:
    """Real ones, which cleaning leaves as they are."""
    prose = " ".join(path.read_text("utf-8") for path in sorted(POLICIES.glob("*.md")))
    found = sorted({*re.findall(r"(?<=[.] )[A-Z][^.|<>\[\]#*_\\\n]{90,240}\.(?= )", prose)})
    return [sentence for sentence in found if clean(sentence).text == sentence]


def spans(passages: list[Passage]) -> Iterator[Sentence]:
    """The sentences, each as it was put into its passage."""
    number = 0
    for row, passage in enumerate(passages):
        start = 0
        for text in re.split(r"(?<=[.]) (?=[A-Z])", passage.text):
            yield Sentence(number, row, start, start + len(text), fold_hash(text))
            number, start = number + 1, start + len(text) + 1


@cache
def fold_hash(sentence: str) -> int:
    """The sentence's words as a number."""
    digest = hashlib.sha256(fold(sentence).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def words_of(text: str) -> list[str]:
    """What a passage is searched by, sentence for sentence."""
    return [word for part in re.split(r"(?<=[.]) (?=[A-Z])", text) for word in searched_by(part)]


@cache
def searched_by(sentence: str) -> tuple[str, ...]:
    """The terms of a sentence."""
    return tuple(terms(sentence))


def unit_rows(chance: np.random.Generator, count: int) -> FloatMatrix:
    """Random directions, (count, 384)."""
    rows = chance.standard_normal((count, DIMENSIONS), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


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
            connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=120)
            connection.request("GET", "/readyz")
            connection.getresponse().read()
            status = Path(f"/proc/{server.pid}/stat").read_text("utf-8").split()
            cores = (int(status[13]) + int(status[14])) / os.sysconf("SC_CLK_TCK")
            print(
                f"server, start to ready   {time.perf_counter() - began:8.1f} s"
                f" {cores:8.1f} core-s, load {os.getloadavg()[0]:.1f}"
            )
            print(f"  memory then            {_resident(server.pid):8,.0f} MB", flush=True)
            for number in range(QUESTIONS):
                named = f"does Service {number % companies} sell my data?"
                for question in (named, "how do I delete my account?"):
                    body = f'{{"question": "{question}"}}'
                    headers = {"Content-Type": "application/json"}
                    connection.request("POST", "/api/v1/ask", body, headers)
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
