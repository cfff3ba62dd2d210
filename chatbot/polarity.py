"""Whether a quoted sentence says yes or no to a question that asks for one.

A logistic regression over signs that can be named (``chatbot.polarity_signs``): whether question
and sentence lean the same way on a matter, whether what is asked stands in what the sentence denies
or excepts, and how both are put ("all", "ever", "without", "may", "only"). It speaks only when it
is rather sure. ``benchmarks/polarity.py`` fits it on questions about companies that no question set
here is about, and writes ``polarity.json``.
"""

import json
import math
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from chatbot.polarity_signs import (
    Read,
    denies_only_an_end,
    is_of_a_takeover,
    read_question,
    read_sentence,
    signs,
    speaks_of,
)
from index.words import fold

WEIGHTS = Path(__file__).parent / "polarity.json"
RATHER_SURE = 0.75  # probability of yes, or of no, from which one sentence is plain
PLAIN_FROM = math.log(RATHER_SURE / (1 - RATHER_SURE))
# Chosen on the quotes with which training questions of companies left out were answered: what the
# other quotes count beside the first, and from when on it is said. The square root, since
# ``answered`` is low for good answers too.
OTHERS, SAID_FROM = 0.3, 0.65
FIRST_FROM = math.log(1.5)  # the first quote itself must lean so
BOTH_FROM = math.log(9)  # each side nine times as likely as not
# Whether the company obeys the law or can be trusted is no sentence's to settle.
VERDICT = re.compile(
    r"\b(?:legal(?:ly)?|lawful|illegal|compl(?:y|iant)|trust(?:worthy)?)\b"
    r"|\bstill (?:true|valid|current|apply|in force)\b"
)

# That something is safe is no policy's to say; that nobody can promise it, is.
SAFE = re.compile(r"\b(?:safe|secure)\b")


def reading(topic: str, quotes: Sequence[str], answered: float) -> Literal["yes", "no", "both", ""]:
    """What ``quotes``, the best first, say to the yes/no question ``topic``; "" when that is open.

    ``answered`` is how likely the first of them answers the question at all, 0…1.
    """
    question, said = read_question(topic), [read_sentence(quote) for quote in quotes]
    if VERDICT.search(fold(topic)) or is_of_a_takeover(question, said[0]):
        return ""
    leans = [_log_odds_of_no(question, sentence) for sentence in said]
    if min(leans) <= -BOTH_FROM and max(leans) >= BOTH_FROM:
        return "both"
    whole = leans[0] + OTHERS * sum(leans[1:])
    sure = math.sqrt(answered) / (1 + math.exp(-abs(whole)))
    if any(lean * whole < 0 and abs(lean) >= PLAIN_FROM for lean in leans) or sure < SAID_FROM:
        return ""
    if leans[0] * math.copysign(1, whole) < FIRST_FROM:
        return ""
    return _checked(question, said[0], whole)


def polarity(topic: str, sentence: str) -> Literal["yes", "no", ""]:
    """What any ``sentence`` says to ``topic``; "" unless it speaks of just that, and plainly."""
    question, said = read_question(topic), read_sentence(sentence)
    if VERDICT.search(fold(topic)) or is_of_a_takeover(question, said):
        return ""
    if not speaks_of(question, said):
        return ""
    odds = _log_odds_of_no(question, said)
    return _checked(question, said, odds) if abs(odds) >= PLAIN_FROM else ""


def _checked(question: Read, said: Read, odds_of_no: float) -> Literal["yes", "no", ""]:
    """The likelier of yes and no, unless a person would see at once that it is not said."""
    if odds_of_no > 0:
        return "" if denies_only_an_end(question, said) else "no"
    return "" if SAFE.search(question.text) else "yes"


def _log_odds_of_no(question: Read, said: Read) -> float:
    fitted = _fitted()
    found = signs(question, said).items()
    return fitted["intercept"] + math.fsum(fitted[name] * sign for name, sign in found)


@cache
def _fitted() -> dict[str, float]:
    weights: dict[str, float] = json.loads(WEIGHTS.read_text("utf-8"))["weights"]
    return weights
