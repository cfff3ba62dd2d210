"""Judgements and rankings of TREC: read, written, and measured as trec_eval measures them."""

import json
import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from chatbot.cli import app
from chatbot.evaluation.files import evaluate_files
from chatbot.evaluation.judge import Ranked, Result
from chatbot.evaluation.labelled import EvaluationError, LabelledQuestion
from chatbot.evaluation.measures import RANKING
from chatbot.evaluation.output import write_report
from chatbot.evaluation.report import Report
from chatbot.evaluation.trec import (
    qrels_lines,
    ranked,
    read_qrels,
    read_run,
    run_lines,
    strictly_falling,
)

ROOT = Path(__file__).parent.parent.parent
QUESTIONS = ROOT / "seeds" / "questions.jsonl"
RANKED = set(map(str, RANKING))
OURS = {  # trec_eval's name of a measure → ours
    "ndcg_cut_10": "nDCG@10",
    "recip_rank": "RR@10",
    "recall_5": "R@5",
    "recall_10": "R@10",
    "success_1": "Success@1",
    "success_3": "Success@3",
}
ASKED_OF_TREC_EVAL = {"ndcg_cut.10", "recip_rank", "recall.5,10", "success.1,3"}


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def beir(folder: Path) -> Path:
    """Twelve documents of two shops, and graded judgements with zeros."""
    corpus = [
        {
            "_id": f"{company}-{number}",
            "title": "Privacy",
            "text": f"We keep {thing} for {number + 1} years.",
            "company": company,
        }
        for company in ("lamps.com", "rings.com")
        for number, thing in enumerate(["orders", "names", "cookies", "orders", "cards", "letters"])
    ]
    queries = [
        {"_id": "orders", "text": "how long are orders kept?", "company": "lamps.com"},
        {"_id": "letters", "text": "do you keep what I write to you?", "company": "lamps.com"},
        {"_id": "rings", "text": "how long are cookies kept?", "company": "rings.com"},
        {"_id": "all", "text": "who keeps my credit card?"},
        {"_id": "nobody", "text": "what is kept?", "company": "nobody.com"},
    ]
    qrels = [
        ("orders", "lamps.com-3", 3),
        ("orders", "lamps.com-0", 1),
        ("orders", "lamps.com-1", 0),
        ("letters", "lamps.com-4", 1),
        ("letters", "rings.com-4", 1),  # of the other company: it is not found
        ("rings", "rings.com-5", 2),
        ("all", "rings.com-4", 1),
        ("all", "lamps.com-2", 2),
        ("nobody", "lamps.com-0", 1),
    ]
    write(folder / "corpus.jsonl", "\n".join(map(json.dumps, corpus)))
    write(folder / "queries.jsonl", "\n".join(map(json.dumps, queries)))
    rows = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in qrels)]
    write(folder / "qrels" / "test.tsv", "\n".join(rows))
    return folder


def by_trec_eval(
    qrels: dict[str, dict[str, int]], run: dict[str, dict[str, float]]
) -> dict[str, dict[str, float]]:
    """What trec_eval says of each judged question, under our names; 0 where nothing was ranked."""
    first_ten = {
        name: dict(sorted(scores.items(), key=lambda item: item[1], reverse=True)[:10])
        for name, scores in run.items()
    }
    whole = pytrec_eval.RelevanceEvaluator(qrels, ASKED_OF_TREC_EVAL).evaluate(run)
    cut = pytrec_eval.RelevanceEvaluator(qrels, {"recip_rank"}).evaluate(first_ten)
    return {
        question: {
            ours: (cut if theirs == "recip_rank" else whole).get(question, {}).get(theirs, 0.0)
            for theirs, ours in OURS.items()
        }
        for question in qrels
    }


def read_written(
    folder: Path,
) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, float]]]:
    """The judgements and the run of a folder, as another tool reads them."""
    with (folder / "qrels.trec").open() as qrels, (folder / "run.trec").open() as run:
        return pytrec_eval.parse_qrel(qrels), pytrec_eval.parse_run(run)


