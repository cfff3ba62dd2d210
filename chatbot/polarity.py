"""Whether a quoted sentence says yes or no to a question that asks for one.

First by rules that would rather say nothing; where they do, by a logistic regression over signs
that can be named, which speaks only when it is rather sure. ``benchmarks/polarity.py`` fits it on
questions about companies that no question set here is about, and writes ``polarity.json``.
"""

import json
import math
import re
from functools import cache
from pathlib import Path
from typing import Literal

from index.concepts import concepts
from index.words import WORD, fold, stem

WEIGHTS = Path(__file__).parent / "polarity.json"
# Words that say nothing of the matter; verbs such as "use" and "ask" do.
FUNCTION_WORDS = frozenset(
    "a an and any anyone anything are as at be been but by can could d did do does don ever for"
    " from had has have how i if in into is isn it its just ll m may me might my of on or our out"
    " re s shall should so some still such t than that the their them then there these they this"
    " those to up us ve was we were what when where which who will with would you your yes no not"
    " really actually please else even also true".split()
)
NEGATION = re.compile(
    r"\b(?:not(?! only)|never|neither|nor|cannot|no longer|none|nobody|no(?! (?:later|matter)))\b"
    r"|n't\b"
)
SCOPE_END = re.compile(
    r"[;:!?]|\.(?:\s|$)|,?\s(?:but|although|though|however|which)\b|,\s(?:and|or)\s(?:we|you|they|it)\b"
)
# "We do not share it without your consent" is neither a yes nor a no to "do you share it".
CONDITION = re.compile(
    r"\b(?:unless|except|without(?! exception)|only if|other than|optional|although|though|request"
    r"|not (?:prevent|prohibit|limit|keep|stop)|not (?:be )?used (?:to|for|in)|as described)\b"
)
# What is said only of some case is no plain answer either.
CASE = re.compile(r"\b(?:if|in the event|in case|whenever|when)\b")
# What a sentence says to those who choose something is nothing that it says of all.
CHOICE = re.compile(r"if you\b")
# Duties, refusals, verdicts, and whether something is still so cannot be read off one sentence.
BEYOND = re.compile(
    r"\b(?:have to|has to|must|required?|need to|obliged|(?<!i )(?<!you )refuse|deny|prevent"
    r"|stop|avoid|safe|secure"
    r"|legal|compl(?:y|iant)|trust|still (?:true|valid|current|apply|in force))\b"
)


# Signs in the question and in the sentence that the regression weighs.
ASKED_SIGNS = {
    "asks for all or nothing": r"\b(?:only|just|every\w*|all|always|nothing|nobody|no ?one|anyone"
    r"|anybody|totally|completely|fully|truly|strictly|forever|for good|for ever|guarantee\w*|sure"
    r"|whole|any random|right away|straight away|instant\w*|immediately|at once|ever)\b",
    "expects a yes": r"\b(?:right|correct|yeah|huh)\W*$",
    "asks in the negative": r"\b(?:not|never|without|nothing|nobody|no)\b|n't\b",
    "asks for a duty": r"\b(?:have to|must|need to|required?|obliged|forced|stuck)\b",
    "asks for what I can": r"\b(?:can|could|may|am|will|do|would) (?:i|my|we)\b",
    "asks for safety": r"\b(?:safe|secure|anonymous|private|encrypt\w*|stay|kept|keep|inside|gone"
    r"|wiped|free)\b",
    "asks for a refusal": r"\b(?:refuse|say no|stop|avoid|prevent|hide|opt|skip|switch off"
    r"|turn off)\b",
}
SAID_SIGNS = {
    "says may": r"\b(?:may|might|can|could)\b",
    "says not": r"\b(?:not|never|no|cannot|nor|neither|without)\b|n't\b",
    "says only": r"\b(?:only|solely|limited|limit|unless|except|restrict\w*|authori[sz]ed"
    r"|need.to.know)\b",
    "says but": r"\b(?:even (?:if|though|when|after)|however|although|but|please note|while)\b",
    "says you choose": r"\b(?:opt[- ]?out|choose|you can|control|settings|withdraw|object|disable"
    r"|turn off)\b",
    "says with consent": r"\b(?:consent|permission|opt[- ]?in|agree\w*)\b",
    "says keep": r"\b(?:retain|keep|remain|continue|up to|days|until)\b",
    "says will": r"\b(?:we|will|does|do)\b",
    "says must": r"\b(?:required|must|at least)\b",
}
SIGNS = {name: re.compile(sign) for name, sign in (ASKED_SIGNS | SAID_SIGNS).items()}
# What is not the main statement: conditions, and what is said of something on the way.
ASIDE = re.compile(
    r"\b(?:if|unless|in case|once|until|because|since|as long as|to the extent|even if|even though"
    r"|although|while|whether|except)\b[^,;:.]*(?:[,;]|$|\.)"
    r"|\b(?:that|which|who|whom|whose|previously|otherwise|are|information)\s+(?:\w+\s+){0,2}not\b"
    r"|\bnot (?:to|previously|listed|otherwise|necessarily|yet)\b|\bwhether or not\b"
)
SHORT_STATEMENT = 3  # words; with fewer left, the whole sentence is the statement
RATHER_SURE = 0.75  # probability of yes, or of no, from which it is said


