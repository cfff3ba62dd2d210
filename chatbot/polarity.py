"""Whether a quoted sentence says yes or no to a question that asks for one.

A logistic regression over signs that can be named: whether question and sentence lean the same way
on a matter (``chatbot.opposites``), whether what is asked stands in what the sentence denies or
excepts, and how both are put ("all", "ever", "without", "may", "only"). It speaks only when it is
rather sure. ``benchmarks/polarity.py`` fits it on questions about companies that no question set
here is about, and writes ``polarity.json``.
"""

import json
import math
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from chatbot.opposites import OPPOSITES, denials, directions, parts
from index.concepts import concepts
from index.words import WORD, fold, stem

WEIGHTS = Path(__file__).parent / "polarity.json"
RATHER_SURE = 0.75  # probability of yes, or of no, of one sentence, from which it is plain
# Chosen on the quotes that training companies left out were answered with: what the other quotes
# count beside the first, and from when on it is said. The square root, since ``answered`` is low
# for good answers too.
OTHERS, SAID_FROM = 0.3, 0.7
BOTH_FROM = math.log(9)  # each side nine times as likely as not
# Words that say nothing of the matter; verbs such as "use" and "ask" do.
FUNCTION_WORDS = frozenset(
    "a an and any anyone anything are as at be been but by can could d did do does don ever for"
    " from had has have how i if in into is isn it its just ll m may me might my of on or our out"
    " re s shall should so some still such t than that the their them then there these they this"
    " those to up us ve was we were what when where which who will with would you your yes no not"
    " really actually please else even also true".split()
)
# Whether the company obeys the law or can be trusted is no sentence's to settle.
VERDICT = re.compile(
    r"\b(?:legal(?:ly)?|lawful|illegal|compl(?:y|iant)|trust(?:worthy)?)\b"
    r"|\bstill (?:true|valid|current|apply|in force)\b"
)

ASKED_SIGNS = {
    "asks for all or nothing": r"\b(?:only|just|every\w*|all|always|nothing|nobody|no ?one|anyone"
    r"|anybody|totally|completely|fully|truly|strictly|forever|for good|for ever|guarantee\w*|sure"
    r"|whole|any random|right away|straight away|instant\w*|immediately|at once|ever)\b",
    "expects a yes": r"\b(?:right|correct|yeah|huh|yes|true|isn't it)\W*$|\bis it true\b|^\W*so\b",
    "asks in the negative": r"\b(?:not|never|without|nothing|nobody|no)\b|n't\b",
    "asks for a duty": r"\b(?:have to|must|need to|needs?|required?|obliged|forced|stuck)\b",
    "asks for what I can": r"\b(?:can|could|may|am|will|do|would|is there) (?:i|my|we|a way)\b",
    "asks for what they may": r"\b(?:can|could|may|might|will|would) (?:they|you|the|it|your"
    r"|others?|some\w*|people)\b",
    "asks for safety": r"\b(?:safe|secure|anonymous|private|encrypt\w*|stay|kept|keep|inside|gone"
    r"|wiped|free)\b",
    "asks for a refusal": r"\b(?:refuse|say no|stop|avoid|prevent|hide|opt|skip|switch off"
    r"|turn off)\b",
    "asks for only": r"\b(?:only|just|nothing but|nothing else|solely|inside|stays?)\b",
    "asks for more": r"\b(?:else|besides|others?|also|more|anything but|as well|too|another|own"
    r"|whatever)\b",
    "asks for once": r"\b(?:ever|might|could|may|can|sometimes|possible|some)\b",
    "asks for without": r"\b(?:without|never (?:agreed|said|asked|opted)|didn't|behind"
    r"|if i (?:said|never|opt|don't|refuse|decline|didn't|say no))\b",
    "asks for a case": r"\b(?:if|after|once|when)\b",
}
SAID_SIGNS = {
    "says may": r"\b(?:may|might|can|could|some|certain|sometimes|most)\b",
    "says not": r"\b(?:not|never|no|cannot|nor|neither|without)\b|n't\b",
    "says only": r"\b(?:only|solely|limited|limit|except|restrict\w*|authori[sz]ed|just|minimum"
    r"|exclusively|need.to.know|other than|but not)\b",
    "says unless": r"\b(?:unless|except|without your|until|other than)\b",
    "says but": r"\b(?:even (?:if|though|when|after)|however|although|but|please note|while)\b",
    "says you choose": r"\b(?:opt[- ]?out|choose|you (?:can|may|have the right)|control|settings"
    r"|withdraw|object|disable|turn off)\b",
    "says with consent": r"\b(?:consent|permission|opt[- ]?in|agree\w*|ask)\b",
    "says keep": r"\b(?:retain|keep|remain|continue|up to|days|until)\b",
    "says will": r"\b(?:we|will|does|do|always|every|all)\b",
    "says must": r"\b(?:required|must|at least|need|cannot)\b",
    "says no first": r"^\W*(?:no|never|absolutely not)\b[.,!:]",
    "says yes first": r"^\W*(?:yes|of course|certainly)\b",
}
ASKED = {name: re.compile(sign) for name, sign in ASKED_SIGNS.items()}
SAID = {name: re.compile(sign) for name, sign in SAID_SIGNS.items()}

