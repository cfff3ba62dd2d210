"""Results → every measure, question by question and as means with their intervals.

The measures of a ranking are those of ir-measures, under its names; trec_eval computes them.
"""

from collections.abc import Callable, Mapping, Sequence

import ir_measures
from ir_measures import RR, R, Success, nDCG

from chatbot.evaluation.intervals import Estimate, estimate
from chatbot.evaluation.judge import ANSWERABLE, REFUSALS, Result, within
from chatbot.evaluation.labelled import LabelledQuestion
from chatbot.evaluation.trec import strictly_falling

Values = Sequence[float | None]  # of one question; None where the measure does not ask for it
Graded = Mapping[str, tuple[float, ...]]  # measure → the values of one question

RANKING = (Success @ 1, Success @ 3, RR @ 10, nDCG @ 10, R @ 5, R @ 10)


def _quoted(result: Result, value: float) -> Values:
    """Ask only questions that have a gold quote."""
    return [value if result.question.quotes else None]


def _among(result: Result, behaviours: Sequence[str], predicted: Sequence[str]) -> Values:
    """Ask only questions of certain gold behaviours."""
    if result.question.behaviour not in behaviours or result.answer is None:
        return [None]
    return [result.answer.behaviour in predicted]


def _part(pair: tuple[float, float] | None, place: int) -> Values:
    return [pair[place] if pair else None]


ANSWERS: dict[str, Callable[[Result], Values]] = {
    "right behaviour": lambda r: [r.behaves],
    "refused though answerable": lambda r: _among(r, ANSWERABLE, REFUSALS),
    "answered though silent": lambda r: _among(r, ["not_stated"], ["answer"]),
    "right company": lambda r: [r.right_company],
    "no wrong company": lambda r: [r.no_wrong_company],
    "right snapshot": lambda r: [r.right_snapshot],
    "answer Success@1": lambda r: _quoted(r, within(r.answer_rank, 1)),
    "answer Success@3": lambda r: _quoted(r, within(r.answer_rank, 3)),
    "cited characters precision": lambda r: _part(r.span, 0),
    "cited characters recall": lambda r: _part(r.span, 1),
    "first sentence supported": lambda r: [r.supported],
    "right yes or no": lambda r: [r.polarity],
    "said yes or no is right": lambda r: [r.said_polarity],
    "names what is missing": lambda r: [r.names_missing],
    "actions precision": lambda r: r.right_actions,
    "actions recall": lambda r: r.found_actions,
    "actions printed": lambda r: r.printed,
    "valid citations": lambda r: r.valid,
    "words of a citation": lambda r: (
        [len(c.display.split()) for c in r.answer.citations] if r.answer else []
    ),
}


def grade(results: Sequence[Result]) -> list[Graded]:
    """Every measure of every question, only those that ask for it, in the order of ``results``."""
    ranked = _ranking_values(results)
    graded: list[Graded] = []
    for result in results:
        values = dict(ranked.get(result.question.id, {}))
        if result.answer is not None:
            for name, values_of in ANSWERS.items():
                known = tuple(float(v) for v in values_of(result) if v is not None)
                values |= {name: known} if known else {}
        graded.append(values)
    return graded


def _ranking_values(results: Sequence[Result]) -> dict[str, dict[str, tuple[float, ...]]]:
    """What trec_eval makes of the rankings that are judged."""
    judged = [result for result in results if result.judged]
    if not judged:
        return {}
    qrels = {result.question.id: dict(result.judged) for result in judged}
    run = {
        result.question.id: {
            document: float(score)
            for document, score in strictly_falling([(p.id, p.score) for p in result.ranking])
        }
        for result in judged
    }
    values: dict[str, dict[str, tuple[float, ...]]] = {}
    for metric in ir_measures.iter_calc(RANKING, qrels, run):
        values.setdefault(metric.query_id, {})[str(metric.measure)] = (float(metric.value),)
    # In our order, and 0 where nothing at all was ranked.
    return {
        name: {str(measure): values.get(name, {}).get(str(measure), (0.0,)) for measure in RANKING}
        for name in qrels
    }


MEASURES = (*map(str, RANKING), *ANSWERS)


def measure(results: Sequence[Result], graded: Sequence[Graded]) -> dict[str, Estimate]:
    """Every measure that any question asks for, as a mean with its interval over companies."""
    values: dict[str, list[tuple[float, str]]] = {}
    for result, grades in zip(results, graded, strict=True):
        for name, known in grades.items():
            values.setdefault(name, []).extend((v, cluster_of(result.question)) for v in known)
    return {name: estimate(values[name]) for name in MEASURES if name in values}


def cluster_of(question: LabelledQuestion) -> str:
    """What a question shares with others: its first company, or nothing where it is about none."""
    return question.company[0] if question.company else f"question {question.id}"
