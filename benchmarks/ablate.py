"""What each part of the search is worth, and what the defaults rest on.

    python tests/question_set.py index var/questions
    python benchmarks/ablate.py var/questions

ranks passages for the development questions of ``tests/data`` and, where ``POLICYCHAT_DATA`` names
the folder that holds it, for ``policyqa-dev`` (evaluation only), with one part changed at a time,
beside two controls that read nothing: a random order, and the longest first. About three minutes.
"""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import bm25s
import ir_measures
import numpy as np
import onnxruntime
from ir_measures import Success, nDCG
from machine import machine
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

from chatbot.evaluation.foreign import ForeignDocument, foreign_snapshot
from chatbot.evaluation.formats import read_set
from chatbot.evaluation.labelled import LabelledQuestion, match_fold, read_sets
from chatbot.names import Names
from chatbot.retrieve import DENSE_SHARE, spread
from chatbot.spelling import speller
from chatbot.understand import understand
from index import split
from index.encode import MODEL_FILE, Encoder
from index.policy_index import PolicyIndex, open_index
from index.split import MAX_CHARACTERS, split_snapshot
from index.store import encoder_folder
from index.words import stems, terms

QUESTIONS = Path(__file__).parent.parent / "tests" / "data" / "questions-dev.jsonl"
RRF_K = 60  # Cormack, Clarke & Büttcher 2009
SEED = 20_261_121
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Document:
    """A passage of one group; only the group that a question is about is searched."""

    id: str
    group: str  # company and day, or the site
    name: str
    heading: str
    text: str


@dataclass(frozen=True)
class Task:
    """Documents, questions and which documents are relevant."""

    documents: list[Document]
    questions: dict[str, tuple[str, str]]  # id → what is asked, group
    qrels: dict[str, dict[str, int]]


Scores = Callable[[str, NDArray[np.int64]], Floats]
"""From what is asked and the rows of some documents to their scores."""


def main() -> None:
    logging.disable(logging.WARNING)  # of bm25s and the quantizer; nothing of ours logs
    store = Path(sys.argv[1])
    policy_index = open_index(store)
    encoder = Encoder(encoder_folder(store, policy_index.manifest))
    tasks = {"development": development(policy_index, encoder, MAX_CHARACTERS)}
    if outside := os.environ.get("POLICYCHAT_DATA"):
        tasks["PolicyQA dev"] = policyqa(Path(outside) / "policyqa-dev", encoder)
    else:
        print("POLICYCHAT_DATA is not set: PolicyQA is left out")
    sizes = ", ".join(
        f"{name}: {len(task.questions):,} questions, {len(task.documents):,} passages"
        for name, task in tasks.items()
    )
    print(f"{machine()}; {sizes}")
    print(f"{'':44}" + "".join(f"{name:>24}" for name in tasks))
    print(f"{'':44}" + f"{'nDCG@10':>14}{'Success@3':>10}" * len(tasks))
    shown = {name: dict(rows(task, encoder, store, policy_index)) for name, task in tasks.items()}
    for row in shown["development"]:
        cells = [found.get(row) for found in shown.values()]
        values = "".join(f"{c[0]:14.3f}{c[1]:10.3f}" if c else f"{'–':>14}{'–':>10}" for c in cells)
        print(f"{row:44}{values}")
    for size in (300, 600, MAX_CHARACTERS, 1400):
        task = development(policy_index, encoder, size)
        ndcg, success = weighted_as_shipped(task, encoder)
        in_use = "   in use" if size == MAX_CHARACTERS else ""
        print(f"{f'passages of at most {size} characters':44}{ndcg:14.3f}{success:10.3f}{in_use}")


