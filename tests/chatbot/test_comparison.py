"""Two runs side by side: what differs, in which direction, and how likely that is chance."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import product
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from chatbot.cli import app
from chatbot.evaluation.compare import (
    FALLS,
    RESAMPLES,
    Comparison,
    compare_runs,
    holm,
    read_earlier,
)
from chatbot.evaluation.intervals import SEED
from chatbot.evaluation.judge import Ranked, Result
from chatbot.evaluation.labelled import EvaluationError, LabelledQuestion
from chatbot.evaluation.measures import MEASURES
from chatbot.evaluation.output import write_report
from chatbot.evaluation.report import Report
from chatbot.evaluation.shown import render_comparison
from chatbot.types import Answer, Behaviour, Citation

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = ROOT / "seeds" / "questions.jsonl"
COMPANIES = ["lamps.com", "rings.com", "shoes.com"]


def asked(number: int, gold: Behaviour | None, contested: bool = False) -> LabelledQuestion:
    company = (COMPANIES[number % len(COMPANIES)],)
    name = f"q{number}"
    return LabelledQuestion(name, "?", (), company, (), gold, (), contested=contested)


def answered(gold: Behaviour, *behaviours: Behaviour, contested: bool = False) -> Report:
    """What was said to questions of which every one has the same gold behaviour."""
    return Report(
        "x",
        tuple(
            Result(asked(number, gold, contested), {}, (), Answer("?", behaviour, "…"))
            for number, behaviour in enumerate(behaviours)
        ),
    )


def ranked_at(*places: int | None) -> Report:
    """Where the one relevant document of each question was ranked; None: nowhere."""
    results = []
    for number, place in enumerate(places):
        names = [f"d{rank}" for rank in range(1, 12)]
        if place is not None:
            names[place - 1] = "gold"
        ranking = tuple(Ranked(name, -rank, "") for rank, name in enumerate(names))
        results.append(Result(asked(number, None), {"gold": 1}, ranking))
    return Report("x", tuple(results))


@pytest.fixture
def compared(tmp_path: Path) -> Callable[[Report, Report], Comparison]:
    """Write the first report as a run, and set the second beside it."""

    def compare(before: Report, now: Report) -> Comparison:
        (tmp_path / "before").mkdir(exist_ok=True)
        write_report(before, tmp_path / "before")
        return compare_runs(now, read_earlier(tmp_path / "before"))

    return compare


Compared = Callable[[Report, Report], Comparison]


def by_hand(changes: Sequence[float]) -> float:
    """Of all ways to give each change its sign, the share that is as far from 0 or farther."""
    seen = abs(sum(changes))
    sums = [
        abs(sum(sign * change for sign, change in zip(signs, changes, strict=True)))
        for signs in product((1, -1), repeat=len(changes))
    ]
    return sum(total >= seen - 1e-9 for total in sums) / len(sums)


# What differs


def test_wins_ties_and_losses_are_counted_question_by_question(compared: Compared) -> None:
    before = answered("answer", *["answer"] * 2, *["not_stated"] * 4)
    now = answered("answer", "answer", "not_stated", *["answer"] * 3, "not_stated")
    found = compared(before, now).differences["right behaviour"]
    assert (found.wins, found.ties, found.losses) == (3, 2, 1)
    assert (found.before, found.now) == (pytest.approx(2 / 6), pytest.approx(4 / 6))
    assert found.change.value == pytest.approx(2 / 6)
    assert (found.change.n, found.change.clusters) == (6, 3)


def test_a_measure_that_falls_is_won_by_falling(compared: Compared) -> None:
    before = answered("answer", *["answer"] * 2, *["not_stated"] * 4)
    now = answered("answer", "answer", "not_stated", *["answer"] * 3, "not_stated")
    found = compared(before, now).differences["refused though answerable"]
    assert (found.wins, found.ties, found.losses) == (3, 2, 1)
    assert found.change.value == pytest.approx(-2 / 6)


def test_answering_though_the_policy_is_silent_is_lost(compared: Compared) -> None:
    found = compared(
        answered("not_stated", *["not_stated"] * 2), answered("not_stated", "answer", "not_stated")
    )
    difference = found.differences["answered though silent"]
    assert (difference.wins, difference.ties, difference.losses) == (0, 1, 1)
    assert difference.change.value == pytest.approx(1 / 2)


def test_a_shorter_citation_is_won(compared: Compared) -> None:
    def quoting(*texts: str) -> Report:
        return Report(
            "x",
            tuple(
                Result(
                    asked(number, None),
                    {},
                    (),
                    Answer(
                        "?",
                        "answer",
                        "…",
                        citations=(Citation(1, text, text, 0, 1, "", "", "", None, "", ""),),
                    ),
                )
                for number, text in enumerate(texts)
            ),
        )

    found = compared(quoting("a b c d", "a"), quoting("a b", "a")).differences
    words = found["words of a citation"]
    assert (words.wins, words.ties, words.losses) == (1, 1, 0)
    assert words.change.value == -1


def test_every_measure_that_falls_is_a_measure() -> None:
    assert set(MEASURES) >= FALLS


def test_rankings_are_compared_by_their_own_measures(compared: Compared) -> None:
    found = compared(ranked_at(1, 2, 4, 11), ranked_at(2, 1, 4, 10)).differences
    assert list(found) == list(MEASURES[:6])
    first = found["RR@10"]
    assert (first.wins, first.ties, first.losses) == (2, 1, 1)
    changes = [1 / 2 - 1, 1 - 1 / 2, 0, 1 / 10]
    assert first.change.value == pytest.approx(fmean(changes))
    assert (found["R@10"].wins, found["R@10"].ties) == (1, 3)


def test_the_interval_is_that_of_the_change(compared: Compared) -> None:
    every = compared(answered("answer", *["not_stated"] * 6), answered("answer", *["answer"] * 6))
    change = every.differences["right behaviour"].change
    assert (change.value, change.low, change.high) == (1, 1, 1)
    part = compared(
        answered("answer", *["not_stated"] * 6),
        answered("answer", *["answer", "not_stated", "partly"] * 2),
    )
    change = part.differences["right behaviour"].change
    assert change.low is not None
    assert change.high is not None
    assert change.low == 0 < 1 / 3 < change.high == 1


def test_questions_of_one_run_only_are_counted_and_not_compared(compared: Compared) -> None:
    found = compared(answered("answer", *["answer"] * 5), answered("answer", *["answer"] * 3))
    assert found.problems == ("2 questions are in only one of the runs",)
    assert found.differences["right behaviour"].change.n == 3


def test_contested_questions_are_not_compared(compared: Compared) -> None:
    before = answered("answer", "answer", "answer", contested=True)
    now = answered("answer", "not_stated", "answer", contested=True)
    assert compared(before, now).differences == {}


def test_a_measure_that_only_one_run_has_is_not_compared(compared: Compared) -> None:
    found = compared(answered("answer", "answer", "answer"), ranked_at(1, 1))
    assert found.differences == {}
    assert len(found.changed) == 2


def test_a_run_with_long_documents_is_read_again(compared: Compared) -> None:
    ranking = tuple(Ranked(name, 1, "word " * 100_000) for name in ("a", "b", "c"))
    report = Report("x", (Result(asked(0, None), {"c": 1}, ranking),))
    assert compared(report, report).differences["RR@10"].ties == 1


# How likely it is chance


@pytest.mark.parametrize(
    ("places", "p"),
    [
        pytest.param([(2, 1)] * 5, 2 / 32, id="five-of-five"),
        pytest.param([(2, 1)] * 3 + [(1, 2)] * 2, 1.0, id="three-against-two"),
        pytest.param([(2, 1)] * 3 + [(1, 2)] + [(1, 1)] * 2, 10 / 16, id="three-against-one"),
        pytest.param([(1, 2)] * 4 + [(1, 1)], 2 / 16, id="four-lost"),
        pytest.param([(1, 1)] * 4, 1.0, id="nothing-changed"),
    ],
)
def test_p_is_the_share_of_signs_that_differ_as_much(
    compared: Compared, places: list[tuple[int, int]], p: float
) -> None:
    before, now = zip(*places, strict=True)
    found = compared(ranked_at(*before), ranked_at(*now)).differences["Success@1"]
    assert found.p == pytest.approx(p)
    changes = [(new == 1) - (old == 1) for old, new in places]
    assert found.p == pytest.approx(by_hand(changes))


def test_p_weighs_changes_by_their_size(compared: Compared) -> None:
    places = [(1, 2), (4, 1), (5, 2), (10, 5), (3, 3), (2, 4)]
    before, now = zip(*places, strict=True)
    found = compared(ranked_at(*before), ranked_at(*now)).differences["RR@10"]
    assert found.p == pytest.approx(by_hand([1 / new - 1 / old for old, new in places]))
    assert 0 < found.p < 1


def test_p_of_many_questions_is_drawn_with_the_printed_seed(compared: Compared) -> None:
    before = ranked_at(*[2] * 20, *[1] * 10)
    now = ranked_at(*[1] * 18, *[2] * 2, *[2] * 6, *[1] * 4)
    first, second = (compared(before, now).differences["Success@1"] for _ in range(2))
    assert first == second
    # 24 questions changed, 18 for the better: twice the tail of a fair coin.
    assert first.p == pytest.approx(0.0227, abs=0.005)


@pytest.mark.parametrize(
    ("ps", "adjusted"),
    [
        pytest.param(
            {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005},
            {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02},
            id="four",
        ),
        pytest.param({"a": 0.4, "b": 0.6}, {"a": 0.8, "b": 0.8}, id="never-falls"),
        pytest.param({"a": 0.7, "b": 1.0}, {"a": 1.0, "b": 1.0}, id="at-most-1"),
        pytest.param({"a": 0.02}, {"a": 0.02}, id="one"),
        pytest.param({}, {}, id="none"),
    ],
)
def test_holms_correction(ps: dict[str, float], adjusted: dict[str, float]) -> None:
    assert holm(ps) == pytest.approx(adjusted)


def test_every_tested_measure_is_corrected_for_all(compared: Compared) -> None:
    found = compared(ranked_at(2, 2, 4, 11, 3, 2), ranked_at(1, 1, 2, 10, 1, 1))
    differences = found.differences
    assert {name: d.p_holm for name, d in differences.items()} == pytest.approx(
        holm({name: d.p for name, d in differences.items()})
    )
    assert "Holm's correction for 6 measures" in found.test
    best = min(d.p for d in differences.values())
    assert min(d.p_holm for d in differences.values()) == pytest.approx(6 * best)


# Questions that came out otherwise


def test_what_changed_is_named_with_both_outcomes(compared: Compared) -> None:
    found = compared(
        answered("answer", "answer", "not_stated"), answered("answer", "answer", "partly")
    )
    (changed,) = found.changed
    before, now = changed.removeprefix("q1: ").split(" → ")
    assert before.startswith("not_stated")
    assert now.startswith("partly")


def test_a_passage_that_moved_is_named(compared: Compared) -> None:
    found = compared(ranked_at(1, 3, None), ranked_at(1, 1, 11))
    second, third = found.changed
    assert second == "q1: passage in place 3 → passage in place 1"
    assert third == "q2: no passage → passage in place 11"


# The command


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:  # noqa: ANN401  # whatever the command wrote as JSON
        """The one JSON document on standard output."""
        return json.loads(self.stdout)


def evaluate(*arguments: object) -> Ran:
    """Run ``evaluate`` within this process; what it does not catch fails the test."""
    result = CliRunner().invoke(app, ["evaluate", *map(str, arguments)], catch_exceptions=False)
    return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="module")
def some(store: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[object], Path]:
    """The arguments that measure a few questions, and the folder of that run."""
    folder = tmp_path_factory.mktemp("compared")
    questions = folder / "questions.jsonl"
    questions.write_bytes(b"\n".join(QUESTIONS.read_bytes().splitlines()[::4]))
    arguments = [questions, "--store", store]
    assert evaluate(*arguments, "--out", folder / "before").code == 0
    return arguments, folder / "before"


Some = tuple[list[object], Path]


def test_a_run_does_not_differ_from_itself(some: Some) -> None:
    arguments, before = some
    document = evaluate(*arguments, "--compare", before, "--json").document
    comparison = document["comparison"]
    assert comparison["changed"] == comparison["problems"] == []
    assert comparison["differences"].keys() == document["measures"].keys()
    for found in comparison["differences"].values():
        assert (found["before"], found["p"], found["p_holm"]) == (found["now"], 1, 1)
        assert {found["change"][key] for key in ("value", "low", "high")} == {0}
        assert (found["wins"], found["losses"]) == (0, 0)
        assert found["ties"] == found["change"]["n"] > 0


def test_the_terminal_says_which_test_and_which_seed(some: Some) -> None:
    arguments, before = some
    ran = evaluate(*arguments, "--compare", before / "per_question.jsonl")
    assert ran.code == 0
    said = " ".join(ran.stdout.split())
    assert f"two-sided paired randomisation over questions, {RESAMPLES:,} resamples" in said
    assert f"seed {SEED}" in said
    assert "0 questions came out otherwise" in said


def test_a_run_is_compared_before_it_replaces_the_earlier_one(some: Some, tmp_path: Path) -> None:
    arguments, before = some
    folder = shutil.copytree(before, tmp_path / "run")
    earlier = folder / "per_question.jsonl"
    written = earlier.read_bytes()
    rows = [json.loads(line) for line in written.splitlines()]
    worse = [row | {"measures": {**row["measures"], "right behaviour": [0.0]}} for row in rows]
    earlier.write_text("\n".join(map(json.dumps, worse)), "utf-8")
    ran = evaluate(*arguments, "--compare", folder, "--out", folder, "--json")
    found = ran.document["comparison"]["differences"]["right behaviour"]
    assert (found["before"], found["losses"]) == (0, 0)
    assert found["wins"] > 0
    assert earlier.read_bytes() == written
    assert json.loads((folder / "comparison.json").read_text("utf-8")) == ran.document["comparison"]


def test_the_terminal_shows_every_measure_and_all_that_changed(compared: Compared) -> None:
    found = compared(ranked_at(1, 3, None), ranked_at(1, 1, 11))
    terminal = StringIO()
    Console(file=terminal, width=200).print(render_comparison(found))
    text = terminal.getvalue()
    for name in found.differences:
        assert name in text
    assert found.test in text
    assert "2 questions came out otherwise:" in text
    assert all(line in text for line in found.changed)


ROW = {"id": "lumens-opt-out", "measures": {}, "cluster": "lumens.com"}
NO_RUNS = {
    "garbage": b"this is no run\n",
    "binary": bytes(range(256)) * 10,
    "not-utf-8": b'{"id": "\xff"}',
    "a-list": b"[1]",
    "no-measures": b'{"id": "lumens-opt-out", "cluster": "a.com"}',
    "no-id": b'{"measures": {}, "cluster": "a.com"}',
    "question-set": b'{"id": "lumens-opt-out", "question": "?"}',
    "nested-too-deep": b"[" * 50_000,
}


@pytest.mark.parametrize("content", NO_RUNS.values(), ids=NO_RUNS.keys())
def test_a_file_that_is_no_run_is_refused_by_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "per_question.jsonl"
    path.write_bytes(json.dumps(ROW).encode() + b"\n" + content)
    with pytest.raises(EvaluationError) as refused:
        read_earlier(tmp_path)
    assert str(refused.value).startswith(f"{path}: line 2 is no question of a run")
    assert str(refused.value).endswith("name a folder that --out wrote")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "cannot be read: No such file", id="folder-without-a-run"),
        pytest.param(b"", "has no question in common", id="empty"),
        pytest.param(b"\n \n", "has no question in common", id="white-space"),
        pytest.param(
            b'{"id": "x", "measures": {}, "cluster": ""}',
            "has no question in common",
            id="other-ids",
        ),
        pytest.param(b"garbage", "line 1 is no question of a run", id="garbage"),
    ],
)
def test_the_command_refuses_what_is_no_run_of_these_questions(
    some: Some, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    arguments, before = some
    if content is not None:
        (tmp_path / "per_question.jsonl").write_bytes(content)
    rankings = ["--run", before / "run.trec"]
    ran = evaluate(*arguments, *rankings, "--compare", tmp_path, "--out", tmp_path / "new")
    assert (ran.code, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[-1].startswith("policychat: ")
    assert reason in ran.stderr
    assert not list((tmp_path / "new").glob("*"))
