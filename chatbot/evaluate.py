"""A labelled question set × ``Chatbot`` → Report: how often it is right, and where and why not.

The gold company and day are never passed to the bot: to find them is part of its task. The right
snapshot is demanded wherever a question has a gold day. Where its words name none, that is the
newest, which is what the bot has to take then.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from statistics import fmean, median
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.labelled import BEHAVIOURS, EvaluationError, LabelledQuestion, match_fold
from chatbot.question import QuestionError
from chatbot.types import Answer, Citation, Hit
from index.sources import SourceError

DEPTH = 10  # passages of the search that are looked at
CITATION_LIMIT = 400  # characters, or three times the gold quote; a longer one points at nothing
ANSWERABLE = ("answer", "partly")
REFUSALS = ("not_stated", "which_company", "unknown_company", "off_topic")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one question; None where a measure is not asked of it."""

    question: LabelledQuestion
    answer: Answer
    search_rank: int | None  # from 1, the first passage that hits; None: none of ten does
    answer_rank: int | None  # from 1, the first citation that hits; None: none does
    right_company: bool | None  # speaks of every gold company and of no other
    no_wrong_company: bool | None  # speaks of no other company, perhaps of none at all
    right_snapshot: bool | None  # speaks of every gold day and of no other
    valid: tuple[bool, ...]  # per citation, near ones last: it stands where it says

    def faults(self) -> Iterator[str]:
        """Say what is wrong with the answer."""
        gold, predicted = self.question.behaviour, self.answer.behaviour
        companies, days = _spoken_of(self.answer)
        if gold in ANSWERABLE and predicted in REFUSALS:
            yield "refused though the policy answers"
        elif gold == "not_stated" and predicted == "answer":
            yield "answered though the policy is silent"
        elif gold != predicted:
            yield "other behaviour"
        if self.right_company is False:
            yield f"speaks of {', '.join(sorted(companies)) or 'no company'}"
        if self.right_snapshot is False:
            yield f"speaks of {', '.join(sorted(days)) or 'no day'}"
        if self.question.quotes and not _within(self.answer_rank, 3):
            cited = "cites other text" if self.answer.citations else "cites nothing"
            place = f"in place {self.search_rank}" if self.search_rank else "nowhere"
            yield f"{cited}; search has the passage {place} among {DEPTH}"
        if not all(self.valid):
            yield "a citation does not stand where it says"


