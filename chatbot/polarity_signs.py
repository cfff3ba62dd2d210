"""The signs by which a sentence says yes or no to a question; see ``chatbot.polarity``.

What they are worth is fitted: here stands only what there is to see.
"""

import math
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from chatbot.opposites import OPPOSITES, denials, directions, parts
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
PHRASE = 40  # characters in which a word tells which concept it stands for
SHORT_STATEMENT = 3  # words; with fewer left, the whole sentence is the statement
CASE_ASKED = re.compile(
    r"^(?:if|when|once|after|because|since|although|even if|unless|say)\b[^,?]*,\s*"
    r"|(?<!see )(?<!know )(?<!tell )(?<!check )(?<!track )(?<!remember )(?<!out )"
    r"\b(?:if|once|when|after|before|even if|unless|even though|although|because|since)\b"
    r"[^,?.!]*\W*$"
)
# "We do not use cookies to identify you" is no denial of cookies.
RECIPIENT = (
    r"(?:others?|third|any\w*|the|a|an|our|us|you|your|outside|companies|advertis\w*|data|external"
    r"|unaffiliated|non\w*|parties|people|those|marketers|affiliates|it|them|this|that|such)\b"
)
TO_AN_END = re.compile(
    rf"(?:\bnot|\bnever|n't) (?:\w+ ){{1,4}}?(?:to (?!{RECIPIENT})|for (?!sale|money)|in order"
    r"|in any way|as|when|while)"
    r"|(?:\bnot|\bnever|\bneither|n't) (?:\w+ ){1,8}?from (?=those|any|child|persons|users)"
)
END = 60  # characters in which the end is told
CONFIRMS = re.compile(
    r"(?:is (?:it|that|this) (?:true|right|so|normal|correct)|right|true|correct)"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """The stems of the words that carry a matter, and the concepts that a text speaks of."""

    words: AbstractSet[str]
    concepts: AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Read:
    """A question or a sentence, and what is to be seen in it."""

    text: str  # folded
    terms: Terms
    undenied: str  # without what is denied or excepted
    affirmed: Terms
    denied: Terms
    excepted: Terms
    turned: bool  # whether something is denied in it
    leans: dict[str, float]  # matter → 1 affirms it, −1 is against it


def read_question(topic: str) -> Read:
    """Read what is asked, without what goes before and the case that it is asked for."""
    return _read(main_question(fold(topic)))


def read_sentence(sentence: str) -> Read:
    """Read a sentence as displayed."""
    return _read(fold(sentence))


def _read(folded: str) -> Read:
    split = parts(folded)
    affirmed, denied, excepted = (_terms(part) for part in split)
    return Read(
        folded,
        _terms(folded),
        split.affirmed,
        affirmed,
        denied,
        excepted,
        bool(denials(folded)),
        directions(folded),
    )


def _terms(folded: str) -> Terms:
    words = (match.group() for match in WORD.finditer(folded))
    return Terms(
        {stem(word) for word in words if word not in FUNCTION_WORDS and len(word) > SHORT_WORD},
        concepts(folded),
    )


def signs(question: Read, said: Read) -> dict[str, float]:
    """Each sign of a "no", and which of them come together; most are 0 or 1, all in −1…1."""
    asked = {name: float(sign.search(question.text) is not None) for name, sign in ASKED.items()}
    denies, literally = float(_denies(question, said)), _literally(question, said)
    # "We use cookies but do not sell them" denies nothing to one who asks for cookies.
    heard = said.text if denies or not literally["affirms just that"] else said.undenied
    given = {name: float(sign.search(heard) is not None) for name, sign in SAID.items()}
    leans = said.leans if heard == said.text else directions(heard)
    leanings = _leanings(question.leans, leans, denies)
    weighed = given | {"denies": denies, "leans alike": leanings["leans alike"]}
    together = {
        f"{one} and {two}": asked[one] * sign for one in asked for two, sign in weighed.items()
    }
    statement = ASIDE.sub(" ", heard)
    if len(statement.split()) < SHORT_STATEMENT:
        statement = heard
    return {
        **asked,
        **given,
        **together,
        **leanings,
        **_shared(question, said),
        **literally,
        "denies": denies,
        "denies something else": float(bool(said.denied.words) and not denies),
        "denies the main thing": float(bool(denials(statement))),
        "asked turned": float(question.turned),
        "only one is turned": float(question.turned != bool(denies)),
    }


def main_question(folded: str) -> str:
    """The part of a question that is asked, without what goes before and its condition."""
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", folded) if " " in part] or [folded]
    last = sentences[-1]
    if CONFIRMS.match(last) and len(sentences) > 1:  # "They sell it. Is that right?"
        last = f"{sentences[-2]} {last}"
    asked = CASE_ASKED.sub(" ", last).strip()
    return asked if len(asked.split()) >= SHORT_STATEMENT else last


def speaks_of(question: Read, said: Read) -> bool:
    """Whether most of the question's words stand in a sentence, and most others as concepts."""
    asked, shared = question.terms.words, question.terms.words & said.terms.words
    if not (len(shared) * 2 > len(asked) or (len(asked) > 3 and len(shared) * 2 == len(asked))):
        return False
    meant = {
        stem(word.group())
        for word in WORD.finditer(question.text)
        if concepts(question.text[word.start() : word.start() + PHRASE])
        & concepts(word.group())
        & said.terms.concepts
    }
    return len(asked & (shared | meant)) * 4 >= len(asked) * 3


def denies_only_an_end(question: Read, said: Read) -> bool:
    """Whether a sentence denies something to an end, or of people, that are not asked about."""
    for denial in TO_AN_END.finditer(said.text):
        end = _terms(said.text[denial.end() : denial.end() + END]).words
        if end and not end & question.terms.words:
            return True
    return False


def is_of_a_takeover(question: Read, said: Read) -> bool:
    """Whether a sentence is about the company's own sale, and the question is not."""
    return "takeover" in said.terms.concepts - question.terms.concepts


def _leanings(
    asked: Mapping[str, float], given: Mapping[str, float], denies: float
) -> dict[str, float]:
    """On which matters question and sentence lean alike (1) or against each other (−1)."""
    alike = {matter: asked.get(matter, 0.0) * given.get(matter, 0.0) for matter in OPPOSITES}
    total = sum(alike.values()) - alike["all"]
    both = [matter for matter in asked if matter in given]
    way, said_way = (_sign(sum(leans.values()) - leans.get("all", 0.0)) for leans in (asked, given))
    return {
        **{f"leans alike on {matter}": sign for matter, sign in alike.items()},
        **{f"asks after {matter}": asked.get(matter, 0.0) for matter in OPPOSITES},
        "leans alike": math.tanh(total),
        "leans alike on the mean": total / max(1, len(both)),
        "leans on nothing alike": float(not both),
        "asks which way": way,
        "says which way": said_way,
        "which way alike": way * said_way,
        "which way denied": way * denies,
    }


def _shared(question: Read, said: Read) -> dict[str, float]:
    """Which share of the question's words and concepts stands where in the sentence alone.

    A negation in the question turns the sign of what is affirmed and denied.
    """
    way = 1 - 2 * question.turned
    found = {}
    for name in ("words", "concepts"):
        asked, affirmed, denied, excepted = (
            getattr(terms, name)
            for terms in (question.terms, said.affirmed, said.denied, said.excepted)
        )
        count = max(1, len(asked))
        found[f"{name} denied"] = way * len(asked & denied - affirmed) / count
        found[f"{name} affirmed"] = way * len(asked & affirmed - denied) / count
        found[f"{name} excepted"] = len(asked & excepted - affirmed - denied) / count
    return found


def _literally(question: Read, said: Read) -> dict[str, float]:
    """Whether a sentence affirms or denies in the question's own words what is asked."""
    shared = question.terms.words & said.terms.words
    literal, affirms = speaks_of(question, said), shared <= said.affirmed.words
    way = 1 - 2 * question.turned
    return {
        "affirms just that": way * float(literal and affirms),
        "denies just that": way * float(literal and not affirms),
    }


def _denies(question: Read, said: Read) -> bool:
    """Whether a sentence denies what is asked, and not only something else."""
    if not said.denied.words:
        return False
    asked = question.terms.words | question.terms.concepts
    affirmed = asked & (said.affirmed.words | said.affirmed.concepts)
    denied = asked & (said.denied.words | said.denied.concepts)
    apart = len(denied - affirmed) - len(affirmed - denied)
    # What stands in both is affirmed first; what stands in neither is denied with the rest.
    return apart >= 0 if apart or not affirmed & denied else False


def _sign(value: float) -> float:
    return float(value > 0) - float(value < 0)
