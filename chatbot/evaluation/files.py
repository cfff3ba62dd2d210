"""``policychat evaluate``: the files a user names → Report."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from chatbot.bot import Chatbot
from chatbot.evaluation.documents import read_collection, relevance
from chatbot.evaluation.evaluate import (
    Progress,
    evaluate,
    evaluate_foreign,
    evaluate_run,
    judgements,
)
from chatbot.evaluation.formats import QuestionSet, compare_ids, read_set
from chatbot.evaluation.labelled import EvaluationError
from chatbot.evaluation.report import Report
from chatbot.evaluation.trec import Qrels, read_run
from index.encode import Encoder, ensure_encoder
from index.policy_index import PolicyIndex, open_index


def evaluate_files(
    files: Sequence[Path],
    store: Path,
    *,
    qrels: Path | None = None,
    run: Path | None = None,
    progress: Progress = lambda step, done, total: None,
) -> Report:
    """Measure the question sets in ``files`` on the index in ``store``, or on their own documents.

    ``qrels`` judges instead of the sets' own quotes or judgements; ``run`` is a ranking made
    elsewhere, which is scored instead of ours. Raises a UserError that names what is wrong.
    """

    @cache
    def policy_index() -> PolicyIndex:
        return open_index(store)

    @cache
    def days_by_text() -> dict[str, tuple[str, str]]:
        return {
            policy_index().snapshot(kept.company, day).text: (kept.company, day.isoformat())
            for kept in policy_index().companies.values()
            for day in kept.days
        }

    def known(text: str) -> tuple[str, str] | None:
        return days_by_text().get(text)

    asked = _joined([read_set(path, qrels, known) for path in files])
    compare_ids(asked, qrels or files[0])
    if asked.documents is not None:
        if run is None:
            return evaluate_foreign(asked, Encoder(ensure_encoder(store / "encoders")), progress)
        texts = {document.id: document.text for document in asked.documents}
        return _scored(asked, run, asked.qrels or {}, texts)
    if asked.qrels is None and not any(q.quotes or q.behaviour for q in asked.questions):
        raise EvaluationError(
            f"{files[0]} says nowhere what is right; name judgements with --qrels"
        )
    relevant = relevance(policy_index())
    if asked.qrels is None and run is None:
        return evaluate(Chatbot.open(store), asked, relevant, progress)
    texts = {document.id: document.text for document in read_collection(policy_index())}
    judged = judgements(asked, relevant)
    strange = {name for of_one in (asked.qrels or {}).values() for name in of_one} - texts.keys()
    if strange:
        asked.problems.append(
            f"{len(strange):,} judged documents are not in the index, such as {min(strange)[:80]!r}"
        )
    if run is None:
        return evaluate(Chatbot.open(store), asked, relevant, progress)
    return _scored(asked, run, judged, texts)


def _scored(asked: QuestionSet, run: Path, judged: Qrels, texts: dict[str, str]) -> Report:
    ranking, problems = read_run(run)
    asked.problems += problems
    return evaluate_run(asked, ranking, judged, texts)


def _joined(sets: Sequence[QuestionSet]) -> QuestionSet:
    """Several sets as one; documents of their own, and ids that repeat, forbid that."""
    first, *others = sets
    if not others:
        return first
    if any(asked.documents is not None for asked in sets):
        raise EvaluationError("a set that brings its own documents is measured by itself")
    questions = [question for asked in sets for question in asked.questions]
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise EvaluationError(f"two of the files have the id {question.id[:80]!r}")
        seen.add(question.id)
    qrels = {name: judged for asked in sets for name, judged in (asked.qrels or {}).items()}
    return QuestionSet(
        questions=questions,
        names=tuple(name for asked in sets for name in asked.names),
        problems=[problem for asked in sets for problem in asked.problems],
        qrels=qrels if any(asked.qrels is not None for asked in sets) else None,
    )
