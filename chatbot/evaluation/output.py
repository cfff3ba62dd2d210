"""Report → the files of ``--out``, and what ``--json`` prints."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from chatbot.evaluation.intervals import how_made
from chatbot.evaluation.judge import Result
from chatbot.evaluation.labelled import EvaluationError
from chatbot.evaluation.measures import Graded, cluster_of
from chatbot.evaluation.page import render_page
from chatbot.evaluation.report import Report
from chatbot.evaluation.trec import qrels_lines, run_lines

if TYPE_CHECKING:
    from chatbot.evaluation.compare import Comparison

FILES = (
    "run.trec",
    "qrels.trec",
    "per_question.jsonl",
    "metrics.json",
    "report.html",
    "comparison.json",
)
SHOWN = 3  # passages of each question that are written out


def summary(report: Report) -> dict[str, Any]:
    """All figures of a report as plain JSON values."""
    measures = report.measures()
    return {
        "sets": list(report.sets),
        "generation": report.generation,
        "version": version("policychat"),
        "asked": len(report.counted),
        "companies": report.companies,
        "measures": {name: asdict(got) for name, got in measures.items()},
        "contested": {name: asdict(got) for name, got in report.measures(contested=True).items()},
        "intervals": how_made(measures),
        "matrix": report.matrix(),
        "missing_quotes": [{"id": name, "quote": quote} for name, quote in report.missing_quotes],
        "problems": list(report.problems),
    }


def per_question(report: Report) -> list[dict[str, Any]]:
    """What became of each question: gold, what came, its measures, and why it failed."""
    return [
        _row(result, grades) for result, grades in zip(report.results, report.graded, strict=True)
    ]


def _row(result: Result, grades: Graded) -> dict[str, Any]:
    question, answer = result.question, result.answer
    return {
        "id": question.id,
        "question": question.question,
        "history": [asdict(turn) for turn in question.history],
        "company": question.company,
        "snapshot_date": question.snapshot_date,
        "topic": question.topic,
        "contested": question.contested,
        "cluster": cluster_of(question),
        "gold": question.behaviour,
        "predicted": answer.behaviour if answer else None,
        "confidence": answer.confidence if answer else None,
        "answer": answer.first_paragraph if answer else None,
        "quotes": question.quotes,
        "citations": [citation.display for citation in answer.citations] if answer else [],
        "search_rank": result.search_rank,
        "answer_rank": result.answer_rank,
        "passages": [
            {**asdict(passage), "relevant": result.judged.get(passage.id, 0) > 0}
            for passage in result.ranking[:SHOWN]
        ],
        "measures": {name: list(values) for name, values in grades.items()},
        "why": "; ".join(result.faults()),
    }


def check_folder(folder: Path, inputs: Sequence[Path]) -> None:
    """Raise EvaluationError where writing to ``folder`` would fail, or destroy what is not ours."""
    if folder.exists() and not folder.is_dir():
        raise EvaluationError(f"{folder} is a file; name a folder to write to")
    targets = {(folder / name).resolve() for name in FILES}
    read = [path for path in inputs if path.resolve() in targets]
    if read:
        raise EvaluationError(f"{read[0]} would be overwritten by --out {folder}; name another")
    mine = (folder / "metrics.json").exists()
    strange = [] if mine else [name for name in FILES if (folder / name).exists()]
    if strange:
        raise EvaluationError(f"{folder / strange[0]} is there already; name another folder")
    there = folder
    while not there.exists():
        there = there.parent
    try:
        with TemporaryFile(dir=there):
            pass
    except OSError as error:
        raise EvaluationError(f"{folder} cannot be written to: {error.strerror}") from None


def write_report(
    report: Report, folder: Path, comparison: "Comparison | None" = None
) -> list[Path]:
    """Write run, judgements, questions, figures and page into ``folder``; the files written.

    Those of an earlier run there are replaced. Contested questions have no line in
    ``qrels.trec``: what other tools make of the files are the means that are printed. An id with
    white space, which a TREC file cannot hold, has it replaced by "_" there.
    """
    rows = per_question(report)
    names = _trec_ids([r.question.id for r in report.results])
    rankings = {names[r.question.id]: [(p.id, p.score) for p in r.ranking] for r in report.results}
    judged = {names[r.question.id]: r.judged for r in report.counted if r.judged}
    files: dict[str, Iterable[str]] = {
        "run.trec": run_lines(rankings, "policychat"),
        "qrels.trec": qrels_lines(judged),
        "per_question.jsonl": (json.dumps(row, ensure_ascii=False) for row in rows),
        "metrics.json": [json.dumps(summary(report), ensure_ascii=False, indent=2)],
        "report.html": [render_page(report, rows)],
    }
    if comparison:
        document = json.dumps(asdict(comparison), ensure_ascii=False, indent=2)
        files["comparison.json"] = [document]
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    return [folder / name for name in files]


def _trec_ids(names: Sequence[str]) -> dict[str, str]:
    """Each id as a TREC file can hold it, and still one of its own."""
    taken = {name for name in names if name.split() == [name]}
    ids = {name: name for name in taken}
    for name in names:
        if name not in ids:
            ids[name] = "_".join(name.split())
            while ids[name] in taken:
                ids[name] += "_"
            taken.add(ids[name])
    return ids
