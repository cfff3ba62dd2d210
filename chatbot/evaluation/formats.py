"""Question sets in the formats that researchers have, found out by looking at them.

JSON Lines of our own, BEIR folders (Thakur et al. 2021), TREC topics, LegalBench-RAG JSON (Pipitone
and Houir Alami 2024), and CSV with the columns ``question,company,quote``. Whatever cannot be read
is named by line, and the rest is read.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

from chatbot.evaluation.foreign import ForeignDocument, foreign_snapshot
from chatbot.evaluation.labelled import (
    MAX_LINE,
    EvaluationError,
    LabelledQuestion,
    json_object,
    numbered_lines,
    read_questions,
)
from chatbot.evaluation.trec import Qrels, read_qrels
from chatbot.question import MAX_QUESTION
from index.sources import SourceError, parse_date
from index.split import split_snapshot

CSV_COLUMNS = ("question", "company", "quote")
FORMATS = (
    "it may be JSON Lines, CSV with the columns question,company,quote and commas between them, "
    "TREC topics, LegalBench-RAG JSON, or a BEIR folder"
)
TOPIC = re.compile(r"<top>(?P<topic>.*?)</top>", re.DOTALL | re.IGNORECASE)
NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*(?P<id>[^\s<]+)", re.IGNORECASE)
TITLE = re.compile(r"<title>\s*(?P<title>[^<]*)", re.IGNORECASE)

Known = Callable[[str], tuple[str, str] | None]
"""From a text to the company and day whose policy in the index it is."""


@dataclass(slots=True)
class QuestionSet:
    """What is asked and how it is judged."""

    questions: list[LabelledQuestion]
    names: tuple[str, ...] = ()  # the files
    problems: list[str] = field(default_factory=list)  # what was left out, and why
    qrels: Qrels | None = None  # None: the quotes judge
    documents: list[ForeignDocument] | None = None  # None: the passages of the index


def read_set(path: Path, qrels: Path | None, known: Known) -> QuestionSet:
    """Read the question set at ``path``, judged by the file ``qrels`` where one is named.

    ``known`` tells which texts that a LegalBench-RAG file points into are policies of the index.
    Raises EvaluationError when it is no question set, or nothing in it can be measured.
    """
    if path.is_dir():
        read = _read_beir(path, qrels)
    else:
        read = _reader(path)(path, known)
        if qrels:
            judged, problems = read_qrels(qrels)
            read.qrels = judged
            read.problems += problems
    read.names = (str(path),)
    _refuse_repeated_ids(read, path)
    if not read.questions:
        raise EvaluationError(
            f"no question can be measured: {'; '.join(read.problems[:3]) or f'{path} has none'}"
        )
    return read


def _refuse_repeated_ids(read: QuestionSet, path: Path) -> None:
    """Keep the first question of each id, and say which others were left out."""
    first: dict[str, LabelledQuestion] = {}
    for question in read.questions:
        if first.setdefault(question.id, question) is not question:
            read.problems.append(f"{path}: the id {question.id[:80]!r} is there twice")
    read.questions = list(first.values())


def compare_ids(read: QuestionSet, qrels: Path) -> None:
    """Say which questions are not judged, and which judgements are about none of the questions."""
    if read.qrels is None:
        return
    asked = {question.id for question in read.questions}
    unjudged = sorted(asked - read.qrels.keys())
    if unjudged:
        read.problems.append(
            f"{qrels} does not judge {len(unjudged):,} of the questions, such as "
            f"{unjudged[0][:80]!r}; their rankings are not measured"
        )
    strange = sorted(read.qrels.keys() - asked)
    if strange:
        read.problems.append(
            f"{qrels} judges {len(strange):,} questions that are not in the set, such as "
            f"{strange[0][:80]!r}"
        )


def _reader(path: Path) -> Callable[[Path, Known], QuestionSet]:
    """Choose by what the file begins with; a suffix may be wrong."""
    try:
        with path.open("rb") as file:
            head = file.read(100_000).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}") from None
    first_line = head.split(b"\n")[0].strip()
    if b"<top>" in head.lower() and not head.startswith(b"{"):
        return _read_topics
    if re.match(rb'(?i)"?question"?\s*[,;\t]|.*[,;\t]\s*"?question"?\s*(?:[,;\t]|$)', first_line):
        return _read_csv
    is_object = head.startswith(b"{") and b'"question"' not in first_line
    if is_object and re.search(rb'"tests"\s*:', head):
        return _read_legalbench
    return _read_our_own


def _read_our_own(path: Path, known: Known) -> QuestionSet:
    questions, problems = read_questions(path)
    if not questions and problems:
        raise EvaluationError(f"{path} holds no question set: {problems[0]}; {FORMATS}")
    return QuestionSet(questions, problems=[f"{path}: {problem}" for problem in problems])


def _read_csv(path: Path, known: Known) -> QuestionSet:
    read = QuestionSet([])
    content = b"\n".join(line for _, line in numbered_lines(path))
    try:
        lines = StringIO(content.decode(), newline="")
    except UnicodeDecodeError:
        raise EvaluationError(f"{path} is not UTF-8") from None
    csv.field_size_limit(2**31 - 1)  # a long field is refused by its row, not with all that follow
    rows = csv.reader(lines, strict=True)
    try:
        header = [name.strip().lower() for name in next(rows)]
    except csv.Error as error:
        raise EvaluationError(f"{path}: line 1: {error}; {FORMATS}") from None
    lacking = [name for name in CSV_COLUMNS if name not in header]
    if lacking or len(set(header)) < len(header):
        wrong = f"has no column {', '.join(lacking)}" if lacking else "names a column twice"
        raise EvaluationError(f"{path}: line 1: it {wrong}; {FORMATS}")
    start = rows.line_num + 1
    try:
        for fields in rows:
            try:
                if fields:
                    read.questions.append(_csv_question(path, start, header, fields))
            except (ValueError, SourceError) as error:
                read.problems.append(f"{path}: line {start}: {error}")
            start = rows.line_num + 1
    except csv.Error as error:
        read.problems.append(f"{path}: line {start}: {error}; what follows was not read")
    return read


def _csv_question(
    path: Path, line: int, header: Sequence[str], fields: Sequence[str]
) -> LabelledQuestion:
    if len(fields) != len(header):
        raise ValueError(f"it has {len(fields)} columns, not {len(header)}")
    if sum(map(len, fields)) > MAX_LINE:
        raise ValueError(f"it has {sum(map(len, fields)):,} characters, over {MAX_LINE:,}")
    row = dict(zip(header, fields, strict=True))
    return _question(
        row.get("id", "").strip() or f"{path.stem.replace(' ', '_')}-{line}",
        row["question"],
        companies=[row["company"].strip().lower()] if row["company"].strip() else [],
        day=row.get("snapshot_date", "").strip(),
        quotes=[row["quote"]] if row["quote"].strip() else [],
    )


def _read_topics(path: Path, known: Known) -> QuestionSet:
    read = QuestionSet([])
    try:
        text = b"\n".join(line for _, line in numbered_lines(path)).decode()
    except UnicodeDecodeError:
        raise EvaluationError(f"{path} is not UTF-8") from None
    unclosed = len(re.findall("(?i)<top>", text)) - len(TOPIC.findall(text))
    if unclosed:
        read.problems.append(f"{path}: {unclosed} topics have no </top> and were left out")
    for number, topic in enumerate(TOPIC.finditer(text), 1):
        name, title = NUMBER.search(topic["topic"]), TITLE.search(topic["topic"])
        try:
            if not name or not title:
                raise ValueError("it has no <num> or no <title>")
            read.questions.append(_question(unescape(name["id"]), unescape(title["title"])))
        except ValueError as error:
            read.problems.append(f"{path}: topic {number}: {error}")
    return read


def _read_legalbench(path: Path, known: Known) -> QuestionSet:
    """Spans of texts, which are policies of the index or lie in a corpus beside the file."""
    read = QuestionSet([])
    try:
        tests = json.loads(b"\n".join(line for _, line in numbered_lines(path)))["tests"]
        if not isinstance(tests, list):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise EvaluationError(
            f"{path} is no LegalBench-RAG file: it has no list of tests"
        ) from None
    text_of = cache(partial(_corpus_text, path))
    asked: list[tuple[LabelledQuestion, list[Span]]] = []
    for number, test in enumerate(tests, 1):
        try:
            spans = list(_spans(test, text_of))
            asked.append(
                (_question(f"{path.stem.replace(' ', '_')}-{number}", test["query"]), spans)
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reason = error if isinstance(error, ValueError) else "it is no query with snippets"
            read.problems.append(f"{path}: test {number}: {reason}")
    files = {span.file for _, spans in asked for span in spans}
    places = {file: known(text_of(file)) for file in files}
    for question, spans in asked:
        at = [place for span in spans if (place := places[span.file])]
        read.questions.append(
            replace(
                question,
                company=tuple(dict.fromkeys(company for company, _ in at)),
                snapshot_date=tuple(dict.fromkeys(day for _, day in at)),
                quotes=tuple(text_of(s.file)[s.start : s.end] for s in spans),
            )
        )
    if not all(places.values()):
        _judge_spans(read, {file: text_of(file) for file in files}, asked)
    return read


@dataclass(frozen=True, slots=True)
class Span:
    """A gold stretch of a file; characters, half-open."""

    file: str
    start: int
    end: int


def _corpus_text(path: Path, name: str) -> str:
    """The text that a LegalBench-RAG file calls ``name``; ValueError when it is not to be found."""
    for folder in (path.parent, path.parent / "corpus", path.parent.parent / "corpus", Path()):
        file = folder / name
        try:
            if file.is_file() and file.resolve().is_relative_to(folder.resolve()):
                return file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValueError(f"{name[:80]!r} is not UTF-8") from None
        except OSError as error:
            raise ValueError(f"{name[:80]!r} cannot be read: {error.strerror}") from None
    raise ValueError(f"{name[:80]!r} lies neither beside it nor in a folder corpus there")


def _spans(test: dict[str, Any], text_of: Callable[[str], str]) -> Iterator[Span]:
    """The gold spans of a test; ValueError when one is not within its file."""
    if not test["snippets"]:
        raise ValueError("it has no snippets")
    for snippet in test["snippets"]:
        name, span = snippet["file_path"], snippet["span"]
        if not isinstance(span, list) or len(span) != 2 or not all(map(_is_place, span)):
            raise ValueError(f"its span {str(span)[:80]} is not a start and an end")
        start, end = span
        text = text_of(name)
        if not 0 <= start < end <= len(text):
            raise ValueError(f"its span {start}–{end} is not within {len(text):,} characters")
        if snippet.get("answer", text[start:end]) != text[start:end]:
            raise ValueError(f"its answer does not stand at its span {start}–{end}")
        yield Span(name, start, end)


def _is_place(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _judge_spans(
    read: QuestionSet, texts: dict[str, str], asked: Sequence[tuple[LabelledQuestion, list[Span]]]
) -> None:
    """Make the files' passages the documents: who shares half of gold, or is half gold, counts."""
    passages = [
        Span(file, place.start, place.end)
        for file, text in sorted(texts.items())
        for _, place in split_snapshot(foreign_snapshot(file, text), lambda text: True)
    ]
    read.documents = [
        ForeignDocument(_id_of(p), p.file, texts[p.file][p.start : p.end]) for p in passages
    ]
    read.qrels = {
        question.id: {
            _id_of(passage): 1
            for passage in passages
            for span in spans
            if _shared(span, passage) * 2 >= min(span.end - span.start, passage.end - passage.start)
        }
        for question, spans in asked
    }


