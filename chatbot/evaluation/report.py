"""One run over a question set, with everything that is printed or written of it."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from chatbot.evaluation.intervals import Estimate
from chatbot.evaluation.judge import Result
from chatbot.evaluation.labelled import BEHAVIOURS
from chatbot.evaluation.measures import Graded, grade, measure


@dataclass(frozen=True)
class Report:
    """One run over a question set."""

    generation: str  # of the index; what ranked where it was not ours
    results: tuple[Result, ...]
    missing_quotes: tuple[tuple[str, str], ...] = ()  # (question id, quote that stands nowhere)
    problems: tuple[str, ...] = ()  # what could not be measured, and why
    sets: tuple[str, ...] = ()  # the files that were measured

    @cached_property
    def graded(self) -> list[Graded]:
        """The measures of each result."""
        return grade(self.results)

    def measures(self, *, contested: bool = False) -> dict[str, Estimate]:
        """Every measure over the questions on which careful readers agree, or over the others."""
        chosen = [
            (result, grades)
            for result, grades in zip(self.results, self.graded, strict=True)
            if result.question.contested == contested
        ]
        return measure([result for result, _ in chosen], [grades for _, grades in chosen])

    @property
    def counted(self) -> list[Result]:
        """Those on which careful readers agree; the contested ones are measured apart."""
        return [r for r in self.results if not r.question.contested]

    @property
    def companies(self) -> int:
        """How many companies the questions are about."""
        return len({name for r in self.counted for name in r.question.company})

    def matrix(self) -> dict[str, dict[str, int]]:
        """Questions by gold behaviour, then by the behaviour of the answer."""
        pairs = Counter(
            (r.question.behaviour, r.answer.behaviour) for r in self.counted if r.answer
        )
        return {gold: {was: pairs[gold, was] for was in BEHAVIOURS} for gold in BEHAVIOURS}