# What is not the main statement: conditions, and what is said of something on the way.
ASIDE = re.compile(
    r"\b(?:if|unless|in case|once|until|because|since|as long as|to the extent|even if|even though"
    r"|although|while|whether|except)\b[^,;:.]*(?:[,;]|$|\.)"
    r"|\b(?:that|which|who|whom|whose|previously|otherwise|are|information)\s+(?:\w+\s+){0,2}not\b"
    r"|\bnot (?:to|previously|listed|otherwise|necessarily|yet)\b|\bwhether or not\b"
)
SHORT_WORD = 2  # letters; "us" and "no" are no matter
SHORT_STATEMENT = 3  # words; with fewer left, the whole sentence is the statement
CASE_ASKED = re.compile(
    r"^(?:if|when|once|after|because|since|although|even if|unless|say)\b[^,?]*,\s*"
    r"|(?<!see )(?<!know )(?<!tell )(?<!check )(?<!track )(?<!remember )(?<!out )"
    r"\b(?:if|once|when|after|before|even if|unless|even though|although|because|since)\b[^,?.!]*\W*$"
)
CONFIRMS = re.compile(
    r"(?:is (?:it|that|this) (?:true|right|so|normal|correct)|right|true|correct)"
)


def reading(topic: str, quotes: Sequence[str], answered: float) -> Literal["yes", "no", "both", ""]:
    """What ``quotes``, the best first, say to the yes/no question ``topic``; "" when that is open.

    ``answered`` is how likely the first of them answers the question at all, 0…1.
    """
    if VERDICT.search(fold(topic)) or _is_of_a_takeover(topic, quotes[0]):
        return ""
    leans = [math.log(no / (1 - no)) for quote in quotes for no in [likely_no(topic, quote)]]
    if min(leans) <= -BOTH_FROM and max(leans) >= BOTH_FROM:
        return "both"
    whole = leans[0] + OTHERS * sum(leans[1:])
    sure = math.sqrt(answered) / (1 + math.exp(-abs(whole)))
    if sure < SAID_FROM or whole * leans[0] <= 0:
        return ""
    return "no" if whole > 0 else "yes"


def polarity(topic: str, sentence: str) -> Literal["yes", "no", ""]:
    """What any ``sentence`` says to ``topic``; "" unless it speaks of just that, and plainly.

    Most of the question's words must stand in the sentence, most others as concepts.
    """
    question, said = fold(topic), fold(sentence)
    if VERDICT.search(question) or _is_of_a_takeover(topic, sentence):
        return ""
    if not _spoken_of(question, said):
        return ""
    no = likely_no(topic, sentence)
    return "no" if no >= RATHER_SURE else "yes" if no <= 1 - RATHER_SURE else ""


def _spoken_of(question: str, said: str) -> set[str]:
    """The question's words that a sentence holds, if it speaks of just what is asked.

    Most of the words must stand in it, most others as concepts; else none.
    """
    asked, given, meant = _meanings(question), _words(said), concepts(said)
    literal = {word for word in asked if word in given}
    covered = [word for word, means in asked.items() if word in given or means & meant]
    enough = len(literal) * 2 > len(asked) or (len(asked) > 3 and len(literal) * 2 == len(asked))
    return literal if enough and len(covered) * 4 >= len(asked) * 3 else set()


def _literally(question: str, said: str, turned: float) -> dict[str, float]:
    """Whether a sentence affirms or denies in the question's own words what is asked."""
    words = _spoken_of(question, said)
    affirms = words <= _words(parts(said).affirmed)
    way = 1 - 2 * turned
    return {
        "affirms just that": way * float(bool(words) and affirms),
        "denies just that": way * float(bool(words) and not affirms),
    }


def _is_of_a_takeover(topic: str, sentence: str) -> bool:
    """Whether a sentence is about the company's own sale, and the question is not."""
    return "takeover" in concepts(fold(sentence)) - concepts(fold(topic))


def likely_no(topic: str, sentence: str) -> float:
    """How likely ``sentence`` says no to the yes/no question ``topic`` rather than yes; 0…1."""
    fitted = _fitted()
    found = signs(topic, sentence)
    value = fitted["intercept"] + math.fsum(fitted[name] * sign for name, sign in found.items())
    return 1 / (1 + math.exp(-value))


