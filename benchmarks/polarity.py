"""Fit ``chatbot/polarity.json``: whether a sentence says yes or no to a question.

    python benchmarks/polarity.py [--write]

reads the yes/no questions of ``benchmarks/training``, each with its first gold sentence, prints how
often the fit is right on companies left out and on the development questions, and how often it
speaks at all; with ``--write`` it replaces the weights.
"""

import json
import sys

import numpy as np
from decision import DEVELOPMENT, training_questions
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from chatbot.evaluation.labelled import LabelledQuestion, read_sets
from chatbot.polarity import RATHER_SURE, WEIGHTS, signs
from index.clean import display

STRENGTH = 0.3  # of the fit (C); from 0.1 to 1 companies left out fare alike


def main() -> None:
    training = [q for q in training_questions() if q.polarity in ("yes", "no")]
    rows, no = read(training)
    companies = np.array([question.company[0] for question in training])
    likely = np.zeros(len(no))
    for others, these in GroupKFold(6).split(rows, no, companies):
        likely[these] = fit(rows[others], no[others]).predict_proba(rows[these])[:, 1]
    model = fit(rows, no)
    show("training, companies left out", likely, no)
    development = [
        q for q in read_sets([DEVELOPMENT])[0] if q.polarity in ("yes", "no") and q.quotes
    ]
    asked, denied = read(development)
    show("development", model.predict_proba(asked)[:, 1], denied)
    if "--write" in sys.argv:
        names = signs(training[0].question, training[0].quotes[0])
        weights = dict(zip(names, np.round(model.coef_[0], 3).tolist(), strict=True))
        weights["intercept"] = round(float(model.intercept_[0]), 3)
        made = "python benchmarks/polarity.py --write"
        document = json.dumps({"made by": made, "weights": weights}, indent=2)
        WEIGHTS.write_text(f"{document}\n", encoding="utf-8")


def read(questions: list[LabelledQuestion]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Signs of each question beside its first gold quote, and whether the answer is no."""
    rows = [list(signs(q.question, display(q.quotes[0])).values()) for q in questions]
    return np.array(rows), np.array([question.polarity == "no" for question in questions])


def fit(rows: NDArray[np.float64], no: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=500).fit(rows, no)


def show(title: str, likely: NDArray[np.float64], no: NDArray[np.bool_]) -> None:
    speaks = (likely >= RATHER_SURE) | (likely <= 1 - RATHER_SURE)
    right = (likely > 0.5) == no
    print(
        f"{title}: n {len(no)}, right {right.mean():.3f}; "
        f"speaks in {speaks.mean():.3f} and is then right in {right[speaks].mean():.3f}"
    )


if __name__ == "__main__":
    main()