def rows(
    task: Task, encoder: Encoder, store: Path, policy_index: PolicyIndex
) -> Iterable[tuple[str, tuple[float, float]]]:
    """Each way of ranking with nDCG@10 and Success@3."""
    random = np.random.default_rng(SEED)
    lengths = np.array([len(document.text) for document in task.documents], dtype=np.float32)
    words = by_words(task.documents, terms)
    meaning = by_meaning(task.documents, encoder)

    yield "control: random order", measured(task, lambda q, r: random.random(len(r), np.float32))
    yield "control: longest first", measured(task, lambda q, r: lengths[r])
    yield "BM25 without concepts", measured(task, by_words(task.documents, stems))
    yield "BM25", measured(task, words)
    yield "dense fp32", measured(task, meaning)
    with tempfile.TemporaryDirectory() as folder:
        small = quantized(encoder_folder(store, policy_index.manifest), Path(folder))
        int8 = by_meaning(task.documents, small)
        yield "dense int8", measured(task, int8)
        yield f"weighted {DENSE_SHARE}, int8", measured(task, weighted(int8, words, DENSE_SHARE))
    yield "reciprocal rank fusion", measured(task, fused_by_rank(meaning, words))
    for share in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9):
        in_use = ", in use" if share == DENSE_SHARE else ""
        yield f"weighted {share}{in_use}", measured(task, weighted(meaning, words, share))
    for left_out, bare in (
        ("heading", [replace(d, heading="") for d in task.documents]),
        ("company's name", [replace(d, name="") for d in task.documents]),
        ("heading and name", [replace(d, heading="", name="") for d in task.documents]),
    ):
        ranking = weighted(by_meaning(bare, encoder), by_words(bare, terms), DENSE_SHARE)
        yield f"weighted {DENSE_SHARE}, without {left_out}", measured(task, ranking)
    everywhere = replace(
        task,
        documents=[replace(d, group="") for d in task.documents],
        questions={name: (asked, "") for name, (asked, _) in task.questions.items()},
    )
    ranking = weighted(meaning, words, DENSE_SHARE)
    yield f"weighted {DENSE_SHARE}, whole index", measured(everywhere, ranking)


def weighted_as_shipped(task: Task, encoder: Encoder) -> tuple[float, float]:
    meaning, words = by_meaning(task.documents, encoder), by_words(task.documents, terms)
    return measured(task, weighted(meaning, words, DENSE_SHARE))


def development(policy_index: PolicyIndex, encoder: Encoder, size: int) -> Task:
    """The questions that one policy answers, over the passages of the policies asked about."""
    asked = [
        question
        for question in read_sets([QUESTIONS])[0]
        if question.quotes and len(question.company) == len(question.snapshot_date) == 1
    ]
    names = Names(policy_index.companies.values(), policy_index.bm25.vocab_dict)
    documents: list[Document] = []
    archived: dict[str, str] = {}
    split.MAX_CHARACTERS = size  # a benchmark may turn what nobody else should
    for group in sorted({group_of(question) for question in asked}):
        company, day = group.split("@")
        snapshot = policy_index.snapshot(company, date.fromisoformat(day))
        for passage, place in split_snapshot(snapshot, encoder.fits):
            name = f"{group}:{place.start}-{place.end}"
            documents.append(Document(name, group, snapshot.name, passage.heading, passage.text))
            archived[name] = match_fold(snapshot.text[place.start : place.end])
    split.MAX_CHARACTERS = MAX_CHARACTERS

    def topic(question: LabelledQuestion) -> str:
        spelling = speller(policy_index.bm25.vocab_dict, encoder.knows)
        return understand(question.question, names, question.history, spelling).topic

    return Task(
        documents=documents,
        questions={q.id: (topic(q), group_of(q)) for q in asked},
        qrels={
            question.id: {
                document.id: 1
                for document in documents
                if document.group == group_of(question)
                and any(match_fold(quote) in archived[document.id] for quote in question.quotes)
            }
            or {"none": 1}
            for question in asked
        },
    )


def group_of(question: LabelledQuestion) -> str:
    return f"{question.company[0]}@{question.snapshot_date[0]}"


