"""The labelled questions keep their promises, and their check finds what would break them."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import question_set
from question_set import POLICIES, hits_of, row_faults, span_f1, split_faults
from rapidfuzz import fuzz, process

TEXT = (POLICIES / "quora.com_2025-10-23.md").read_text("utf-8")
QUOTE = "We do not sell your personal information to third parties"
ROW: dict[str, Any] = {
    "id": "a",
    "question": "does Quora sell what it knows about me?",
    "history": [],
    "company": "quora.com",
    "snapshot_date": "2025-10-23",
    "behaviour": "answer",
    "quotes": [QUOTE],
    "missing": None,
    "polarity": "no",
    "topic": "sell",
    "actions": [],
    "contested": False,
    "note": "",
}
SILENT = ROW | {
    "behaviour": "not_stated",
    "quotes": [],
    "polarity": None,
    "note": f"searched: breach 0, sell {hits_of('SELL', [TEXT])}, zebra 0; nothing near",
}


def test_the_question_set_has_no_fault() -> None:
    assert list(question_set.faults()) == []


@pytest.mark.parametrize("row", [ROW, SILENT], ids=["answered", "silent"])
def test_a_good_row_has_no_fault(row: dict[str, Any]) -> None:
    assert list(row_faults(row)) == []


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param(ROW | {"quotes": [QUOTE.upper()]}, "stands in no policy", id="case"),
        pytest.param(ROW | {"snapshot_date": "2022-07-11"}, "stands in no policy", id="other-day"),
        pytest.param(ROW | {"snapshot_date": "2021-07-11"}, "no policy of its days", id="no-day"),
        pytest.param(ROW | {"company": "twitch.tv"}, "no policy of its days", id="other-company"),
        pytest.param(ROW | {"quotes": []}, "quotes go with", id="no-quote"),
        pytest.param(SILENT | {"quotes": [QUOTE]}, "quotes go with", id="quote-for-silence"),
        pytest.param(ROW | {"missing": "a period"}, "missing goes with", id="missing"),
        pytest.param(ROW | {"behaviour": "partly"}, "missing goes with", id="not-missing"),
        pytest.param(ROW | {"behaviour": "off_topic"}, "a company goes with", id="company"),
        pytest.param(ROW | {"topic": "selling"}, "unknown topic", id="topic"),
        pytest.param(ROW | {"source": "me"}, "its keys are not", id="more-keys"),
        pytest.param(SILENT | {"note": "searched: breach 0, sell 3"}, "does not begin", id="two"),
        pytest.param(
            SILENT | {"note": "searched: breach 0, privacy 0, zebra 0"},
            "'privacy' is found",
            id="wrong-hits",
        ),
    ],
)
def test_a_bad_row_is_told(row: dict[str, Any], fault: str) -> None:
    assert any(fault in told for told in row_faults(row)), list(row_faults(row))


def split_with(**other: object) -> list[str]:
    test = ROW | {"id": "b", "company": "x.com", "question": "who hears my voice notes?"} | other
    return list(split_faults({"sample": [], "dev": [deepcopy(ROW)], "test": [test]}))


@pytest.mark.parametrize(
    ("other", "faults"),
    [
        pytest.param({}, 0, id="apart"),
        pytest.param({"company": ["x.com", "quora.com"]}, 1, id="company-in-both"),
        pytest.param({"question": "does X sell what it knows about me?"}, 1, id="other-name"),
        pytest.param({"question": "What it knows about me – does x.com sell?"}, 1, id="reordered"),
        pytest.param({"question": "does X rent what it heard about us?"}, 0, id="another-matter"),
        pytest.param({"id": "a"}, 1, id="id-twice"),
    ],
)
def test_nothing_of_one_split_stands_in_the_other(other: dict[str, Any], faults: int) -> None:
    assert len(split_with(**other)) == faults, split_with(**other)


def test_span_f1_counts_the_characters_that_both_quote() -> None:
    half = ROW | {"quotes": [QUOTE[: len(QUOTE) // 2]]}
    assert span_f1(ROW, ROW) == 1
    assert span_f1(ROW, half) == pytest.approx(2 / 3, abs=0.02)
    assert span_f1(ROW, SILENT) == 0
    assert span_f1(SILENT, SILENT) is None


def test_what_is_fitted_on_is_not_what_is_measured() -> None:
    """No company and nearly no question of the training set is in any question set."""
    training = Path(question_set.__file__).parent.parent / "benchmarks" / "training"
    rows = question_set.read_rows(training / "questions.jsonl")
    asked = [row for rows in question_set.questions().values() for row in rows]
    companies = {company for row in asked for company in question_set.listed(row["company"])}
    assert not companies & {row["policy"].split("_")[0] for row in rows}
    for row in rows:
        text = (training / "policies" / f"{row['policy']}.md").read_text("utf-8")
        assert all(quote in text for quote in row["quotes"]), row["question"]
    alike = process.cdist(
        [row["question"].lower() for row in rows],
        [row["question"].lower() for row in asked],
        scorer=fuzz.token_sort_ratio,
        score_cutoff=question_set.NEAR_DUPLICATE,
    )
    assert not alike.any()
