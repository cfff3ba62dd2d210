"""What goes in and what comes out: questions, hits, and the answer that every surface renders.

The JSON of the HTTP interface is ``dataclasses.asdict(answer)``.
"""

from dataclasses import dataclass
from typing import Literal

from index.types import Passage, Sentence, Snapshot

Behaviour = Literal[
    "answer", "partly", "not_stated", "which_company", "unknown_company", "compare", "off_topic"
]
ActionType = Literal["email", "phone", "fax", "post", "link"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier message; only those whose role is "user" are believed."""

    role: Literal["user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage standing in one snapshot, with its scores for one question."""

    snapshot: Snapshot
    passage: Passage
    sentences: tuple[Sentence, ...]
    row: int  # the passage's row in the index
    start: int
    end: int
    # 0…1 as fused; from ``Chatbot.search`` its best sentence's. Comparable only within one question
    score: float
    cosine: float  # −1…1, question and passage
    bm25: float  # ≥ 0


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote with its place; ``quote == snapshot.text[start:end]``."""

    id: int  # from 1, in the order shown
    quote: str
    display: str  # the same words as a person reads them
    start: int
    end: int
    section: str
    company: str
    snapshot_date: str  # YYYY-MM-DD, as all dates below
    archived_url: str | None
    stated_since: str  # first and last day of the unbroken run of snapshots that say it
    stated_until: str


@dataclass(frozen=True, slots=True)
class SnapshotReference:
    """A snapshot that an answer speaks of."""

    company: str
    date: str
    archived_url: str | None
    original_url: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A company that the question could mean."""

    company: str
    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One point on which two days or two companies are set side by side."""

    kind: Literal["only_then", "only_now", "reworded", "unchanged", "side_by_side"]
    before: Citation | None
    after: Citation | None


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do that the cited snapshot prints."""

    type: ActionType
    label: str  # begins with a verb
    href: str | None  # mailto:, tel: or https:
    text: str  # what to copy: the address, the number, the letter's wording
    citation: int  # the id of the citation that prints it


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known, in the policy's own words. The contract explains every field."""

    question: str
    behaviour: Behaviour
    answer: str  # its first paragraph answers; the quotes follow
    missing: str | None = None
    companies: tuple[str, ...] = ()
    snapshots: tuple[SnapshotReference, ...] = ()
    citations: tuple[Citation, ...] = ()
    near: tuple[Citation, ...] = ()
    comparison: tuple[Comparison, ...] = ()
    choices: tuple[Choice, ...] = ()
    actions: tuple[Action, ...] = ()
    notices: tuple[str, ...] = ()
    followups: tuple[str, ...] = ()
    confidence: float = 0.0  # 0…1 that the behaviour is right; not calibrated yet
    generation: str = ""

    @property
    def nearest(self) -> tuple[Citation, ...]:
        """What comes close and does not answer: ``near`` without where to ask."""
        asked_at = {action.citation for action in self.actions}
        return tuple(citation for citation in self.near if citation.id not in asked_at)

    @property
    def first_paragraph(self) -> str:
        """What the answer says before its quotes."""
        return self.answer.split("\n\n", 1)[0]
