"""Labelled questions in JSON Lines; wrong rows are refused by line, the rest is read."""

import codecs
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from chatbot.question import MAX_QUESTION
from chatbot.types import ActionType, Behaviour, Turn
from index.clean import display
from index.errors import UserError
from index.sources import SourceError, parse_date
from index.words import fold

MAX_LINE = 1_000_000  # bytes of a line: a long document of a collection has so many
OPTIONAL: dict[str, Any] = {
    "history": [],
    "note": "",
    "missing": None,
    "polarity": None,
    "actions": None,
    "topic": "",
    "contested": False,
}
REQUIRED = ("id", "question", "company", "snapshot_date", "behaviour", "quotes")
Polarity = Literal["yes", "no", "both"]

BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)
POLARITIES: tuple[Polarity, ...] = get_args(Polarity)
ACTION_TYPES: tuple[ActionType, ...] = get_args(ActionType)


class EvaluationError(UserError):
    """A question set cannot be measured; the message names the file or question and the reason."""


@dataclass(frozen=True, slots=True)
class ExpectedAction:
    """What a right answer offers to do."""

    type: ActionType
    text: str  # the address or number as the policy prints it


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with what a right answer says (gold)."""

    id: str
    question: str
    history: tuple[Turn, ...]
    company: tuple[str, ...]  # empty where none is demanded
    snapshot_date: tuple[str, ...]  # YYYY-MM-DD; empty where none is demanded
    behaviour: Behaviour | None  # None: not labelled
    quotes: tuple[str, ...]  # verbatim; any one of them counts
    note: str = ""
    missing: str | None = None  # the detail that the policy leaves out, where it is ``partly``
    polarity: Polarity | None = None  # of the answer to a yes/no question
    actions: tuple[ExpectedAction, ...] | None = None  # None: not labelled; (): none is to be had
    topic: str = ""
    contested: bool = False  # careful readers disagree about it: it is measured apart

    def accepts(self, company: str, day: str) -> bool:
        """Whether a quote may come from that company's policy of that day."""
        right_day = not self.snapshot_date or day in self.snapshot_date
        return right_day and (not self.company or company in self.company)


def match_fold(text: str) -> str:
    """``text`` as quotes are compared: as a person reads it, in one spelling."""
    return fold(display(text))


def read_questions(path: Path) -> tuple[list[LabelledQuestion], list[str]]:
    """Read a JSON Lines file: its questions, and "line N: reason" for every line left out."""
    questions: dict[str, LabelledQuestion] = {}
    problems = []
    for number, line in numbered_lines(path):
        if not line.strip():
            continue
        try:
            question = _parse(line)
            if question.id in questions:
                raise ValueError(f"an earlier line has the id {question.id[:80]!r} already")
            questions[question.id] = question
        except (SourceError, ValueError) as error:
            problems.append(f"line {number}: {error}")
    if not questions and not problems:
        problems = ["line 1: the file is empty"]
    return list(questions.values()), problems


def read_sets(paths: Sequence[Path]) -> tuple[list[LabelledQuestion], list[str]]:
    """Read several files: all questions, and "FILE: line N: reason" for every line left out.

    Raises EvaluationError when no question remains, or two files hold the same id.
    """
    questions: dict[str, LabelledQuestion] = {}
    problems = []
    for path in paths:
        read, refused = read_questions(path)
        problems += [f"{path}: {problem}" for problem in refused]
        for question in read:
            if question.id in questions:
                raise EvaluationError(
                    f"{path} has the id {question.id[:80]!r} of another file again"
                )
            questions[question.id] = question
    if not questions:
        raise EvaluationError(f"no question can be measured: {'; '.join(problems[:3])}")
    return list(questions.values()), problems


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file from 1, no byte-order mark; EvaluationError if it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}") from None
    yield from enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1)


def line_text(line: bytes) -> str:
    """A line as text; ValueError when it is too long, or not UTF-8."""
    if len(line) > MAX_LINE:
        raise ValueError(f"it has {len(line):,} bytes; a line has at most {MAX_LINE:,}")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None


def json_object(line: bytes) -> dict[str, Any]:
    """A line that holds one JSON object; ValueError says why it does not."""
    text = line_text(line)
    try:
        row = json.loads(text)
        json.dumps(row, ensure_ascii=False).encode()  # no half of a surrogate pair
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON in UTF-8") from None
    if not isinstance(row, dict):
        raise ValueError("it is not a JSON object")
    return row


def _parse(line: bytes) -> LabelledQuestion:
    """Read one labelled question; ValueError says what is wrong with the line."""
    row = OPTIONAL | json_object(line)
    if missing := [key for key in REQUIRED if key not in row]:
        raise ValueError(f"it has no {', '.join(missing)}")
    turns = [turn if isinstance(turn, dict) else {} for turn in _listed(row["history"])]
    texts = {key: [row[key]] for key in ("id", "question")}
    texts |= {key: _listed(row[key]) for key in ("company", "snapshot_date")}
    texts |= {"quotes": row["quotes"], "history": [turn.get("content") for turn in turns]}
    for key, values in texts.items():
        if not isinstance(values, list) or not all(map(_is_text, values)):
            raise ValueError(f"its {key} has a wrong type or an empty text")
    if len(row["question"]) > MAX_QUESTION:
        raise ValueError(f"its question is longer than {MAX_QUESTION:,} characters")
    if any(turn.get("role") not in ("user", "assistant") for turn in turns):
        raise ValueError("its history has a role that is neither user nor assistant")
    if row["behaviour"] not in BEHAVIOURS:
        raise ValueError(f"its behaviour is none of {', '.join(BEHAVIOURS)}")
    if row["polarity"] not in (*POLARITIES, None):
        raise ValueError(f"its polarity is none of {', '.join(POLARITIES)} and null")
    if not isinstance(row["contested"], bool):
        raise ValueError("its contested is neither true nor false")
    if not (row["missing"] is None or _is_text(row["missing"])):
        raise ValueError("its missing is neither a text nor null")
    return LabelledQuestion(
        id=row["id"],
        question=row["question"],
        history=tuple(Turn(turn["role"], turn["content"]) for turn in turns),
        company=tuple(name.lower() for name in texts["company"]),
        snapshot_date=tuple(parse_date(day).isoformat() for day in texts["snapshot_date"]),
        behaviour=row["behaviour"],
        quotes=tuple(row["quotes"]),
        note=str(row["note"]),
        missing=row["missing"],
        polarity=row["polarity"],
        actions=None if row["actions"] is None else tuple(_actions(row["actions"])),
        topic=str(row["topic"]),
        contested=row["contested"],
    )


def _actions(value: object) -> Iterator[ExpectedAction]:
    for action in _listed(value):
        fields: dict[str, Any] = action if isinstance(action, dict) else {}
        kind, text = fields.get("type"), fields.get("text", "")
        if kind not in ACTION_TYPES or not _is_text(text):
            raise ValueError(
                f"its actions are not of {', '.join(ACTION_TYPES)}, each with its text"
            )
        yield ExpectedAction(kind, text)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and match_fold(value) != ""


def _listed(value: object) -> list[Any]:
    """List what may be written as null, one value or several."""
    return [] if value is None else value if isinstance(value, list) else [value]