@dataclass(frozen=True, slots=True)
class Report:
    """One run over a question set."""

    generation: str
    results: tuple[Result, ...]
    missing_quotes: tuple[tuple[str, str], ...]  # (question id, gold quote that stands nowhere)

    def measures(self) -> dict[str, tuple[float | None, int]]:
        """Give each measure's value (None where n is 0) and n, of how many it is."""
        every = self.results
        asked = [(r.question.behaviour, r.answer.behaviour) for r in every]
        quoted = [r for r in every if r.question.quotes]
        words = [len(c.display.split()) for r in every for c in r.answer.citations]
        return {
            "right behaviour": _mean(gold == predicted for gold, predicted in asked),
            "answer Success@1": _mean(_within(r.answer_rank, 1) for r in quoted),
            "answer Success@3": _mean(_within(r.answer_rank, 3) for r in quoted),
            "search Success@1": _mean(_within(r.search_rank, 1) for r in quoted),
            "search Success@3": _mean(_within(r.search_rank, 3) for r in quoted),
            f"search RR@{DEPTH}": _mean(1 / r.search_rank if r.search_rank else 0 for r in quoted),
            "right company": _mean(r.right_company for r in every),
            "no wrong company": _mean(r.no_wrong_company for r in every),
            "right snapshot": _mean(r.right_snapshot for r in every),
            "refused though answerable": _mean(p in REFUSALS for g, p in asked if g in ANSWERABLE),
            "answered though silent": _mean(p == "answer" for g, p in asked if g == "not_stated"),
            "valid citations": _mean(valid for r in every for valid in r.valid),
            "median words of a citation": (median(words) if words else None, len(words)),
        }

    def matrix(self) -> dict[str, dict[str, int]]:
        """Questions by gold behaviour, then by the behaviour of the answer."""
        pairs = Counter((r.question.behaviour, r.answer.behaviour) for r in self.results)
        return {gold: {was: pairs[gold, was] for was in BEHAVIOURS} for gold in BEHAVIOURS}

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain JSON values."""
        return {
            "generation": self.generation,
            "measures": {name: {"value": v, "n": n} for name, (v, n) in self.measures().items()},
            "matrix": self.matrix(),
            "missing_quotes": [{"id": name, "quote": quote} for name, quote in self.missing_quotes],
            "questions": [
                {
                    "id": r.question.id,
                    "question": r.question.question,
                    "gold": r.question.behaviour,
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


def _mean(outcomes: Iterable[float | None]) -> tuple[float | None, int]:
    known = [outcome for outcome in outcomes if outcome is not None]
    return (fmean(known) if known else None, len(known))


def _within(rank: int | None, places: int) -> bool:
    return rank is not None and rank <= places


def citation_hits(citation: str, gold: str) -> bool:
    """Whether a citation shows at least half of a gold quote and little else; both folded.

    Slices of one text overlap where one holds the other or ends as the other begins. Words they
    share anywhere else are no overlap: policies repeat their phrases.
    """
    shorter, half = min(len(citation), len(gold)), (len(gold) + 1) // 2
    if len(citation) > max(CITATION_LIMIT, 3 * len(gold)) or shorter < half:
        return False
    return (citation in gold or gold in citation) or any(
        citation.endswith(gold[:size]) or citation.startswith(gold[-size:])
        for size in range(half, shorter)
    )


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


def judge(
    question: LabelledQuestion,
    hits: Sequence[Hit],
    answer: Answer,
    text_of: Callable[[str, str], str],
) -> Result:
    """Set what was found and said beside gold; ``text_of`` takes a company and a day."""
    gold = [match_fold(quote) for quote in question.quotes]

    def passage_hits(hit: Hit) -> bool:
        passage = match_fold(hit.snapshot.text[hit.start : hit.end])
        right = question.accepts(hit.snapshot.company, hit.snapshot.captured_on.isoformat())
        return right and any(quote in passage for quote in gold)

    def cites_gold(cited: Citation) -> bool:
        quote = match_fold(cited.quote)
        right = question.accepts(cited.company, cited.snapshot_date)
        return right and any(citation_hits(quote, wanted) for wanted in gold)

    def is_valid(cited: Citation) -> bool:
        text = text_of(cited.company, cited.snapshot_date)
        return 0 <= cited.start < cited.end and cited.quote == text[cited.start : cited.end]

    companies, days = _spoken_of(answer)
    company, day = set(question.company), set(question.snapshot_date)
    return Result(
        question=question,
        answer=answer,
        search_rank=_first(passage_hits(hit) for hit in hits[:DEPTH]),
        answer_rank=_first(cites_gold(cited) for cited in answer.citations),
        right_company=companies == company if company else None,
        no_wrong_company=companies <= company if company else None,
        right_snapshot=days == day if day else None,
        valid=tuple(is_valid(cited) for cited in (*answer.citations, *answer.near)),
    )


def _first(outcomes: Iterable[bool]) -> int | None:
    return next((rank for rank, hit in enumerate(outcomes, 1) if hit), None)


def _spoken_of(answer: Answer) -> tuple[set[str], set[str]]:
    """List the companies, and the days, that an answer names or quotes."""
    cited = (*answer.citations, *answer.near)
    companies = {*answer.companies, *(citation.company for citation in cited)}
    days = {s.date for s in answer.snapshots} | {citation.snapshot_date for citation in cited}
    return companies, days


def render(report: Report) -> Group:
    """Lay out the report for a terminal: measures, behaviours, and what failed and why."""
    measures = Table("Measure", "Value", "n", title=f"{len(report.results)} questions")
    for name, (value, n) in report.measures().items():
        measures.add_row(name, "–" if value is None else f"{value:.4g}", str(n))
    labels = [behaviour.replace("_", " ") for behaviour in BEHAVIOURS]
    matrix = Table("gold ↓ bot →", *labels, title="Behaviours")
    for label, counts in zip(labels, report.matrix().values(), strict=True):
        matrix.add_row(label, *(str(count or "·") for count in counts.values()))
    failed = Table("Id", "Question", "Gold → bot", "Why", title="Questions that failed")
    for row in report.to_dict()["questions"]:
        if row["why"]:
            behaviours = f"{row['gold']} → {row['predicted']}"
            failed.add_row(*map(_plain, (row["id"], row["question"], behaviours, row["why"])))
    missing = [
        _plain(f"{name}: this gold quote stands in no policy: {quote}")
        for name, quote in report.missing_quotes
    ]
    return Group(measures, matrix, failed, *missing)


def _plain(text: str) -> Text:
    """``text`` without markup, and without characters that steer a terminal."""
    return Text("".join(sign if sign.isprintable() else " " for sign in text))
