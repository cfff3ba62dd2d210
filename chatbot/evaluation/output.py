"""Report → the files of ``--out``, and what ``--json`` prints."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chatbot.evaluation.intervals import how_made
from chatbot.evaluation.judge import Result
from chatbot.evaluation.labelled import EvaluationError
from chatbot.evaluation.measures import Graded, cluster_of
from chatbot.evaluation.page import render_page
from chatbot.evaluation.report import Report
from chatbot.evaluation.trec import qrels_lines, run_lines

SHOWN = 3  # passages of each question that are written out


def summary(report: Report) -> dict[str, Any]:
    """All figures of a report as plain JSON values."""
    return {
        "generation": report.generation,
        "asked": len(report.results),
        "companies": report.companies,
        "measures": {name: asdict(got) for name, got in report.measures().items()},
        "contested": {name: asdict(got) for name, got in report.measures(contested=True).items()},
        "intervals": how_made(report.companies),
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


def write_report(report: Report, folder: Path) -> list[Path]:
    """Write run, judgements, questions, figures and page into ``folder``; the files written.

    The files of an earlier run there are replaced. Raises EvaluationError when a question's id
    cannot stand in a TREC file.
    """
    for result in report.results:
        if result.question.id.split() != [result.question.id]:
            raise EvaluationError(
                f"question id {result.question.id[:80]!r} has white space, which run.trec cannot "
                "hold; rename it"
            )
    rows = per_question(report)
    rankings = {r.question.id: [(p.id, p.score) for p in r.ranking] for r in report.results}
    judged = {r.question.id: r.judged for r in report.results if r.judged}
    files: dict[str, Iterable[str]] = {
        "run.trec": run_lines(rankings, "policychat"),
        "qrels.trec": qrels_lines(judged),
        "per_question.jsonl": (json.dumps(row, ensure_ascii=False) for row in rows),
        "metrics.json": [json.dumps(summary(report), ensure_ascii=False, indent=2)],
        "report.html": [render_page(report, rows)],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        with (folder / name).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
    return [folder / name for name in files]