def likely_polarity(topic: str, sentence: str) -> Literal["yes", "no", ""]:
    """What ``sentence`` most likely says to the yes/no question ``topic``; "" when that is open."""
    if CONDITION.search(fold(sentence)) or CHOICE.match(fold(sentence)):
        return ""
    fitted = _fitted()
    value = fitted["intercept"]
    for name, sign in signs(topic, sentence).items():
        value += fitted[name] * sign
    no = 1 / (1 + math.exp(-value))
    return "no" if no >= RATHER_SURE else "yes" if no <= 1 - RATHER_SURE else ""


def signs(topic: str, sentence: str) -> dict[str, float]:
    """Each sign of a "no" as 0 or 1, and which of them come together."""
    question, said = fold(topic), fold(sentence)
    found = {
        name: float(sign.search(question if name in ASKED_SIGNS else said) is not None)
        for name, sign in SIGNS.items()
    }
    statement = ASIDE.sub(" ", said)
    if len(statement.split()) < SHORT_STATEMENT:
        statement = said
    denies = float(NEGATION.search(statement) is not None)
    shared = {stem(word) for word in WORD.findall(question)} & {
        stem(word) for word in WORD.findall(said)
    }
    return found | {
        "denies": denies,
        "denies what is asked in the negative": denies * found["asks in the negative"],
        "affirms where all is asked": (1 - denies) * found["asks for all or nothing"],
        "denies a duty": denies * found["asks for a duty"],
        "denies what I can": denies * found["asks for what I can"],
        "affirms a refusal": (1 - denies) * found["asks for a refusal"],
        "denies a refusal": denies * found["asks for a refusal"],
        "keeps what is to be gone": found["asks for safety"] * found["says keep"],
        "shares words": len(shared) / max(1, len(WORD.findall(question))),
    }


@cache
def _fitted() -> dict[str, float]:
    weights: dict[str, float] = json.loads(WEIGHTS.read_text("utf-8"))["weights"]
    return weights


def polarity(topic: str, sentence: str) -> Literal["yes", "no", ""]:
    """What ``sentence`` says to the yes/no question ``topic``; "" when that is not plain.

    Most of the question's words must stand in the sentence, most others as concepts. When
    they can all be found outside what the sentence denies it says yes, else no.
    """
    question, said = fold(topic), fold(sentence)
    asked = _words(question)
    if not asked or CONDITION.search(said) or BEYOND.search(question):
        return ""
    given = {word for word, _ in _placed(said)}
    said_concepts = concepts(said)
    literal = [word for word in asked if word in given]
    covered = [word for word, meant in asked.items() if word in given or meant & said_concepts]
    enough = len(literal) * 2 > len(asked) or (len(asked) > 3 and len(literal) * 2 == len(asked))
    if not enough or len(covered) * 4 < len(asked) * 3:
        return ""
    case = CASE.search(said)
    if case and case.start() < min(place for word, place in _placed(said) if word in literal):
        return ""
    affirmed = {word for word, place in _placed(said) if not _denied(said, place)}
    # "Don't they …?" asks the same as "do they …?".
    turned = NEGATION.search(re.sub(r"^\W*\w+n't\b", "", question)) is not None
    denied = not set(literal) <= affirmed
    return "yes" if denied == turned else "no"


def _words(question: str) -> dict[str, set[str]]:
    """The stems of the words that carry the question, with the concepts that each stands for."""
    return {
        stem(match.group()): concepts(question[match.start() : match.start() + 40])
        & concepts(match.group())
        for match in WORD.finditer(question)
        if match.group() not in FUNCTION_WORDS
    }


def _placed(text: str) -> list[tuple[str, int]]:
    return [(stem(match.group()), match.start()) for match in WORD.finditer(text)]


def _denied(text: str, place: int) -> bool:
    """Whether a negation before ``place`` reaches it."""
    for negation in NEGATION.finditer(text, 0, place):
        end = SCOPE_END.search(text, negation.end())
        if end is None or end.start() >= place:
            return True
    return False
