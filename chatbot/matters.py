"""Which matter a question is on, if any, and which matters sentences settle.

A hundred matters that consumers ask about – selling data, paper catalogues, the account of a dead
person – each with questions and with sentences that settle it or only come near. Two multinomial
logistic regressions over MiniLM's vectors tell them apart; ``benchmarks/matters.py`` fits them and
writes ``matters.json``. Where a policy's sentences settle much but not the matter asked about, the
policy is silent, however near its words come.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.types import FloatMatrix

WEIGHTS = Path(__file__).parent / "matters.json"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """What ``matters.json`` holds; the last row of each is "none of them"."""

    question: Floats  # (matters + 1, 384)
    question_intercepts: Floats  # (matters + 1,)
    sentence: Floats  # (matters + 1, 384)
    sentence_intercepts: Floats  # (matters + 1,)


@cache
def weights() -> Weights:
    """The fitted weights, read once."""
    read = json.loads(WEIGHTS.read_text("utf-8"))
    return Weights(
        question=np.array(read["question"]),
        question_intercepts=np.array(read["question_intercepts"]),
        sentence=np.array(read["sentence"]),
        sentence_intercepts=np.array(read["sentence_intercepts"]),
    )


def asked(question_vector: FloatMatrix) -> Floats:
    """How likely a question, (384,), is on each matter: (matters,), which add up to at most 1.

    What is left is how likely it is on nothing that a privacy policy speaks of.
    """
    fitted = weights()
    return _softmax(fitted.question @ question_vector + fitted.question_intercepts)[:-1]


def settled(sentence_vectors: FloatMatrix) -> Floats:
    """How likely each sentence, (n, 384), settles each matter: (n, matters), rows up to 1."""
    fitted = weights()
    return _softmax(sentence_vectors @ fitted.sentence.T + fitted.sentence_intercepts)[:, :-1]


def _softmax(scores: Floats) -> Floats:
    likely: Floats = np.exp(scores - scores.max(axis=-1, keepdims=True))
    likely /= likely.sum(axis=-1, keepdims=True)
    return likely
