"""Results → every measure with its interval."""

from collections.abc import Callable, Sequence

from chatbot.evaluation.intervals import Estimate, estimate
from chatbot.evaluation.judge import ANSWERABLE, DEPTH, REFUSALS, Result, within
from chatbot.evaluation.labelled import LabelledQuestion

Values = Sequence[float | None]  # of one question; None where the measure does not ask for it


def _quoted(result: Result, value: float) -> Values:
    """Ask only questions that have a gold quote."""
    return [value if result.question.quotes else None]


def _among(result: Result, behaviours: Sequence[str], value: float) -> Values:
    """Ask only questions of certain gold behaviours."""
    return [value if result.question.behaviour in behaviours else None]


MEASURES: dict[str, Callable[[Result], Values]] = {
    "right behaviour": lambda r: [r.question.behaviour == r.answer.behaviour],
    "answer Success@1": lambda r: _quoted(r, within(r.answer_rank, 1)),
    "answer Success@3": lambda r: _quoted(r, within(r.answer_rank, 3)),
    "search Success@1": lambda r: _quoted(r, within(r.search_rank, 1)),
    "search Success@3": lambda r: _quoted(r, within(r.search_rank, 3)),
    f"search RR@{DEPTH}": lambda r: _quoted(r, 1 / r.search_rank if r.search_rank else 0),
    "right company": lambda r: [r.right_company],
    "no wrong company": lambda r: [r.no_wrong_company],
    "right snapshot": lambda r: [r.right_snapshot],
    "refused though answerable": lambda r: _among(r, ANSWERABLE, r.answer.behaviour in REFUSALS),
    "answered though silent": lambda r: _among(r, ["not_stated"], r.answer.behaviour == "answer"),
    "valid citations": lambda r: r.valid,
    "words of a citation": lambda r: [len(c.display.split()) for c in r.answer.citations],
}


def measure(results: Sequence[Result]) -> dict[str, Estimate]:
    """Every measure over ``results``, with its interval over companies."""
    return {
        name: estimate(
            [
                (float(value), cluster_of(result.question))
                for result in results
                for value in values_of(result)
                if value is not None
            ]
        )
        for name, values_of in MEASURES.items()
    }


def cluster_of(question: LabelledQuestion) -> str:
    """What a question shares with others: its company, or nothing where it is about none."""
    return " ".join(sorted(question.company)) or f"question {question.id}"
