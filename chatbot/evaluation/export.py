"""The passages and a question set as the files that other retrieval tools read.

BEIR (Thakur et al. 2021): ``corpus.jsonl``, ``queries.jsonl``, ``qrels/test.tsv``. TREC:
``collection.trec`` (``<DOC>`` records), ``topics.trec`` (``<top>`` records), ``qrels.trec``.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import chain
from pathlib import Path
from typing import Literal

from chatbot.evaluation.documents import Document, read_collection, relevance
from chatbot.evaluation.labelled import EvaluationError, LabelledQuestion
from index.policy_index import PolicyIndex

Format = Literal["beir", "trec"]
Judgements = Sequence[tuple[LabelledQuestion, list[str]]]  # with the relevant documents' ids


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    lines: dict[Path, int]  # file → how many lines it has
    unjudged: tuple[str, ...]  # ids of questions whose quotes stand whole in no passage


def export(
    policy_index: PolicyIndex, questions: Sequence[LabelledQuestion], folder: Path, form: Format
) -> Exported:
    """Write collection, questions and judgements into ``folder``, which is made if need be.

    Raises EvaluationError when the folder holds something else already, or a question's id cannot
    stand in such a file.
    """
    for question in questions:
        if question.id.split() != [question.id]:
            raise EvaluationError(
                f"question id {question.id!r} has white space, which these files cannot hold; "
                "rename it"
            )
    relevant = relevance(policy_index)
    judgements = [(question, relevant(question)) for question in questions]
    lines_of = {"beir": _beir, "trec": _trec}[form](read_collection(policy_index), judgements)
    files = {folder / name: lines for name, lines in lines_of}
    strange = [path for path in folder.rglob("*") if path.is_file() and path not in files]
    if strange:
        raise EvaluationError(
            f"{folder} holds other files, such as {strange[0]}; name a new folder"
        )
    return Exported(
        lines={path: _write_lines(path, lines) for path, lines in files.items()},
        unjudged=tuple(q.id for q, ids in judgements if q.quotes and not ids),
    )


def _write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write one after another, so that no collection has to fit into memory; how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        return sum(file.write(f"{line}\n") > 0 for line in lines)


def _beir(
    documents: Iterable[Document], judgements: Judgements
) -> Iterator[tuple[str, Iterable[str]]]:
    """Name each file of a BEIR folder, with its lines."""
    yield (
        "corpus.jsonl",
        (
            _json(
                _id=document.id,
                title=document.section,
                text=document.text,
                company=document.company,
                snapshot_date=document.snapshot_date,
                start=document.start,
                end=document.end,
            )
            for document in documents
        ),
    )
    yield (
        "queries.jsonl",
        (
            _json(
                _id=question.id,
                text=question.question,
                company=_one_or_list(question.company),
                snapshot_date=_one_or_list(question.snapshot_date),
                behaviour=question.behaviour,
                contested=question.contested,
                history=[{"role": t.role, "content": t.content} for t in question.history],
            )
            for question, _ in judgements
        ),
    )
    rows = (f"{question.id}\t{name}\t1" for question, ids in judgements for name in ids)
    yield "qrels/test.tsv", chain(["query-id\tcorpus-id\tscore"], rows)


def _trec(
    documents: Iterable[Document], judgements: Judgements
) -> Iterator[tuple[str, Iterable[str]]]:
    """Name each file of a TREC collection, with its lines."""
    yield (
        "collection.trec",
        (
            f"<DOC>\n<DOCNO>{document.id}</DOCNO>\n<TITLE>{escape(document.section, quote=False)}"
            f"</TITLE>\n<TEXT>\n{escape(document.text, quote=False)}\n</TEXT>\n</DOC>"
            for document in documents
        ),
    )
    yield (
        "topics.trec",
        (
            f"<top>\n<num>{escape(question.id, quote=False)}</num>\n"
            f"<title>{escape(' '.join(question.question.split()), quote=False)}</title>\n</top>"
            for question, _ in judgements
        ),
    )
    yield "qrels.trec", (f"{q.id} 0 {name} 1" for q, ids in judgements for name in ids)


def _json(**fields: object) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _one_or_list(values: tuple[str, ...]) -> str | tuple[str, ...] | None:
    """Write as the question set does: null, one value or a list."""
    return None if not values else values[0] if len(values) == 1 else values