def _id_of(span: Span) -> str:
    return f"{'_'.join(span.file.split())}:{span.start}-{span.end}"


def _shared(one: Span, other: Span) -> int:
    if one.file != other.file:
        return 0
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _read_beir(folder: Path, qrels: Path | None) -> QuestionSet:
    read = QuestionSet([])
    documents: list[ForeignDocument] = []
    for name, row in _rows(folder / "corpus.jsonl", read.problems):
        title, text = row.get("title", ""), row.get("text")
        if not isinstance(title, str) or not isinstance(text, str):
            read.problems.append(f"{name}: its title or text is no text")
            continue
        company, day = "".join(_listed(row, "company")[:1]), "".join(_listed(row, "snapshot_date"))
        documents.append(ForeignDocument(str(row["_id"]), title, text, company, day))
    for name, row in _rows(folder / "queries.jsonl", read.problems):
        try:
            read.questions.append(
                _question(
                    row["_id"],
                    row.get("text"),
                    companies=_listed(row, "company"),
                    days=_listed(row, "snapshot_date"),
                )
            )
        except (ValueError, SourceError) as error:
            read.problems.append(f"{name}: {error}")
    if not documents:
        reason = "; ".join(read.problems[:3]) or "its corpus is empty"
        raise EvaluationError(f"{folder} has no document to rank: {reason}")
    judgements = qrels or folder / "qrels" / "test.tsv"
    others = sorted((folder / "qrels").glob("*.tsv"))
    if not judgements.exists() and others and not qrels:
        raise EvaluationError(f"{judgements} is missing; name another with --qrels: {others[0]}")
    read.qrels, problems = read_qrels(judgements)
    read.problems += problems
    read.documents = documents
    ids = {document.id for document in documents}
    strange = [d for judged in read.qrels.values() for d in judged if d not in ids]
    if strange:
        read.problems.append(
            f"{len(strange):,} judgements are about documents that are not in the corpus, such as "
            f"{strange[0][:80]!r}"
        )
    return read


