"""Whether a quoted sentence says yes or no to a question that asks for one.

Rules that would rather say nothing: a wrong word is worse than none.
"""

import re
from typing import Literal

from index.concepts import concepts
from index.words import WORD, fold, stem

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
    r"|not (?:prevent|prohibit|limit|keep|stop))\b"
)
# What is said only of some case is no plain answer either.
CASE = re.compile(r"\b(?:if|in the event|in case|whenever|when)\b")
# Duties, refusals, verdicts, and whether something is still so cannot be read off one sentence.
BEYOND = re.compile(
    r"\b(?:have to|has to|must|required?|need to|obliged|(?<!i )(?<!you )refuse|deny|prevent"
    r"|stop|avoid|safe|secure"
    r"|legal|compl(?:y|iant)|trust|still (?:true|valid|current|apply|in force))\b"
)


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
