"""A question with gold, what was found and what was said → Result: what is right about it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from rapidfuzz import fuzz

from chatbot.actions import ARCHIVE
from chatbot.evaluation.labelled import ExpectedAction, LabelledQuestion, match_fold
from chatbot.types import Action, Answer, Citation
from index.clean import display
from index.words import fold, stems

CITATION_LIMIT = 400  # characters, or three times the gold quote; a longer one points at nothing
ANSWERABLE = ("answer", "partly")
REFUSALS = ("not_stated", "which_company", "unknown_company", "off_topic")
SAME_ADDRESS = 70  # 0…100, rapidfuzz.fuzz.token_sort_ratio: what stands above the street differs
COUNTRY_CODE = re.compile(r"^1(?=\d{10}$)")  # of the United States, which is often left out
TIMES = frozenset(stems("period time long days weeks months years hours minutes often soon"))
QUOTED = re.compile(r"“([^”]+)”")
ADDRESS = re.compile(r"\S+@[\w-]+(?:\.[\w-]+)+|\+?\d[\d().\s-]{6,}\d")


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document as it was ranked."""

    id: str
    score: float
    text: str  # "" where only its id is known


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one question; None where a measure is not asked of it."""

    question: LabelledQuestion
    judged: dict[str, int]  # document → relevance; empty where the ranking is not judged
    ranking: tuple[Ranked, ...]  # by falling score
    answer: Answer | None = None  # None where only the ranking is measured
    answer_rank: int | None = None  # from 1, the first citation that hits; None: none does
    right_company: bool | None = None  # speaks of every gold company and of no other
    no_wrong_company: bool | None = None  # speaks of no other company, perhaps of none at all
    right_snapshot: bool | None = None  # speaks of every gold day and of no other
    valid: tuple[bool, ...] = ()  # per citation, near ones last: it stands where it says
    span: tuple[float, float] | None = None  # precision and recall of the cited characters
    supported: bool | None = None  # what the first sentence quotes stands in the citations
    polarity: bool | None = None  # begins with the yes, the no or the both that is right
    said_polarity: bool | None = None  # the same of an answer that begins so, whatever gold is
    names_missing: bool | None = None  # names the detail that the policy leaves out
    printed: tuple[bool, ...] = ()  # per action: the citation it points to prints it
    right_actions: tuple[bool, ...] = ()  # per action: it is one that is expected
    found_actions: tuple[bool, ...] = ()  # per expected action: it is offered

    @property
    def search_rank(self) -> int | None:
        """Where the first relevant document is ranked, from 1; None: nowhere."""
        return _first(self.judged.get(passage.id, 0) > 0 for passage in self.ranking)

    @property
    def behaves(self) -> bool | None:
        """Whether the behaviour is right."""
        gold = self.question.behaviour
        return self.answer.behaviour == gold if self.answer and gold else None

    def faults(self) -> Iterator[str]:
        """Say what is wrong."""
        if self.answer is None:
            if self.judged and not within(self.search_rank, 3):
                yield self._place()
            return
        yield from self._wrong_behaviour(self.answer)
        companies, days = spoken_of(self.answer)
        if self.right_company is False:
            yield f"speaks of {', '.join(sorted(companies)) or 'no company'}"
        if self.right_snapshot is False:
            yield f"speaks of {', '.join(sorted(days)) or 'no day'}"
        if self.question.quotes and not within(self.answer_rank, 3):
            cited = "cites other text" if self.answer.citations else "cites nothing"
            yield f"{cited}; {self._place()}"
        yield from self._wrong_parts()

    def _wrong_parts(self) -> Iterator[str]:
        if not all(self.valid):
            yield "a citation does not stand where it says"
        if not all(self.printed):
            yield "an address is not printed where it says"
        if self.polarity is False:
            yield f"does not begin with {self.question.polarity}"
        if self.names_missing is False:
            yield f"does not name what is missing: {self.question.missing}"
        if not all(self.found_actions):
            yield "does not offer an action that is printed for it"
        if not all(self.right_actions):
            yield "offers an action for something else"

    def _wrong_behaviour(self, answer: Answer) -> Iterator[str]:
        gold, predicted = self.question.behaviour, answer.behaviour
        if gold in ANSWERABLE and predicted in REFUSALS:
            yield "refused though the policy answers"
        elif gold == "not_stated" and predicted == "answer":
            yield "answered though the policy is silent"
        elif gold and gold != predicted:
            yield "other behaviour"

    def _place(self) -> str:
        rank = self.search_rank
        return f"search has the passage {f'in place {rank}' if rank else 'nowhere'}"


def judge(
    question: LabelledQuestion,
    judged: dict[str, int],
    ranking: Sequence[Ranked],
    answer: Answer,
    text_of: Callable[[str, str], str],
) -> Result:
    """Set what was found and said beside gold; ``text_of`` takes a company and a day."""
    gold = [match_fold(quote) for quote in question.quotes]

    def cites_gold(cited: Citation) -> bool:
        quote = match_fold(cited.quote)
        right = question.accepts(cited.company, cited.snapshot_date)
        return right and any(citation_hits(quote, wanted) for wanted in gold)

    def is_valid(cited: Citation) -> bool:
        text = text_of(cited.company, cited.snapshot_date)
        return 0 <= cited.start < cited.end and cited.quote == text[cited.start : cited.end]

    companies, days = spoken_of(answer)
    company, day = set(question.company), set(question.snapshot_date)
    expected = question.actions if question.behaviour in ANSWERABLE else None
    return Result(
        question=question,
        judged=judged,
        ranking=tuple(ranking),
        answer=answer,
        answer_rank=_first(cites_gold(cited) for cited in answer.citations),
        right_company=companies == company if company else None,
        no_wrong_company=companies <= company if company else None,
        right_snapshot=days == day if day else None,
        valid=tuple(is_valid(cited) for cited in (*answer.citations, *answer.near)),
        span=_span(question, answer, text_of) if question.quotes and answer.citations else None,
        supported=_is_supported(answer) if answer.citations else None,
        polarity=_says(answer) == question.polarity if question.polarity else None,
        said_polarity=_says(answer) == question.polarity
        if _says(answer) and question.actions is not None  # labelled beyond the behaviour
        else None,
        names_missing=_names(answer, question.missing) if question.missing else None,
        printed=tuple(_is_printed(action, answer) for action in answer.actions),
        right_actions=tuple(
            any(same_action(action, wanted) for wanted in expected)
            for action in answer.actions
            # Whom to ask what the policy leaves open is another matter.
            if action.citation in {citation.id for citation in answer.citations}
        )
        if expected is not None
        else (),
        found_actions=tuple(
            any(same_action(action, wanted) for action in answer.actions) for wanted in expected
        )
        if expected
        else (),
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


def _span(
    question: LabelledQuestion, answer: Answer, text_of: Callable[[str, str], str]
) -> tuple[float, float]:
    """How much of what is cited is gold, and how much of the best-covered gold quote is cited.

    Characters of the archived texts, as LegalBench-RAG counts them, except that of several gold
    quotes any one is enough.
    """
    cited = {
        (c.company, c.snapshot_date, place)
        for c in answer.citations
        for place in range(c.start, c.end)
    }
    texts = {(c.company, c.snapshot_date) for c in answer.citations}
    gold: set[tuple[str, str, int]] = set()
    recall = 0.0
    for quote in question.quotes:
        # However it is spaced, and wherever it stands.
        wanted = re.compile(r"\s+".join(map(re.escape, quote.split())), re.IGNORECASE)
        for company, day in texts:
            if not question.accepts(company, day):
                continue
            for place in wanted.finditer(text_of(company, day)):
                stretch = {(company, day, at) for at in range(*place.span())}
                gold |= stretch
                recall = max(recall, len(stretch & cited) / len(stretch))
    return (len(cited & gold) / len(cited) if cited else 0.0), recall


def _is_supported(answer: Answer) -> bool:
    """Whether all that the first sentence quotes, and every address in it, stands in a citation."""
    said = answer.first_paragraph
    shown = " ".join(_bare(text) for c in answer.citations for text in (c.quote, c.display))
    return all(_bare(words) in shown for words in [*QUOTED.findall(said), *ADDRESS.findall(said)])


def _says(answer: Answer) -> str:
    """The yes, the no or the both with which an answer begins, "" without one."""
    said = re.match(r"(yes|no|the policy says both)\b", answer.first_paragraph.lower())
    return said[1].split()[-1] if said else ""


def _names(answer: Answer, missing: str) -> bool:
    """Whether an answer names the missing detail: by any of its words, or as a time as well."""
    named, wanted = set(stems(answer.missing or "")), set(stems(missing))
    return bool(named & wanted) or bool(named & TIMES and wanted & TIMES)


def _is_printed(action: Action, answer: Answer) -> bool:
    """Whether the citation that an action points to prints it."""
    for cited in (*answer.citations, *answer.near):
        if cited.id == action.citation:
            raw = unquote(cited.quote)
            return _bare(action.text) in _bare(raw) or _bare(action.text) in _bare(display(raw))
    return False


def _bare(text: str) -> str:
    """Letters and digits only: lines, commas and escapes of an address do not matter."""
    return re.sub(r"[\W_]+", "", fold(ARCHIVE.sub("", text)))


def same_action(action: Action, expected: ExpectedAction) -> bool:
    """Whether an action is the one expected, however it is written."""
    if action.type != expected.type:
        return False
    if action.type == "link":
        return _address(action.href or action.text) == _address(expected.text)
    if action.type == "post":
        one, other = match_fold(action.text), match_fold(expected.text)
        numbers = [set(re.findall(r"\d+", text)) for text in (one, other)]
        return numbers[0] == numbers[1] and fuzz.token_sort_ratio(one, other) >= SAME_ADDRESS
    if action.type in ("phone", "fax"):
        digits = [re.sub(r"\D", "", text) for text in (action.text, expected.text)]
        return COUNTRY_CODE.sub("", digits[0]) == COUNTRY_CODE.sub("", digits[1])
    return _bare(action.text) == _bare(expected.text)


def _address(link: str) -> str:
    """Where a link leads: without the archive in front, scheme, ``www.`` and a final slash."""
    bare = ARCHIVE.sub("", unquote(link.strip()))
    try:
        split = urlsplit(bare if "://" in bare else f"https://{bare}")
    except ValueError:  # no address at all; it is the same only as itself
        return bare
    return f"{split.netloc.removeprefix('www.')}{split.path.rstrip('/')}?{split.query}".lower()


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
