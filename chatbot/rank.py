"""How well a sentence answers a question: signs that have a name, and a fitted closeness.

``score = signs · weights + sentence · (turn @ question + stretch * question + lean)``. MiniLM puts
a question beside what sounds like it; ``turn``, of low rank, and ``stretch`` move the question to
where its answers lie, and ``lean`` prefers sentences that ever answer anything.
``benchmarks/ranking.py`` fits the three on a hundred matters and on questions about companies that
no question set here is about, and writes ``ranking.json``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.types import FloatMatrix

WEIGHTS = Path(__file__).parent / "ranking.json"
SIGNS = (
    "cosine",
    "words",
    "concepts",
    "gives",
    "gives a contact",
    "passage score",
    "fragment",
    "is a question",
)
FRAGMENT_WORDS = 5  # fewer make a label or a fragment


@dataclass(frozen=True, slots=True)
class Weights:
    """What ``ranking.json`` holds."""

    signs: NDArray[np.float64]  # (len(SIGNS),), of the signs as they are
    sentence: FloatMatrix  # (384, rank) and
    question: FloatMatrix  # (384, rank): turn = sentence @ question.T
    stretch: FloatMatrix  # (384,)
    lean: FloatMatrix  # (384,)


@cache
def weights() -> Weights:
    """The fitted weights, read once."""
    read = json.loads(WEIGHTS.read_text("utf-8"))
    return Weights(
        signs=np.array([read["signs"][name] for name in SIGNS]),
        sentence=np.array(read["sentence"], dtype=np.float32),
        question=np.array(read["question"], dtype=np.float32),
        stretch=np.array(read["stretch"], dtype=np.float32),
        lean=np.array(read["lean"], dtype=np.float32),
    )


def towards(question_vector: FloatMatrix) -> FloatMatrix:
    """The direction, (384,), in which the sentences that answer a question lie."""
    fitted = weights()
    turned = fitted.sentence @ (fitted.question.T @ question_vector)
    direction: FloatMatrix = turned + fitted.stretch * question_vector + fitted.lean
    return direction


def signs(
    text: str,
    *,
    cosine: float,
    words: float,
    concepts: float,
    gives: bool,
    asks_contact: bool,
    passage_score: float,
) -> dict[str, float]:
    """The named signs of a sentence, in the order of ``SIGNS``."""
    values = (
        cosine,
        words,
        concepts,
        float(gives),
        float(gives and asks_contact),
        passage_score,
        float(text.endswith(":") or len(text.split()) < FRAGMENT_WORDS),
        float(text.endswith("?")),
    )
    return dict(zip(SIGNS, values, strict=True))


def score(
    signs: Mapping[str, float], sentence_vector: FloatMatrix, direction: FloatMatrix
) -> float:
    """Ranks the sentences of one question."""
    named = float(weights().signs @ np.array(list(signs.values())))
    return named + float(sentence_vector @ direction)
