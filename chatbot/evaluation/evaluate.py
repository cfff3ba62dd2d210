"""A labelled question set × ``Chatbot`` → Report: how often it is right, and where and why not.

The gold company and day are never passed to the bot: to find them is part of its task. The right
snapshot is demanded wherever a question has a gold day. Where its words name none, that is the
newest, which is what the bot has to take then.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.evaluation.intervals import how_made
from chatbot.evaluation.judge import DEPTH, Result, judge
from chatbot.evaluation.labelled import BEHAVIOURS, EvaluationError, LabelledQuestion, match_fold
from chatbot.evaluation.measures import measure
from chatbot.question import QuestionError
from index.sources import SourceError


@dataclass(frozen=True, slots=True)
class Report:
    """One run over a question set."""

    generation: str
    results: tuple[Result, ...]
    missing_quotes: tuple[tuple[str, str], ...]  # (question id, gold quote that stands nowhere)

    @property
    def counted(self) -> list[Result]:
        """Those on which careful readers agree; the contested ones are measured apart."""
        return [r for r in self.results if not r.question.contested]

    @property
    def contested(self) -> list[Result]:
        """Those on which careful readers disagree."""
        return [r for r in self.results if r.question.contested]

    @property
    def companies(self) -> int:
        """How many companies the questions are about."""
        return len({name for r in self.counted for name in r.question.company})

    def matrix(self) -> dict[str, dict[str, int]]:
        """Questions by gold behaviour, then by the behaviour of the answer."""
        pairs = Counter((r.question.behaviour, r.answer.behaviour) for r in self.counted)
        return {gold: {was: pairs[gold, was] for was in BEHAVIOURS} for gold in BEHAVIOURS}

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain JSON values."""
        return {
            "generation": self.generation,
            "measures": {name: asdict(got) for name, got in measure(self.counted).items()},
            "contested": {name: asdict(got) for name, got in measure(self.contested).items()},
            "intervals": how_made(self.companies),
            "matrix": self.matrix(),
            "missing_quotes": [{"id": name, "quote": quote} for name, quote in self.missing_quotes],
            "questions": [
                {
                    "id": r.question.id,
                    "question": r.question.question,
                    "gold": r.question.behaviour,
                    "contested": r.question.contested,
                    "predicted": r.answer.behaviour,
                    "search_rank": r.search_rank,
                    "answer_rank": r.answer_rank,
                    "right_company": r.right_company,
                    "right_snapshot": r.right_snapshot,
                    "why": "; ".join(r.faults()),
                }
                for r in self.results
            ],
        }


def evaluate(
    bot: Chatbot,
    questions: Sequence[LabelledQuestion],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Ask ``bot`` every question; ``progress`` learns how many of how many are done."""

    @lru_cache(maxsize=256)
    def text_of(company: str, day: str) -> str:
        """Give the policy archived on that very day, "" if there is none."""
        try:
            snapshot = bot.policy(company, date.fromisoformat(day))
        except (UnknownPolicyError, SourceError, ValueError):
            return ""
        return snapshot.text if snapshot.captured_on.isoformat() == day else ""

    folded = lru_cache(maxsize=256)(lambda company, day: match_fold(text_of(company, day)))
    stored = [(kept.company, day.isoformat()) for kept in bot.policies() for day in kept.days]
    missing_quotes = []
    results = []
    for question in questions:
        places = [place for place in stored if question.accepts(*place)]
        for quote in question.quotes:
            if not any(match_fold(quote) in folded(*place) for place in places):
                missing_quotes.append((question.id, quote))
        try:
            answer = bot.ask(question.question, history=question.history)
            hits = bot.search(question.question, history=question.history, limit=DEPTH)
        except QuestionError as error:
            raise EvaluationError(f"question {question.id!r} cannot be asked: {error}") from None
        results.append(judge(question, hits, answer, text_of))
        progress(len(results), len(questions))
    return Report(bot.generation, tuple(results), tuple(missing_quotes))
