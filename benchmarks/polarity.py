"""Fit ``chatbot/polarity.json``: whether quotes say yes or no to a question.

    python tests/question_set.py index var/questions
    python benchmarks/ranking.py var/training var/questions
    python benchmarks/polarity.py var/training var/questions [--write]

reads the yes/no questions of ``benchmarks/training``, each beside each of its gold quotes, prints
how often the fit is right on companies left out and on the development questions, and how often it
is rather sure and then right. Then the same of what is said first of the quotes that the program
itself finds (in the index that ``ranking.py`` makes in the first folder). With ``--write`` it
replaces the weights.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from questions import DEVELOPMENT, TRAINING, development_questions, read, training_questions
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from chatbot import polarity
from chatbot.answer import leads_of
from chatbot.cite import cite
from chatbot.decide import OUTCOMES, decide
from chatbot.evaluation.labelled import LabelledQuestion, read_sets
from chatbot.evidence import choose_quotes, quote_places
from chatbot.polarity import RATHER_SURE, WEIGHTS, standing
from chatbot.polarity_signs import read_question, read_sentence, signs
from index.clean import display
from index.encode import Encoder
from index.policy_index import open_index
from index.store import encoder_folder

STRENGTH = 0.1  # of the fit (C); from 0.03 to 0.3 companies left out fare alike
FOLDS = 6
BARS = (0.5, 0.6, 0.7, RATHER_SURE, 0.8, 0.9)
Weights = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question beside a quote that answers it."""

    source: str
    company: str
    question: str
    quote: str
    no: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """A yes/no question beside what the program quotes."""

    company: str
    topic: str
    quotes: list[str]
    leads: list[float]
    silent: float
    right: list[bool]  # whether each quote is a gold one
    polarity: str | None  # gold; None where the policy does not say


def main() -> None:
    training, development = Path(sys.argv[1]), Path(sys.argv[2])
    pairs = list(training_pairs())
    rows, no = signs_and_answers(pairs)
    companies = np.array([pair.company for pair in pairs])
    sources = np.array([pair.source for pair in pairs])
    likely, left_out = np.zeros(len(no)), {}
    for others, these in GroupKFold(FOLDS).split(rows, no, companies):
        model = fit(rows[others], no[others])
        likely[these] = model.predict_proba(rows[these])[:, 1]
        left_out |= dict.fromkeys(companies[these], named(model, pairs[0]))
    model = fit(rows, no)
    for source in sorted(set(sources)):
        show(f"{source}, companies left out", likely[sources == source], no[sources == source])
    asked, denied = signs_and_answers(list(development_pairs()))
    show("development", model.predict_proba(asked)[:, 1], denied)

    learnt = list(answered(training, training_questions()))
    weights: Weights = {"weights": named(model, pairs[0])}
    weights["standing"] = fit_standing(learnt, left_out)
    whole(
        "training, companies left out",
        learnt,
        lambda company: {**weights, "weights": left_out[company]},
    )
    others_answered = answered(development, development_questions())
    whole("development", list(others_answered), lambda _: weights)
    if "--write" in sys.argv:
        made = "python benchmarks/polarity.py var/training var/questions --write"
        document = json.dumps({"made by": made, **weights}, indent=2)
        WEIGHTS.write_text(f"{document}\n", encoding="utf-8")


