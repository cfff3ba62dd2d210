"""A question with gold, what was found and what was said → Result: what is right about it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatbot.evaluation.labelled import LabelledQuestion, match_fold
from chatbot.types import Answer, Citation, Hit

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
        companies, days = spoken_of(self.answer)
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
        if self.question.quotes and not within(self.answer_rank, 3):
            cited = "cites other text" if self.answer.citations else "cites nothing"
            place = f"in place {self.search_rank}" if self.search_rank else "nowhere"
            yield f"{cited}; search has the passage {place} among {DEPTH}"
        if not all(self.valid):
            yield "a citation does not stand where it says"


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

    companies, days = spoken_of(answer)
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


def _first(outcomes: Iterable[bool]) -> int | None:
    return next((rank for rank, hit in enumerate(outcomes, 1) if hit), None)


def within(rank: int | None, places: int) -> bool:
    """Whether something was found, in one of the first ``places``."""
    return rank is not None and rank <= places


def spoken_of(answer: Answer) -> tuple[set[str], set[str]]:
    """List the companies, and the days, that an answer names or quotes."""
    cited = (*answer.citations, *answer.near)
    companies = {*answer.companies, *(citation.company for citation in cited)}
    days = {s.date for s in answer.snapshots} | {citation.snapshot_date for citation in cited}
    return companies, days
