"""Judgements and rankings in the formats of TREC: reading them line by line, and writing them."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from chatbot.evaluation.labelled import EvaluationError, line_text, numbered_lines

Qrels = dict[str, dict[str, int]]  # question → document → relevance, 0 where it is not relevant
Run = dict[str, dict[str, float]]  # question → document → score
MAX_RELEVANCE = 1_000  # trec_eval takes memory for every grade up to the highest
Value = TypeVar("Value", int, float)


def read_qrels(path: Path) -> tuple[Qrels, list[str]]:
    """Judgements, and "FILE: line N: reason" for every line left out.

    A line is ``question iteration document relevance`` (TREC) or ``question document relevance``
    (BEIR, whose first line may name the columns). Raises EvaluationError when no line can be read.
    """

    def parse(fields: list[str]) -> tuple[str, str, int]:
        if len(fields) not in (3, 4):
            raise ValueError(f"it has {len(fields)} columns, not 3 (BEIR) or 4 (TREC)")
        return fields[0], fields[-2], _integer(fields[-1])

    return _read(path, parse, is_header=lambda fields: fields[0] == "query-id")


def read_run(path: Path) -> tuple[Run, list[str]]:
    """A ranking made elsewhere, and "FILE: line N: reason" for every line left out.

    A line is ``question Q0 document rank score tag``; as everywhere in TREC, the scores rank.
    Raises EvaluationError when no line can be read.
    """

    def parse(fields: list[str]) -> tuple[str, str, float]:
        if len(fields) != 6:
            raise ValueError(f"it has {len(fields)} columns, not the 6 of a TREC run")
        return fields[0], fields[2], _finite(fields[4])

    return _read(path, parse, is_header=lambda fields: False)


def _read(
    path: Path,
    parse: Callable[[list[str]], tuple[str, str, Value]],
    is_header: Callable[[list[str]], bool],
) -> tuple[dict[str, dict[str, Value]], list[str]]:
    """Question → document → value of every line, and what is wrong with the other lines."""
    read: dict[str, dict[str, Value]] = {}
    problems = []
    for number, line in numbered_lines(path):
        try:
            fields = line_text(line).split()
            if not fields or (number == 1 and is_header(fields)):
                continue
            question, document, value = parse(fields)
            if document in read.setdefault(question, {}):
                raise ValueError(f"an earlier line has {question[:80]!r} with its document too")
            read[question][document] = value
        except ValueError as error:
            problems.append(f"{path}: line {number}: {error}")
    if not any(read.values()):
        raise EvaluationError("; ".join(problems[:3]) or f"{path} is empty")
    return {question: values for question, values in read.items() if values}, problems


def _integer(field: str) -> int:
    try:
        relevance = int(field.removesuffix(".0"))
        if relevance > MAX_RELEVANCE:
            raise ValueError
        return max(0, relevance)  # below 0 is as little relevant, and more than trec_eval can hold
    except ValueError:
        raise ValueError(
            f"its relevance is {field[:40]!r} and no whole number up to {MAX_RELEVANCE:,}"
        ) from None


def _finite(field: str) -> float:
    try:
        score = float(field)
    except ValueError:
        score = math.nan
    if not math.isfinite(score) or abs(score) > np.finfo(np.float32).max:
        raise ValueError(f"its score is {field[:40]!r} and no number")
    return score


def ranked(scores: Mapping[str, float]) -> list[tuple[str, float]]:
    """Documents by falling score, read as trec_eval does; equal ones by falling id, as there."""
    return sorted(scores.items(), key=lambda item: (np.float32(item[1]), item[0]), reverse=True)


def strictly_falling(ranking: Sequence[tuple[str, float]]) -> Iterator[tuple[str, np.float32]]:
    """The ranking with scores that fall at every place, in the precision that trec_eval reads.

    trec_eval breaks ties by document id and would put a tied ranking into another order.
    """
    last = np.float32(math.inf)
    for document, score in ranking:
        last = min(np.float32(score), np.nextafter(last, np.float32(-math.inf)))
        yield document, last


def run_lines(rankings: Mapping[str, Sequence[tuple[str, float]]], tag: str) -> Iterator[str]:
    """Lines of a TREC run."""
    for question, ranking in rankings.items():
        for rank, (document, score) in enumerate(strictly_falling(ranking), 1):
            yield f"{question} Q0 {document} {rank} {score:.9g} {tag}"


def qrels_lines(qrels: Qrels) -> Iterator[str]:
    """Lines of TREC judgements."""
    for question, judged in qrels.items():
        for document, relevance in judged.items():
            yield f"{question} 0 {document} {relevance}"
