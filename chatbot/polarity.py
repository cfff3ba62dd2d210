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
from collections.abc import Mapping, Sequence
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
# Of what the quotes say, each weighed by how likely it answers at all, −1…1. On companies left out
# what is then said is right in .79, what the policy leaves open counted as wrong; from 0.3 in .71.
SAID_FROM, JUST_THAT_FROM = 0.5, 0.3
FIRST_FROM = math.log(1.5)  # the first quote itself must lean so
BOTH_FROM = math.log(9)  # each side nine times as likely as not
# Whether the company obeys the law or can be trusted is no sentence's to settle.
VERDICT = re.compile(
    r"\b(?:legal(?:ly)?|lawful|illegal|compl(?:y|iant)|trust(?:worthy)?)\b"
    r"|\bstill (?:true|valid|current|apply|in force)\b"
)

# "Can you give me their names?", "is it a robot or a person?": neither yes nor no answers that.
FOR_MORE = re.compile(
    r"\b(?:can|could|will|would) you (?:give|tell|send|name|list|show) me"
    r" (?!if|when|that|before|first)"
    r"|\b(?:a|an|the) \w+(?: \w+)? or (?:a|an|the)\b"
)
# Whether they notice something is not said by a sentence in which nothing is noticed.
NOTICES = re.compile(r"\b(?:see|know|tell|notice|find out|check) (?:if|whether|when)\b")
# That something is safe is no policy's to say; that nobody can promise it, is.
SAFE = re.compile(r"\b(?:safe|secure)\b")


def reading(
    topic: str, quotes: Sequence[str], leads: Sequence[float], silent: float
) -> Literal["yes", "no", "both", ""]:
    """What ``quotes``, the best first, say to the yes/no question ``topic``; "" when that is open.

    ``leads`` is how far the first ranks before what comes next, and each other before (so below
    0) the first; ``silent`` is how likely the policy says nothing of the matter, 0…1.
    """
    question, said = read_question(topic), [read_sentence(quote) for quote in quotes]
    if _is_beyond(topic, question, said[0]):
        return ""
    odds = [log_odds_of_no(question, sentence) for sentence in said]
    if min(odds) <= -BOTH_FROM and max(odds) >= BOTH_FROM:
        return "both"
    weighed = 0.0
    for place, (sentence, odd, lead) in enumerate(zip(said, odds, leads, strict=True)):
        stands = standing(question, sentence, odd, lead, silent, first=place == 0)
        weighed += _likely(_weighed("standing", stands)) * math.tanh(odd / 2)
    contested = any(odd * weighed < 0 and abs(odd) >= PLAIN_FROM for odd in odds)
    # In the question's own words a sentence may be less sure to be the right one.
    unsure = abs(weighed) < (JUST_THAT_FROM if speaks_of(question, said[0]) else SAID_FROM)
    if contested or unsure or odds[0] * _sign(weighed) < FIRST_FROM:
        return ""
    return _checked(question, said[0], weighed)


def standing(
    question: Read, said: Read, odds: float, lead: float, silent: float, *, first: bool
) -> dict[str, float]:
    """What tells how likely a quote answers the question at all."""
    shared = [matter for matter in question.leans if matter in said.leans]
    return {
        "silent": silent,
        "lead": lead,
        "sure": abs(odds),
        "not the first": float(not first),
        "matters shared": len(shared) / max(1, len(question.leans)),
    }


def polarity(topic: str, sentence: str) -> Literal["yes", "no", ""]:
    """What any ``sentence`` says to ``topic``; "" unless it speaks of just that, and plainly."""
    question, said = read_question(topic), read_sentence(sentence)
    if _is_beyond(topic, question, said) or not speaks_of(question, said):
        return ""
    odds = log_odds_of_no(question, said)
    return _checked(question, said, odds) if abs(odds) >= PLAIN_FROM else ""


def _is_beyond(topic: str, question: Read, said: Read) -> bool:
    """Whether neither yes nor no can be right, however a sentence leans."""
    noticed = not NOTICES.search(question.text) or "collect" in said.leans
    beyond = VERDICT.search(fold(topic)) or FOR_MORE.search(question.text)
    return beyond is not None or not noticed or is_of_a_takeover(question, said)


def _checked(question: Read, said: Read, odds_of_no: float) -> Literal["yes", "no", ""]:
    """The likelier of yes and no, unless a person would see at once that it is not said."""
    if odds_of_no > 0:
        return "" if denies_only_an_end(question, said) else "no"
    return "" if SAFE.search(question.text) else "yes"


def log_odds_of_no(question: Read, said: Read) -> float:
    """Above 0 a sentence rather says no, below it rather yes."""
    return _weighed("weights", signs(question, said))


def _weighed(name: Literal["weights", "standing"], found: Mapping[str, float]) -> float:
    fitted = _fitted()[name]
    return fitted["intercept"] + math.fsum(fitted[key] * value for key, value in found.items())


def _likely(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def _sign(value: float) -> float:
    return math.copysign(1, value)


@cache
def _fitted() -> dict[str, dict[str, float]]:
    read: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text("utf-8"))
    return read
