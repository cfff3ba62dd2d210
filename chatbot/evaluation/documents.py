"""Passages as the documents of a test collection, and which of them a question's quotes need."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chatbot.evaluation.labelled import LabelledQuestion, match_fold
from index.policy_index import PolicyIndex
from index.types import Snapshot


@dataclass(frozen=True, slots=True)
class Document:
    """A passage standing in one snapshot."""

    id: str  # as ``document_id`` makes it
    company: str
    snapshot_date: str  # YYYY-MM-DD
    section: str
    text: str  # as searched: links as labels, white space folded
    start: int  # into the snapshot's text, as end
    end: int


def document_id(snapshot: Snapshot, start: int, end: int) -> str:
    """Where a document stands, such as ``lumens.com@2018-01-19:120-480``; without white space."""
    return f"{snapshot.id}:{start}-{end}"


def read_documents(policy_index: PolicyIndex, snapshot: Snapshot) -> Iterator[Document]:
    """The passages of a snapshot; one that stands there twice counts once, at its first place."""
    for row, places in policy_index.corpus.occurrences(snapshot.id).items():
        start, end = places[0]
        passage = policy_index.corpus.passage(row)
        yield Document(
            id=document_id(snapshot, start, end),
            company=snapshot.company,
            snapshot_date=snapshot.captured_on.isoformat(),
            section=passage.heading,
            text=passage.text,
            start=start,
            end=end,
        )


def read_collection(policy_index: PolicyIndex) -> Iterator[Document]:
    """The passages of every snapshot, by company and day."""
    for company in policy_index.companies.values():
        for day in company.days:
            yield from read_documents(policy_index, policy_index.snapshot(company.company, day))


def relevance(policy_index: PolicyIndex) -> Callable[[LabelledQuestion], list[str]]:
    """Give a function from a question to the ids of the documents that answer it.

    These are the documents of the right company and day that hold one of its quotes whole, folded;
    none where the question has no quote, or where each of them runs over two passages.
    """
    places = [(kept.company, day) for kept in policy_index.companies.values() for day in kept.days]

    @lru_cache(maxsize=256)
    def folded(company: str, day: date) -> list[tuple[str, str]]:
        snapshot = policy_index.snapshot(company, day)
        return [
            (document.id, match_fold(snapshot.text[document.start : document.end]))
            for document in read_documents(policy_index, snapshot)
        ]

    def relevant(question: LabelledQuestion) -> list[str]:
        quotes = [match_fold(quote) for quote in question.quotes]
        return [
            document
            for company, day in places
            if quotes and question.accepts(company, day.isoformat())
            for document, text in folded(company, day)
            if any(quote in text for quote in quotes)
        ]

    return relevant
