"""Fit ``chatbot/matters.json``: which matter a question is on, and which ones a sentence settles.

    python benchmarks/matters.py STORE [--write]

reads ``benchmarks/training/matters.jsonl`` and embeds it with the encoder of STORE. Prints how
often the matter of a question, and of a sentence or that it settles none, is told right when a
fifth of the texts is left out; with ``--write`` it replaces the weights.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from questions import TRAINING
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict, cross_val_score

from chatbot.matters import WEIGHTS
from index.encode import Encoder
from index.policy_index import open_index
from index.store import encoder_folder
from index.types import FloatMatrix

BARS = (0.5, 0.7, 0.8, 0.9, 0.95)  # of questions on nothing that policies speak of
STRENGTH = 10.0  # of both fits (C); 5 and 30 fare alike
ASKING = ("yes_no", "inverted", "open")
SETTLING = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter; its sentences stand under no heading, and again under one that names it."""

    name: str
    questions: FloatMatrix  # (questions, 384)
    settling: tuple[FloatMatrix, FloatMatrix]  # (sentences, 384) each
    near: tuple[FloatMatrix, FloatMatrix]  # (sentences, 384) each


def main() -> None:
    store = Path(sys.argv[1])
    encoder = Encoder(encoder_folder(store, open_index(store).manifest))
    matters = embedded_matters(encoder)
    none = len(matters)
    elsewhere = (TRAINING / "off_topic.txt").read_text("utf-8").splitlines()
    off_topic = encoder.encode([text.rstrip(" ?!.…,") for text in elsewhere])
    questions, asked = labelled(
        [(number, m.questions) for number, m in enumerate(matters)] + [(none, off_topic)]
    )
    sentences, settled = labelled(
        [(number, rows) for number, m in enumerate(matters) for rows in m.settling]
        + [(none, rows) for m in matters for rows in m.near]
    )
    document = {
        "made by": "python benchmarks/matters.py STORE --write",
        "matters": [matter.name for matter in matters],
    }
    for kind, rows, labels in (
        ("question", questions, asked),
        ("sentence", sentences, settled),
    ):
        model = LogisticRegression(C=STRENGTH, max_iter=300)
        right = cross_val_score(model, rows, labels, cv=5).mean()
        print(
            f"{kind}: {len(rows):,} vectors of {len(set(labels))} classes, told right {right:.3f}"
        )
        if kind == "question":
            show_off_topic(
                cross_val_predict(model, rows, labels, cv=5, method="predict_proba"), labels
            )
        model.fit(rows, labels)
        document[kind] = np.round(model.coef_.astype(float), 2).tolist()
        document[f"{kind}_intercepts"] = np.round(model.intercept_.astype(float), 2).tolist()
    if "--write" in sys.argv:
        WEIGHTS.write_text(json.dumps(document) + "\n", encoding="utf-8")


def show_off_topic(likely: NDArray[np.float64], labels: NDArray[np.int64]) -> None:
    """At several bars, how many questions on nothing here and how many on matters are above."""
    nothing = labels == labels.max()
    for bar in BARS:
        above = likely[:, -1] > bar
        found, taken = above[nothing].mean(), above[~nothing].mean()
        print(f"above {bar}: {found:.3f} of what is off topic, {taken:.4f} of what is not")


def embedded_matters(encoder: Encoder) -> list[Matter]:
    """The matters of ``benchmarks/training``; lines of one name are gathered."""
    gathered: dict[str, dict[str, list[str]]] = {}
    for line in (TRAINING / "matters.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        kinds = gathered.setdefault(row["matter"], {})
        for kind in (*ASKING, *SETTLING, "near"):
            kinds.setdefault(kind, []).extend(row[kind])
    matters = []
    for name, kinds in gathered.items():
        heading = name[:1].upper() + name[1:]
        questions = [text.rstrip(" ?!.…,") for kind in ASKING for text in kinds[kind]]
        settling = [text for kind in SETTLING for text in kinds[kind]]
        near = kinds["near"]
        matters.append(
            Matter(
                name,
                encoder.encode(questions),
                (encoder.encode(settling), encoder.encode(under(heading, settling))),
                (encoder.encode(near), encoder.encode(under(heading, near))),
            )
        )
    return matters


def under(heading: str, sentences: list[str]) -> list[str]:
    """As ``index.build.sentence_text`` writes a sentence under a heading."""
    return [f"{heading}: {sentence}" for sentence in sentences]


def labelled(groups: list[tuple[int, FloatMatrix]]) -> tuple[FloatMatrix, NDArray[np.int64]]:
    """All rows, (n, 384), and the label of each, (n,)."""
    labels = np.concatenate([np.full(len(rows), label) for label, rows in groups])
    return np.vstack([rows for _, rows in groups]), labels


if __name__ == "__main__":
    main()
