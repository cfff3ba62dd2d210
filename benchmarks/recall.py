"""What of the exact search of a large index the search in cells finds, and how long both take.

    python benchmarks/recall.py [PASSAGES]

Of the real sentences of ``tests/data/policies`` vectors are made up that lie about them (cosine
0.8), by default 300,000; other real sentences are what is asked. The figure of a real index stands
in its ``recall.json``.
"""

import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from machine import machine

from index.encode import DIMENSIONS, Encoder, ensure_encoder
from index.nearest import Nearest, build_faiss, kept_as, kind_for, measured_recall
from index.types import FloatMatrix

ROOT = Path(__file__).parent.parent
POLICIES = ROOT / "tests" / "data" / "policies"
SENTENCES, ASKED = 1_500, 200
NOISE = 0.75  # of the length of a vector, which makes a cosine of 0.8
PIECE = 10_000  # vectors made up at once
NEWEST = 5  # one passage in so many stands in a newest policy


def main() -> None:
    passages = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    print(machine())
    real = sentence_vectors()
    vectors = about(real[:-ASKED], passages).astype(kept_as(passages))
    began, cores = time.perf_counter(), time.process_time()
    built = build_faiss(vectors)
    print(
        f"{kind_for(passages)}, {passages:,} vectors of {vectors.dtype}, built in "
        f"{time.perf_counter() - began:.0f} s, {time.process_time() - cores:.0f} core-s"
    )
    for what, rows in (("all", None), ("newest policies", range(0, passages, NEWEST))):
        search = Nearest(built, vectors, None if rows is None else list(rows))
        recall = measured_recall(search, real[-ASKED:])
        fast, exact = (milliseconds(way, real[-ASKED:]) for way in (search, search.exactly))
        print(
            f"{what:16} recall at 10 {recall:.3f}; {fast:.1f} ms, exact {exact:.1f} ms of one core"
        )


def milliseconds(way: Callable[[FloatMatrix, int], object], questions: FloatMatrix) -> float:
    """Of all cores together, for one question."""
    began = time.process_time()
    for question in questions[:20]:
        way(question, 50)
    return (time.process_time() - began) / 20 * 1000


def sentence_vectors() -> FloatMatrix:
    """Real sentences, in no order, (1,500, 384)."""
    prose = " ".join(path.read_text("utf-8") for path in sorted(POLICIES.glob("*.md")))
    found = sorted({*re.findall(r"(?<=[.] )[A-Z][^.|<>\[\]#*\n]{90,240}\.(?= )", prose)})
    random.Random(0).shuffle(found)  # noqa: S311  # no secret
    with tempfile.TemporaryDirectory() as folder:
        return Encoder(ensure_encoder(Path(folder))).encode(found[:SENTENCES])


def about(real: FloatMatrix, count: int) -> FloatMatrix:
    """Unit rows, (count, 384), that lie about those of ``real``."""
    chance = np.random.default_rng(0)
    made = np.empty((count, DIMENSIONS), dtype=np.float32)
    for first in range(0, count, PIECE):
        last = min(first + PIECE, count)
        near = real[chance.integers(0, len(real), last - first)]
        noise = chance.normal(size=near.shape) * NOISE / np.sqrt(DIMENSIONS)
        rows = near + noise
        made[first:last] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return made


if __name__ == "__main__":
    main()