def _rows(path: Path, problems: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each JSON object of a BEIR file with its place; an ``_id`` that came before is refused."""
    seen = set()
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        try:
            row = json_object(line)
            name = row.get("_id")
            if not isinstance(name, str) or name.split() != [name]:
                raise ValueError("its _id is no text without white space")
            if name in seen:
                raise ValueError(f"an earlier line has the _id {name[:80]!r} already")
            seen.add(name)
        except ValueError as error:
            problems.append(f"{path}: line {number}: {error}")
            continue
        yield f"{path}: line {number}", row


def _listed(row: dict[str, Any], key: str) -> list[str]:
    """What a row says of its company or day: nothing, one text or several."""
    value = row.get(key)
    values = value if isinstance(value, list) else [value]
    return [text.lower() for text in values if isinstance(text, str) and text]


def _question(
    name: str,
    text: object,
    *,
    companies: Sequence[str] = (),
    day: str = "",
    days: Sequence[str] = (),
    quotes: Sequence[str] = (),
) -> LabelledQuestion:
    """A question of which only the evidence is known; ValueError says what is wrong with it."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError("its question is empty")
    if len(text) > MAX_QUESTION:
        raise ValueError(f"its question is longer than {MAX_QUESTION:,} characters")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("its question holds half of a character") from None
    return LabelledQuestion(
        id=name,
        question=text.strip(),
        history=(),
        company=tuple(companies),
        snapshot_date=tuple(parse_date(one).isoformat() for one in (*days, day) if one),
        behaviour=None,
        quotes=tuple(quotes),
    )
