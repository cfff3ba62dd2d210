"""The labelled questions stand on the seed policies: every gold quote can be found and cited."""

import json
from collections import Counter
from pathlib import Path

import pytest

from chatbot.evaluation.labelled import BEHAVIOURS, LabelledQuestion, read_questions
from index.sources import parse_headed
from index.split import split_snapshot
from index.types import Snapshot

SEEDS = Path(__file__).parent.parent / "seeds"
QUESTIONS, PROBLEMS = read_questions(SEEDS / "questions.jsonl")
SNAPSHOTS = [parse_headed(path.read_bytes().decode("utf-8-sig")) for path in SEEDS.glob("*.txt")]
PASSAGES = {
    snapshot.id: [place for _, place in split_snapshot(snapshot, lambda text: True)]
    for snapshot in SNAPSHOTS
}
QUOTED = [
    pytest.param(question, quote, id=f"{question.id}-{number}")
    for question in QUESTIONS
    for number, quote in enumerate(question.quotes, 1)
]


def places(question: LabelledQuestion, quote: str) -> list[tuple[Snapshot, int]]:
    """Every gold snapshot that holds the quote to the letter, and where it begins."""
    found = []
    for snapshot in SNAPSHOTS:
        if question.accepts(snapshot.company, snapshot.captured_on.isoformat()):
            start = snapshot.text.find(quote, snapshot.body_start)
            while start >= 0:
                found.append((snapshot, start))
                start = snapshot.text.find(quote, start + 1)
    return found


def test_every_line_is_a_labelled_question() -> None:
    assert not PROBLEMS
    assert 40 <= len(QUESTIONS) <= 60


def test_ids_are_unique_and_all_keys_are_written_out() -> None:
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert max(Counter(row["id"] for row in rows).values()) == 1
    keys = {"id", "question", "history", "company", "snapshot_date", "behaviour", "quotes", "note"}
    assert all(set(row) == keys for row in rows)


def test_every_behaviour_is_asked_for() -> None:
    assert {question.behaviour for question in QUESTIONS} == set(BEHAVIOURS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_gold_fits_together(question: LabelledQuestion) -> None:
    assert bool(question.quotes) == (question.behaviour in ("answer", "partly", "compare"))
    if question.quotes:
        assert question.company
        assert question.snapshot_date
    kept = {(s.company, s.captured_on.isoformat()) for s in SNAPSHOTS}
    assert {company for company, _ in kept} >= set(question.company)
    days = {day for company, day in kept if company in question.company}
    assert days >= set(question.snapshot_date)


@pytest.mark.parametrize(("question", "quote"), QUOTED)
def test_a_gold_quote_stands_in_its_snapshot(question: LabelledQuestion, quote: str) -> None:
    assert places(question, quote)


@pytest.mark.parametrize(("question", "quote"), QUOTED)
def test_a_gold_quote_lies_within_one_passage(question: LabelledQuestion, quote: str) -> None:
    for snapshot, start in places(question, quote):
        end = start + len(quote)
        spans = [(place.start, place.end) for place in PASSAGES[snapshot.id]]
        assert any(first <= start and end <= last for first, last in spans), (
            f"{snapshot.id} [{start}, {end}) crosses the edge of a passage"
        )