def signs(topic: str, sentence: str) -> dict[str, float]:
    """Each sign of a "no", and which of them come together; most are 0 or 1, all in −1…1."""
    question, said = main_question(fold(topic)), fold(sentence)
    asked = {name: float(sign.search(question) is not None) for name, sign in ASKED.items()}
    turned, denies = float(bool(denials(question))), _denies(question, said)
    elsewhere = bool(_words(parts(said).denied)) and not denies
    given = {name: float(sign.search(said) is not None) for name, sign in SAID.items()}
    statement = ASIDE.sub(" ", said)
    if len(statement.split()) < SHORT_STATEMENT:
        statement = said
    leanings = _leanings(question, said, denies)
    together = {
        f"{one} and {other}": asked[one] * sign
        for one in asked
        for other, sign in [
            *given.items(),
            ("denies", denies),
            ("leans alike", leanings["leans alike"]),
        ]
    }
    return {
        **asked,
        **given,
        **together,
        **leanings,
        **_shared(question, said, turned),
        "denies": denies,
        "denies something else": float(elsewhere),
        **_literally(question, said, turned),
        "denies the main thing": float(bool(denials(statement))),
        "asked turned": turned,
        "only one is turned": float(turned != denies),
    }


def main_question(folded: str) -> str:
    """The part of a question that is asked, without what goes before and its condition."""
    parts_of_it = [part for part in re.split(r"(?<=[.!?])\s+", folded) if " " in part] or [folded]
    last = parts_of_it[-1]
    if CONFIRMS.match(last) and len(parts_of_it) > 1:  # "They sell it. Is that right?"
        last = f"{parts_of_it[-2]} {last}"
    asked = CASE_ASKED.sub(" ", last).strip()
    return asked if len(asked.split()) >= SHORT_STATEMENT else last


def _leanings(question: str, said: str, denies: float) -> dict[str, float]:
    """On which matters question and sentence lean alike (1) or against each other (−1)."""
    asked, given = directions(question), directions(said)
    alike = {matter: asked.get(matter, 0.0) * given.get(matter, 0.0) for matter in OPPOSITES}
    total = sum(alike.values()) - alike["all"]
    both = [matter for matter in asked if matter in given]
    way = _sign(sum(asked.values()) - asked.get("all", 0.0))
    return {
        **{f"leans alike on {matter}": sign for matter, sign in alike.items()},
        **{f"asks after {matter}": asked.get(matter, 0.0) for matter in OPPOSITES},
        "leans alike": math.tanh(total),
        "leans alike on the mean": total / max(1, len(both)),
        "leans on nothing alike": float(not both),
        "asks which way": way,
        "says which way": _sign(sum(given.values()) - given.get("all", 0.0)),
        "which way alike": way * _sign(sum(given.values()) - given.get("all", 0.0)),
        "which way denied": way * denies,
    }


def _shared(question: str, said: str, turned: float) -> dict[str, float]:
    """Which share of the question's words and concepts stands where in the sentence alone.

    A negation in the question turns the sign of what is affirmed and denied.
    """
    way = 1 - 2 * turned
    found = {}
    for name, read in (("words", _words), ("concepts", concepts)):
        asked = read(question)
        affirmed, denied, excepted = (read(part) for part in parts(said))
        count = max(1, len(asked))
        found[f"{name} denied"] = way * len(asked & denied - affirmed) / count
        found[f"{name} affirmed"] = way * len(asked & affirmed - denied) / count
        found[f"{name} all affirmed"] = way * float(
            bool(asked & denied) and asked & denied <= affirmed
        )
        found[f"{name} excepted"] = len(asked & excepted - affirmed - denied) / count
    return found


def _denies(question: str, said: str) -> float:
    """Whether a sentence denies what is asked (1), or something else only (0)."""
    affirmed, denied, _ = parts(said)
    asked = _words(question) | concepts(question)
    in_affirmed, in_denied = (asked & (_words(p) | concepts(p)) for p in (affirmed, denied))
    if not _words(denied):
        return 0.0
    apart = len(in_denied - in_affirmed) - len(in_affirmed - in_denied)
    if apart or not in_affirmed & in_denied:
        return float(apart >= 0)
    return 0.0  # what stands in both is affirmed first


def _undenied(said: str) -> str:
    """A sentence without what it denies: "we use cookies but do not sell them" → the first half."""
    for start, end in reversed(denials(said)):
        said = f"{said[:start]}{said[end:]}"
    return said


def _words(folded: str) -> set[str]:
    """The stems of the words that carry a matter."""
    words = (match.group() for match in WORD.finditer(folded))
    return {stem(word) for word in words if word not in FUNCTION_WORDS and len(word) > SHORT_WORD}


def _meanings(folded: str) -> dict[str, set[str]]:
    """The stems of the words that carry a matter, with the concepts that each stands for."""
    return {
        stem(match.group()): concepts(folded[match.start() : match.start() + 40])
        & concepts(match.group())
        for match in WORD.finditer(folded)
        if match.group() not in FUNCTION_WORDS
    }


def _sign(value: float) -> float:
    return float(value > 0) - float(value < 0)


@cache
def _fitted() -> dict[str, float]:
    weights: dict[str, float] = json.loads(WEIGHTS.read_text("utf-8"))["weights"]
    return weights