def metrics(folder: Path) -> dict[str, float]:
    measures = json.loads((folder / "metrics.json").read_text("utf-8"))["measures"]
    return {name: measures[name]["value"] for name in RANKED}


def mean(rows: Iterable[dict[str, float]]) -> dict[str, float]:
    listed = list(rows)
    return {name: math.fsum(row[name] for row in listed) / len(listed) for name in listed[0]}


def run_rows(folder: Path) -> dict[str, list[tuple[str, int, np.float32]]]:
    """Question → its documents with rank and score in the order of the file."""
    read: dict[str, list[tuple[str, int, np.float32]]] = {}
    for line in (folder / "run.trec").read_text("utf-8").splitlines():
        question, _, document, rank, score, _ = line.split()
        read.setdefault(question, []).append((document, int(rank), np.float32(score)))
    return read


SETS = ["seeds", "beir"]


@pytest.fixture(scope="module")
def reports(store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    folder = tmp_path_factory.mktemp("sets")
    return {
        "seeds": evaluate_files([QUESTIONS], store),
        "beir": evaluate_files([beir(folder / "beir")], store),
    }


@pytest.fixture(scope="module")
def written(reports: dict[str, Report], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as ``--out`` writes it for each set."""
    folder = tmp_path_factory.mktemp("written")
    for name, report in reports.items():
        (folder / name).mkdir()
        write_report(report, folder / name)
    return folder


# Agreement with trec_eval


@pytest.mark.parametrize("name", SETS)
def test_trec_eval_measures_the_written_run_as_we_do(written: Path, name: str) -> None:
    qrels, run = read_written(written / name)
    theirs = by_trec_eval(qrels, run)
    assert len(theirs) == {"seeds": 36, "beir": 5}[name]
    assert metrics(written / name) == pytest.approx(mean(theirs.values()), abs=5e-5)


@pytest.mark.parametrize("name", SETS)
def test_trec_eval_measures_every_question_as_we_do(written: Path, name: str) -> None:
    lines = (written / name / "per_question.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    theirs = by_trec_eval(*read_written(written / name))
    ours = {
        row["id"]: {measure: row["measures"][measure][0] for measure in RANKED}
        for row in rows
        if RANKED & row["measures"].keys()
    }
    assert ours.keys() == theirs.keys()
    for question, values in ours.items():
        assert values == pytest.approx(theirs[question], abs=5e-5)


def test_the_small_set_tells_the_measures_apart(written: Path) -> None:
    """Were all of them 1, the agreement would show nothing."""
    found = metrics(written / "beir")
    assert all(0 < value < 1 for value in found.values())
    assert len(set(found.values())) > 2


@pytest.mark.parametrize("name", SETS)
def test_scores_of_a_written_run_fall_at_every_place_as_trec_eval_reads_them(
    reports: dict[str, Report], written: Path, name: str
) -> None:
    read = run_rows(written / name)
    for result in reports[name].results:
        rows = read.get(result.question.id, [])
        assert [document for document, _, _ in rows] == [found.id for found in result.ranking]
        assert [rank for _, rank, _ in rows] == list(range(1, len(rows) + 1))
        scores = [score for _, _, score in rows]
        assert all(later < earlier for earlier, later in pairwise(scores))


def question(name: str) -> LabelledQuestion:
    return LabelledQuestion(name, "?", (), (), (), None, ())


def tied(name: str, gold: str, documents: Sequence[str], score: float = 0.5) -> Result:
    """Documents that all have the same score, in an order that no id explains."""
    return Result(question(name), {gold: 1}, tuple(Ranked(id_, score, "") for id_ in documents))


@pytest.mark.parametrize("score", [0.0, 0.5, -1.0, 1e30])
def test_a_ranking_with_ties_keeps_its_order(tmp_path: Path, score: float) -> None:
    documents = ["b", "d", "a", "e", "c"]
    results = [tied(f"q-{gold}", gold, documents, score) for gold in documents]
    write_report(Report("x", tuple(results)), tmp_path)
    theirs = by_trec_eval(*read_written(tmp_path))
    for place, gold in enumerate(documents, 1):
        assert theirs[f"q-{gold}"]["RR@10"] == pytest.approx(1 / place)
    assert metrics(tmp_path) == pytest.approx(mean(theirs.values()), abs=5e-5)
    for rows in run_rows(tmp_path).values():
        assert [document for document, _, _ in rows] == documents
        assert [score for _, _, score in rows] == sorted({s for _, _, s in rows}, reverse=True)


@given(st.lists(st.floats(-1e30, 1e30), max_size=40))
def test_scores_fall_strictly_whatever_they_were(scores: list[float]) -> None:
    ranking = [(f"d{place}", score) for place, score in enumerate(sorted(scores, reverse=True))]
    lines = [line.split() for line in run_lines({"q": ranking}, "tag")]
    assert [line[2] for line in lines] == [document for document, _ in ranking]
    read = [np.float32(line[4]) for line in lines]
    assert all(later < earlier for earlier, later in pairwise(read))


def test_a_score_that_differs_is_written_as_it_is() -> None:
    falling = [("a", 0.75), ("b", 0.5), ("c", -2.0)]
    assert [(name, float(score)) for name, score in strictly_falling(falling)] == falling


def test_equal_scores_are_ordered_as_trec_eval_orders_them() -> None:
    scores = {"a": 1.0, "c": 1.0, "B": 1.0, "ä": 1.0, "10": 1.0, "9": 1.0, "last": 0.5}
    order = [document for document, _ in ranked(scores)]
    places = {
        gold: pytrec_eval.RelevanceEvaluator({"q": {gold: 1}}, {"recip_rank"}).evaluate(
            {"q": scores}
        )["q"]["recip_rank"]
        for gold in scores
    }
    assert order == sorted(scores, key=lambda name: -places[name])


# A run made elsewhere


@pytest.mark.parametrize("name", SETS)
def test_our_own_run_scores_as_it_did(
    store: Path, reports: dict[str, Report], written: Path, tmp_path: Path, name: str
) -> None:
    questions = QUESTIONS if name == "seeds" else beir(tmp_path)
    scored = evaluate_files([questions], store, run=written / name / "run.trec")
    before = reports[name].measures()
    assert scored.measures() == {measure: before[measure] for measure in map(str, RANKING)}
    lacking = [r.question.id for r in reports[name].results if r.judged and not r.ranking]
    assert len(scored.problems) == bool(lacking)
    assert all(result.answer is None for result in scored.results)


def test_judgements_and_a_run_can_both_come_from_elsewhere(
    store: Path, reports: dict[str, Report], written: Path
) -> None:
    folder = written / "seeds"
    scored = evaluate_files(
        [QUESTIONS], store, qrels=folder / "qrels.trec", run=folder / "run.trec"
    )
    before = reports["seeds"].measures()
    assert scored.measures() == {measure: before[measure] for measure in map(str, RANKING)}


def test_a_run_over_documents_of_its_own_needs_no_index(written: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none"
    run = written / "beir" / "run.trec"
    scored = evaluate_files([beir(tmp_path / "beir")], missing, run=run)
    assert set(scored.measures()) == RANKED
    assert not missing.exists()


def test_questions_that_are_not_in_a_run_count_0_and_are_said(tmp_path: Path) -> None:
    run = write(tmp_path / "run", "orders Q0 lamps.com-3 1 1.5 theirs\n")
    scored = evaluate_files([beir(tmp_path / "beir")], tmp_path, run=run)
    assert scored.problems == ("4 questions are not in the run, such as 'letters'; each counts 0",)
    found = scored.measures()
    assert {got.n for got in found.values()} == {5}
    assert found["Success@1"].value == found["RR@10"].value == 1 / 5


def test_what_a_run_ranks_and_nobody_knows_is_said(tmp_path: Path) -> None:
    lines = [
        "orders Q0 nowhere-1 1 2 t",
        "orders Q0 nowhere-2 2 1 t",
        "stranger Q0 lamps.com-1 1 1 t",
    ]
    rest = [f"{name} Q0 lamps.com-1 1 1 t" for name in ("letters", "rings", "all", "nobody")]
    run = write(tmp_path / "run", "\n".join([*lines, *rest]))
    questions, documents = evaluate_files([beir(tmp_path / "beir")], tmp_path, run=run).problems
    assert questions.startswith("the run ranks for 1 questions that are not in the set")
    assert "'stranger'" in questions
    assert documents.startswith("2 documents of the run are not in the collection")
    assert "'nowhere-1'" in documents


def test_the_scores_of_a_run_rank_and_not_its_ranks_or_lines(tmp_path: Path) -> None:
    run = write(
        tmp_path / "run",
        "orders Q0 lamps.com-1 1 -3 t\n"
        "orders Q0 lamps.com-3 9 7e-1 t\n"
        "orders Q0 lamps.com-2 0 .5 t\n",
    )
    report = evaluate_files([beir(tmp_path / "beir")], tmp_path, run=run)
    (result,) = [r for r in report.results if r.question.id == "orders"]
    assert [found.id for found in result.ranking] == ["lamps.com-3", "lamps.com-2", "lamps.com-1"]
    assert result.ranking[0].text == "We keep orders for 4 years."


def test_trec_eval_agrees_on_a_run_with_ties_made_elsewhere(tmp_path: Path) -> None:
    documents = [f"lamps.com-{number}" for number in (2, 0, 5, 3, 1, 4)]
    lines = [f"orders Q0 {document} 1 {place // 3} t" for place, document in enumerate(documents)]
    run = write(tmp_path / "run", "\n".join(lines))
    write_report(evaluate_files([beir(tmp_path / "beir")], tmp_path, run=run), tmp_path)
    qrels, _ = read_written(tmp_path)
    with run.open() as file:
        theirs = by_trec_eval(qrels, pytrec_eval.parse_run(file))
    assert metrics(tmp_path) == pytest.approx(mean(theirs.values()), abs=5e-5)


# Reading


def test_judgements_are_read_as_trec_and_as_beir_write_them(tmp_path: Path) -> None:
    trec = write(tmp_path / "trec", b"\xef\xbb\xbfq1 0 a 1\r\n\r\nq1\t0\tb\t0\nq2 Q0 a 2")
    tsv = write(tmp_path / "tsv", "query-id\tcorpus-id\tscore\nq1\ta\t1\nq1\tb\t0\nq2\ta\t2\n")
    bare = write(tmp_path / "bare", "q1 a 1.0\nq1 b 0.0\nq2 a 2\n")
    expected = {"q1": {"a": 1, "b": 0}, "q2": {"a": 2}}
    assert [read_qrels(path) for path in (trec, tsv, bare)] == [(expected, [])] * 3


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    qrels = {"q1": {"a": 1, "b": 0}, "q2": {"ä:1-2": 3}}
    assert read_qrels(write(tmp_path / "qrels", "\n".join(qrels_lines(qrels)))) == (qrels, [])
    rankings = {"q1": [("a", 0.75), ("b", 0.25)], "q2": [("ä:1-2", -1.0)]}
    run = write(tmp_path / "run", "\n".join(run_lines(rankings, "tag")))
    assert read_run(run) == ({name: dict(found) for name, found in rankings.items()}, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"q " + b"x" * 9_999_998, "it has 10,000,000 bytes", id="ten-megabytes"),
        pytest.param(b"q 0 \xff 1", "it is not UTF-8", id="not-utf-8"),
        pytest.param(b"q", "it has 1 columns", id="one-column"),
        pytest.param(b"q d", "it has 2 columns", id="two-columns"),
        pytest.param(b"q 0 d 1 x", "it has 5 columns", id="five-columns"),
        pytest.param(b"q 0 d high", "its relevance is 'high'", id="word"),
        pytest.param(b"q 0 d 0.5", "its relevance is '0.5'", id="fraction"),
        pytest.param(b"q 0 d nan", "its relevance is 'nan'", id="nan"),
        pytest.param(b"q 0 d " + b"9" * 5_000, "its relevance is '999", id="5000-digits"),
        pytest.param(b"query-id corpus-id score", "its relevance is 'score'", id="second-header"),
        pytest.param(b"good 0 d 2", "an earlier line has 'good'", id="judged-twice"),
    ],
)
def test_a_wrong_judgement_is_named_and_the_rest_is_read(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    path = write(tmp_path / "qrels", b"\n".join([b"good 0 d 1", line, b"good 0 e 1"]))
    judged, problems = read_qrels(path)
    assert judged == {"good": {"d": 1, "e": 1}}
    (problem,) = problems
    assert problem.startswith(f"{path}: line 2: {reason}")
    assert len(problem) < 200 + len(str(path))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"q " + b"x" * 9_999_998, "it has 10,000,000 bytes", id="ten-megabytes"),
        pytest.param(b"q Q0 \xff 1 1 t", "it is not UTF-8", id="not-utf-8"),
        pytest.param(b"q 0 d 1", "it has 4 columns", id="judgement"),
        pytest.param(b"q Q0 d 1 1 my run", "it has 7 columns", id="seven-columns"),
        pytest.param(b"q Q0 d 1 high t", "its score is 'high'", id="word"),
        pytest.param(b"q Q0 d 1 nan t", "its score is 'nan'", id="nan"),
        pytest.param(b"q Q0 d 1 -inf t", "its score is '-inf'", id="infinite"),
        pytest.param(b"q Q0 d 1 1e999 t", "its score is '1e999'", id="overflow"),
        pytest.param(b"good Q0 d 3 0.5 t", "an earlier line has 'good'", id="ranked-twice"),
    ],
)
def test_a_wrong_line_of_a_run_is_named_and_the_rest_is_read(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    path = write(tmp_path / "run", b"\n".join([b"good Q0 d 1 2.5 t", line, b"good Q0 e 2 1 t"]))
    read, problems = read_run(path)
    assert read == {"good": {"d": 2.5, "e": 1.0}}
    (problem,) = problems
    assert problem.startswith(f"{path}: line 2: {reason}")


NOTHING = {
    "empty": b"",
    "white-space": b"\n  \n",
    "header-only": b"query-id\tcorpus-id\tscore\n",
    "binary": bytes(range(256)) * 9,
    "ten-megabytes": b"x" * 10_000_000,
    "prose": b"this is no such file\nat all\n",
}


@pytest.mark.parametrize("content", NOTHING.values(), ids=NOTHING.keys())
def test_a_file_without_a_line_that_can_be_read_is_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "file", content)
    for reader in (read_qrels, read_run):
        with pytest.raises(EvaluationError, match=str(path)) as refused:
            reader(path)
        assert len(str(refused.value)) < 1_000


def test_a_run_that_is_not_there_is_refused_by_the_command(tmp_path: Path) -> None:
    folder, missing = beir(tmp_path / "beir"), tmp_path / "none.trec"
    arguments = ["evaluate", str(folder), "--run", str(missing), "--store", str(tmp_path / "none")]
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    assert line == f"policychat: {missing} cannot be read: No such file or directory"


def test_the_command_says_what_it_left_out_of_a_run(tmp_path: Path) -> None:
    run = write(tmp_path / "run", "nonsense\norders Q0 lamps.com-3 1 1 t\norders Q0 x 2 inf t\n")
    arguments = ["evaluate", str(beir(tmp_path / "beir")), "--run", str(run), "--json"]
    result = CliRunner().invoke(app, [*arguments, "--store", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    first, second, lacking = document["problems"]
    assert first == f"{run}: line 1: it has 1 columns, not the 6 of a TREC run"
    assert second == f"{run}: line 3: its score is 'inf' and no number"
    assert lacking.startswith("4 questions are not in the run")
    assert document["measures"]["Success@1"]["value"] == 1 / 5
