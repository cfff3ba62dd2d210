"""A question and its best sentences → how likely the policy answers, speaks of it, or does not say.

A multinomial logistic regression over what can be explained – closeness in meaning, shared words
and concepts, whether the exact detail stands there, the form of the question, whether any sentence
settles the matter that is asked about – and over the vectors of question and sentence, which tell
what policies tend to leave unsaid.
``benchmarks/decision.py`` fits it on questions about companies that no question set here is about,
and writes ``decision.json``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chatbot import matters
from chatbot.evidence import Evidence
from chatbot.understand import Understood
from index.types import FloatMatrix
from index.words import terms

WEIGHTS = Path(__file__).parent / "decision.json"
OUTCOMES = ("answer", "partly", "not_stated")
# A sentence with this share of the question's words, and not far from it, is no silence: those who
# wrote the questions that were fitted on kept off the policies' words, which others do not.
PLAIN_WORDS, PLAIN_COSINE = 0.5, 0.4
FEATURES = (
    "cosine",
    "concepts",
    "gives",
    "words",
    "passage score",
    "passage cosine",
    "highest cosine",
    "mean of five highest cosines",
    "score",
    "lead over the second",
    "most concepts",
    "most words",
    "words of the question",
    "concepts of the question",
    "yes or no",
    "how to",
    "asks a detail",
    "detail not given",
    "words of the sentence",
    "cosine times concepts",
    "matter settled",
    "likeliest matter settled",
    "one matter is likely",
    "matter settled, logarithm",
    "matter settled, likely ones",
    "matter settled by the sentence",
)
FAINT = 0.001  # probability below which a matter is not settled at all
# Vectors are unit rows of 384 small numbers; so stretched, they weigh like the other features.
VECTOR_SCALE, PRODUCT_SCALE = 4.0, 20.0

# Best on companies left out of the fit.
SILENT_FROM = 0.45

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decision:
    """Three probabilities that add up to 1."""

    answer: float
    partly: float
    not_stated: float
    plain: bool = False  # the best sentence holds the question's own words

    @property
    def silent(self) -> bool:
        """Whether the policy is to be said not to say."""
        return not self.plain and self.not_stated > SILENT_FROM


@dataclass(frozen=True, slots=True)
class Weights:
    """What ``decision.json`` holds."""

    mean: Floats  # (explained,)
    scale: Floats  # (explained,)
    coefficients: Floats  # (3, explained + 3 × 384), in the order of OUTCOMES
    intercepts: Floats  # (3,)


@cache
def weights() -> Weights:
    """The fitted weights, read once."""
    read = json.loads(WEIGHTS.read_text("utf-8"))
    return Weights(
        mean=np.array(read["mean"]),
        scale=np.array(read["scale"]),
        coefficients=np.array([read["coefficients"][outcome] for outcome in OUTCOMES]),
        intercepts=np.array([read["intercepts"][outcome] for outcome in OUTCOMES]),
    )


def decide(
    understood: Understood, question_vector: FloatMatrix, evidence: Sequence[Evidence]
) -> Decision:
    """Judge the ranked ``evidence``; ``question_vector`` has shape (384,)."""
    if not evidence:
        return Decision(answer=0.0, partly=0.0, not_stated=1.0)
    fitted = weights()
    features = explained(understood, question_vector, evidence)
    stretched = np.concatenate(
        [
            (np.array(list(features.values())) - fitted.mean) / fitted.scale,
            vector_features(question_vector, evidence[0]),
        ]
    )
    scores = fitted.coefficients @ stretched + fitted.intercepts  # (3,)
    likely = np.exp(scores - scores.max())
    plain = evidence[0].words >= PLAIN_WORDS and evidence[0].cosine >= PLAIN_COSINE
    answer, partly, not_stated = (likely / likely.sum()).tolist()
    return Decision(answer, partly, not_stated, plain)


def explained(
    understood: Understood, question_vector: FloatMatrix, evidence: Sequence[Evidence]
) -> dict[str, float]:
    """The features that have a name; those of the best sentence where nothing else is said."""
    best = evidence[0]
    likely = matters.asked(question_vector)  # (matters,)
    settled = matters.settled(np.array([e.vector for e in evidence]))  # (sentences, matters)
    best_settled = settled.max(axis=0)
    cosines = sorted((e.cosine for e in evidence), reverse=True)
    second = evidence[1].score if len(evidence) > 1 else 0.0
    asks_detail = understood.detail is not None
    values = (
        best.cosine,
        best.concepts,
        float(best.gives),
        best.words,
        best.hit.score,
        best.hit.cosine,
        cosines[0],
        sum(cosines[:5]) / len(cosines[:5]),
        best.score,
        best.score - second,
        max(e.concepts for e in evidence),
        max(e.words for e in evidence),
        float(len(understood.topic.split())),
        float(sum(term.startswith("~") for term in terms(understood.topic))),
        float(understood.form == "yes_no"),
        float(understood.form == "how_to"),
        float(asks_detail),
        float(asks_detail and not best.gives),
        float(len(best.text.split())),
        best.cosine * best.concepts,
        float(likely @ best_settled),
        float(best_settled[likely.argmax()]),
        float(likely.max()),
        float(likely @ np.log(best_settled + FAINT)),
        float(likely**2 @ best_settled / (likely**2).sum()),
        float(likely @ settled[0]),
    )
    return dict(zip(FEATURES, values, strict=True))


def vector_features(question_vector: FloatMatrix, best: Evidence) -> Floats:
    """Question, sentence and their product, (1152,)."""
    question = np.asarray(question_vector, dtype=np.float64)
    sentence = np.asarray(best.vector, dtype=np.float64)
    return np.concatenate(
        [
            VECTOR_SCALE * question,
            VECTOR_SCALE * sentence,
            PRODUCT_SCALE * question * sentence,
        ]
    )