def training_pairs() -> Iterator[Pair]:
    """Of ``questions.jsonl``, written to be asked, and of ``yes_no.jsonl``, written to be read."""
    for question in training_questions():
        if question.polarity in ("yes", "no"):
            for quote in question.quotes:
                yield pair("questions", question.company[0], question, quote)
    for line in (TRAINING / "yes_no.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        company, quote = row["policy"].split("_")[0], display(row["quotes"][0])
        yield Pair("yes_no", company, row["question"], quote, row["polarity"] == "no")


def development_pairs() -> Iterator[Pair]:
    for question in read_sets([DEVELOPMENT])[0]:
        if question.polarity in ("yes", "no") and question.quotes:
            yield pair("development", question.company[0], question, question.quotes[0])


def pair(source: str, company: str, question: LabelledQuestion, quote: str) -> Pair:
    return Pair(source, company, question.question, display(quote), question.polarity == "no")


def signs_of(pair: Pair) -> dict[str, float]:
    return signs(read_question(pair.question), read_sentence(pair.quote))


def signs_and_answers(pairs: Sequence[Pair]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Signs of each question beside its quote, and whether the answer is no."""
    rows = [list(signs_of(pair).values()) for pair in pairs]
    return np.array(rows), np.array([pair.no for pair in pairs])


def fit(rows: NDArray[np.float64], wanted: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=1000).fit(rows, wanted)


def named(model: LogisticRegression, example: Pair) -> dict[str, float]:
    return by_name(model, list(signs_of(example)))


def by_name(model: LogisticRegression, names: Sequence[str]) -> dict[str, float]:
    weights = dict(zip(names, np.round(model.coef_[0], 3).tolist(), strict=True))
    return weights | {"intercept": round(float(model.intercept_[0]), 3)}


def answered(store: Path, questions: Iterator[LabelledQuestion]) -> Iterator[Answered]:
    """The yes/no questions that the program answers, rightly or not."""
    policy_index = open_index(store)
    encoder = Encoder(encoder_folder(store, policy_index.manifest))
    usable = (question for question in questions if question.behaviour in OUTCOMES)
    for asked in read(policy_index, encoder, usable):
        if asked.understood.form != "yes_no":
            continue
        decision = decide(asked.understood, asked.vector, asked.evidence)
        if decision.silent or decision.partly >= decision.answer:
            continue
        chosen = choose_quotes(asked.evidence)
        answers = asked.question.behaviour == "answer"
        yield Answered(
            asked.company,
            asked.understood.topic,
            [cite(policy_index, e.hit, *quote_places(e), 1).display for e in chosen],
            leads_of(asked.evidence, chosen),
            decision.not_stated,
            [answers and asked.is_gold(e) for e in chosen],
            asked.question.polarity,
        )


def fit_standing(
    learnt: Sequence[Answered], left_out: dict[str, dict[str, float]]
) -> dict[str, float]:
    """The weights by which a quote is likely to answer, its odds being of companies left out."""
    found, right = [], []
    for asked in learnt:
        question = read_question(asked.topic)
        weights = left_out[asked.company]
        for place, (quote, lead) in enumerate(zip(asked.quotes, asked.leads, strict=True)):
            said = read_sentence(quote)
            odds = sum(weights[name] * sign for name, sign in signs(question, said).items())
            odds += weights["intercept"]
            found.append(standing(question, said, odds, lead, asked.silent, first=not place))
            right.append(asked.right[place])
    rows = np.array([list(row.values()) for row in found])
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    model = fit((rows - mean) / scale, np.array(right))
    model.coef_ = model.coef_ / scale
    model.intercept_ = model.intercept_ - model.coef_ @ mean
    return by_name(model, list(found[0]))


def whole(title: str, asked: Sequence[Answered], weights_for: Callable[[str], Weights]) -> None:
    """What is said first of the quotes that the program finds."""
    counts = {(said, right): 0 for said in ("yes", "no", "both") for right in (True, False)}
    unanswered = 0
    for question in asked:
        polarity._fitted = partial(weights_for, question.company)  # type: ignore[assignment]
        said = polarity.reading(question.topic, question.quotes, question.leads, question.silent)
        if said and question.polarity:
            counts[said, said == question.polarity] += 1
        unanswered += bool(said) and not question.polarity
    total = sum(bool(question.polarity) for question in asked)
    right = sum(count for (_, well), count in counts.items() if well)
    print(
        f"{title}: of {total} that are answered {sum(counts.values())} say yes or no, {right} "
        f"rightly {counts}; so do {unanswered} to which the policy says nothing"
    )


def show(title: str, likely: NDArray[np.float64], no: NDArray[np.bool_]) -> None:
    right = (likely > 0.5) == no
    print(f"{title}: n {len(no)}")
    for bar in BARS:
        speaks = (likely >= bar) | (likely <= 1 - bar)
        said, well = speaks.mean(), right[speaks].mean()
        print(f"  from {bar:.2f} on: speaks in {said:.3f}, right in {well:.3f}")


if __name__ == "__main__":
    main()
