"""Fit ``chatbot/polarity.json``: whether a sentence says yes or no to a question.

    python benchmarks/polarity.py [--write]

reads the yes/no questions of ``benchmarks/training``, each beside each of its gold quotes, prints
how often the fit is right on companies left out and on the development questions, and how often it
is rather sure and then right; with ``--write`` it replaces the weights.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from decision import DEVELOPMENT, TRAINING, training_questions
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from chatbot.evaluation.labelled import read_sets
from chatbot.polarity import RATHER_SURE, WEIGHTS
from chatbot.polarity_signs import read_question, read_sentence, signs
from index.clean import display

STRENGTH = 0.1  # of the fit (C); from 0.03 to 0.3 companies left out fare alike
FOLDS = 6
BARS = (0.5, 0.6, 0.7, RATHER_SURE, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question beside a quote that answers it."""

    source: str
    company: str
    question: str
    quote: str
    no: bool


def main() -> None:
    training = list(training_pairs())
    rows, no = read(training)
    companies = np.array([pair.company for pair in training])
    sources = np.array([pair.source for pair in training])
    likely = np.zeros(len(no))
    for others, these in GroupKFold(FOLDS).split(rows, no, companies):
        likely[these] = fit(rows[others], no[others]).predict_proba(rows[these])[:, 1]
    model = fit(rows, no)
    for source in sorted(set(sources)):
        show(f"{source}, companies left out", likely[sources == source], no[sources == source])
    development = [
        Pair("development", question.company[0], question.question, display(question.quotes[0]), no)
        for question in read_sets([DEVELOPMENT])[0]
        if question.polarity in ("yes", "no") and question.quotes
        for no in [question.polarity == "no"]
    ]
    asked, denied = read(development)
    show("development", model.predict_proba(asked)[:, 1], denied)
    if "--write" in sys.argv:
        names = signs_of(training[0])
        weights = dict(zip(names, np.round(model.coef_[0], 3).tolist(), strict=True))
        weights["intercept"] = round(float(model.intercept_[0]), 3)
        made = "python benchmarks/polarity.py --write"
        document = json.dumps({"made by": made, "weights": weights}, indent=2)
        WEIGHTS.write_text(f"{document}\n", encoding="utf-8")


def training_pairs() -> Iterator[Pair]:
    """Of ``questions.jsonl``, written to be asked, and of ``yes_no.jsonl``, written to be read."""
    for question in training_questions():
        if question.polarity in ("yes", "no"):
            for quote in question.quotes:
                yield Pair(
                    "questions",
                    question.company[0],
                    question.question,
                    display(quote),
                    question.polarity == "no",
                )
    for line in (TRAINING / "yes_no.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        quote = display(row["quotes"][0])
        yield Pair(
            "yes_no", row["policy"].split("_")[0], row["question"], quote, row["polarity"] == "no"
        )


def read(pairs: Sequence[Pair]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Signs of each question beside its quote, and whether the answer is no."""
    rows = [list(signs_of(pair).values()) for pair in pairs]
    return np.array(rows), np.array([pair.no for pair in pairs])


def signs_of(pair: Pair) -> dict[str, float]:
    return signs(read_question(pair.question), read_sentence(pair.quote))


def fit(rows: NDArray[np.float64], no: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=1000).fit(rows, no)


def show(title: str, likely: NDArray[np.float64], no: NDArray[np.bool_]) -> None:
    right = (likely > 0.5) == no
    print(f"{title}: n {len(no)}")
    for bar in BARS:
        speaks = (likely >= bar) | (likely <= 1 - bar)
        said, well = speaks.mean(), right[speaks].mean()
        print(f"  from {bar:.2f} on: speaks in {said:.3f}, right in {well:.3f}")


if __name__ == "__main__":
    main()
