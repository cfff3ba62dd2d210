"""A question set × ``Chatbot`` → Report: how often it is right, and where and why not.

The gold company and day are never passed to the bot: to find them is part of its task. The right
snapshot is demanded wherever a question has a gold day. Where its words name none, that is the
newest, which is what the bot has to take then.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache

from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.evaluation.documents import document_id
from chatbot.evaluation.foreign import ForeignCollection
from chatbot.evaluation.formats import QuestionSet
from chatbot.evaluation.judge import Ranked, Result, judge
from chatbot.evaluation.labelled import LabelledQuestion, match_fold
from chatbot.evaluation.report import Report
from chatbot.evaluation.trec import Qrels, Run, ranked
from chatbot.question import QuestionError
from index.encode import Encoder
from index.sources import SourceError

DEPTH = 100  # documents that are ranked for each question
NO_PASSAGE = "no-passage-holds-a-whole-quote"  # judged relevant where nothing that exists is

Progress = Callable[[str, int, int], None]  # step, done, of how many


def evaluate(
    bot: Chatbot,
    asked: QuestionSet,
    relevant: Callable[[LabelledQuestion], list[str]],
    progress: Progress = lambda step, done, total: None,
) -> Report:
    """Ask ``bot`` every question of a set over the policies that it knows.

    ``relevant`` names the documents that answer a question, for a set without judgements.
    """

    @lru_cache(maxsize=256)
    def text_of(company: str, day: str) -> str:
        """Give the policy archived on that very day, "" if there is none."""
        try:
            snapshot = bot.policy(company, date.fromisoformat(day))
        except (UnknownPolicyError, SourceError, ValueError):
            return ""
        return snapshot.text if snapshot.captured_on.isoformat() == day else ""

    judged = judgements(asked, relevant)
    results = []
    for number, question in enumerate(asked.questions, 1):
        try:
            hits = bot.search(question.question, history=question.history, limit=DEPTH)
            ranking = [
                Ranked(document_id(h.snapshot, h.start, h.end), h.score, h.passage.text)
                for h in hits
            ]
            of_question = judged.get(question.id, {})
            if question.behaviour or question.quotes:
                answer = bot.ask(question.question, history=question.history)
                results.append(judge(question, of_question, ranking, answer, text_of))
            else:
                results.append(Result(question, of_question, tuple(ranking)))
        except QuestionError as error:
            asked.problems.append(f"question {question.id[:80]!r} cannot be asked: {error}")
        progress("questions", number, len(asked.questions))
    return Report(
        bot.generation,
        tuple(results),
        tuple(_missing_quotes(bot, asked.questions, text_of)),
        tuple(asked.problems),
        asked.names,
    )


def judgements(asked: QuestionSet, relevant: Callable[[LabelledQuestion], list[str]]) -> Qrels:
    """What is relevant to each question: what the set says, or else what holds a quote."""
    if asked.qrels is not None:
        return asked.qrels
    return {
        question.id: dict.fromkeys(relevant(question) or [NO_PASSAGE], 1)
        for question in asked.questions
        if question.quotes
    }


def _missing_quotes(
    bot: Chatbot, questions: Sequence[LabelledQuestion], text_of: Callable[[str, str], str]
) -> list[tuple[str, str]]:
    folded = lru_cache(maxsize=256)(lambda company, day: match_fold(text_of(company, day)))
    stored = [(kept.company, day.isoformat()) for kept in bot.policies() for day in kept.days]
    return [
        (question.id, quote)
        for question in questions
        for quote in question.quotes
        if not any(
            match_fold(quote) in folded(*place) for place in stored if question.accepts(*place)
        )
    ]


def evaluate_foreign(
    asked: QuestionSet, encoder: Encoder, progress: Progress = lambda step, done, total: None
) -> Report:
    """Rank the documents of a collection from elsewhere."""
    documents = asked.documents or []
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        progress("indexing", done, 0)

    collection = ForeignCollection(documents, encoder, advance)
    texts = {document.id: document.text for document in documents}
    results = []
    for number, question in enumerate(asked.questions, 1):
        found = collection.search(
            question.question, question.company, question.snapshot_date, DEPTH
        )
        ranking = tuple(Ranked(name, score, texts[name]) for name, score in found)
        results.append(Result(question, (asked.qrels or {}).get(question.id, {}), ranking))
        progress("questions", number, len(asked.questions))
    homeless = [result.question.id for result in results if not result.ranking]
    if homeless:
        asked.problems.append(
            f"{len(homeless):,} questions are about companies or days that no document has, such "
            f"as {homeless[0][:80]!r}; each counts 0"
        )
    name = f"{len(documents):,} documents of its own"
    return Report(name, tuple(results), (), tuple(asked.problems), asked.names)


def evaluate_run(asked: QuestionSet, run: Run, judged: Qrels, texts: Mapping[str, str]) -> Report:
    """Score a ranking made elsewhere; ``texts`` are those of the documents that are known."""
    problems = list(asked.problems)
    strange = run.keys() - {question.id for question in asked.questions}
    if strange:
        problems.append(
            f"the run ranks for {len(strange):,} questions that are not in the set, such as "
            f"{min(strange)[:80]!r}"
        )
    lacking = [q.id for q in asked.questions if q.id in judged and q.id not in run]
    if lacking:
        problems.append(
            f"{len(lacking):,} questions are not in the run, such as {lacking[0][:80]!r}; "
            "each counts 0"
        )
    unknown = {name for scores in run.values() for name in scores} - texts.keys()
    if unknown:
        problems.append(
            f"{len(unknown):,} documents of the run are not in the collection, such as "
            f"{min(unknown)[:80]!r}"
        )
    results = tuple(
        Result(
            question,
            judged.get(question.id, {}),
            tuple(
                Ranked(name, score, texts.get(name, ""))
                for name, score in ranked(run.get(question.id, {}))
            ),
        )
        for question in asked.questions
    )
    return Report("a run made elsewhere", results, (), tuple(problems), asked.names)