def policyqa(folder: Path, encoder: Encoder) -> Task:
    """PolicyQA within its sites; a segment that is split ranks as its best passage would."""
    asked = read_set(folder, None, lambda text: None)
    nobody = Names([], ())  # its questions name no company
    return Task(
        documents=[as_one_passage(document, encoder) for document in asked.documents or ()],
        questions={
            q.id: (understand(q.question, nobody).topic, q.company[0]) for q in asked.questions
        },
        qrels=asked.qrels or {},
    )


def as_one_passage(document: ForeignDocument, encoder: Encoder) -> Document:
    parts = split_snapshot(foreign_snapshot(document.title, document.text), encoder.fits)
    text = "\n".join(passage.text for passage, _ in parts) or document.text
    heading = parts[0][0].heading if parts else ""
    return Document(document.id, document.company, document.title, heading, text)


def by_meaning(documents: Sequence[Document], encoder: Encoder) -> Scores:
    vectors = encoder.encode(
        ["\n".join(filter(None, (d.name, d.heading, d.text))) for d in documents]
    )
    return lambda asked, rows: vectors[rows] @ encoder.encode([asked])[0]


def by_words(documents: Sequence[Document], words_of: Callable[[str], list[str]]) -> Scores:
    retriever = bm25s.BM25()
    words = [words_of(f"{d.heading}\n{d.text}") or [""] for d in documents]
    retriever.index(words, show_progress=False)

    def scores(asked: str, rows: NDArray[np.int64]) -> Floats:
        known = [word for word in words_of(asked) if word in retriever.vocab_dict]
        found: Floats = (
            retriever.get_scores(known)[rows] if known else np.zeros(len(rows), np.float32)
        )
        return found

    return scores


def weighted(meaning: Scores, words: Scores, share: float) -> Scores:
    return lambda asked, rows: (
        share * spread(meaning(asked, rows)) + (1 - share) * spread(words(asked, rows))
    )


def fused_by_rank(meaning: Scores, words: Scores) -> Scores:
    def scores(asked: str, rows: NDArray[np.int64]) -> Floats:
        total = np.zeros(len(rows), dtype=np.float32)
        for ranking in (meaning(asked, rows), words(asked, rows)):
            place = np.empty(len(rows), dtype=np.int64)
            place[np.argsort(-ranking, kind="stable")] = np.arange(1, len(rows) + 1)
            total += (1 / (RRF_K + place)).astype(np.float32)
        return total

    return scores


class Quantized(Encoder):
    """The encoder with weights of 8 bits; one text at a time, or a vector depends on its batch."""

    def __init__(self, folder: Path, model: Path) -> None:
        """Read the tokenizer from ``folder`` and the weights from ``model``."""
        super().__init__(folder)
        self._session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str]) -> Floats:
        """Unit rows, as the encoder's."""
        return np.concatenate([super(Quantized, self).encode([text]) for text in texts])


def quantized(folder: Path, target: Path) -> Encoder:
    quantize_dynamic(folder / MODEL_FILE, target / "int8.onnx", weight_type=QuantType.QInt8)
    return Quantized(folder, target / "int8.onnx")


def measured(task: Task, scores: Scores) -> tuple[float, float]:
    """nDCG@10 and Success@3, each question within its group."""
    groups = np.array([document.group for document in task.documents])
    rows_of = {str(group): np.flatnonzero(groups == group) for group in np.unique(groups)}
    run = {}
    for name, (asked, group) in task.questions.items():
        rows = rows_of[group]
        found = scores(asked, rows)
        best = np.argsort(-found, kind="stable")[:10]
        run[name] = {task.documents[rows[b]].id: float(10 - n) for n, b in enumerate(best)}
    values = ir_measures.calc_aggregate([nDCG @ 10, Success @ 3], task.qrels, run)
    return float(values[nDCG @ 10]), float(values[Success @ 3])


if __name__ == "__main__":
    main()
