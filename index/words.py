"""Text → the stemmed content words by which it is searched."""

import hashlib
import re
import unicodedata

import Stemmer

from index.concepts import WORDS, concepts

WORD = re.compile(r"[^\W_]+")
# Spellings that hide one word behind several; dashes of every kind were folded before.
SPELLINGS = (
    (re.compile(r"\be[- ]?mail"), "email"),
    (re.compile(r"\bopt(?:ing|ed|s)?[- ](in|out)\b"), r"opt\1"),
    (re.compile(r"\bweb[- ]?(site|page)"), r"\1"),
    (re.compile(r"\blog(?:ging|ged|s)?[- ](in|on)\b"), "login"),
    (re.compile(r"\bsign(?:ing|ed|s)?[- ](in|on)\b"), "login"),
    (re.compile(r"\b(?:3rd|third)[- ]part(?:y|ies)\b"), "thirdparty"),
)
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
QUOTES = str.maketrans("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u00ab\u00bb", '\'\'\'\'"""""')
# Function words, and the frame of a question ("can you tell me"): they tell no two policies apart.
STOP_WORDS = frozenset(
    "a about above after again all also am an and any anyone are as ask at be because been before"
    " being between both but by can cannot could d did do does doing don done during each either"
    " else even ever every few for from get gets getting give given go goes going gonna got had"
    " has have having he her here hers him his how i if in into is isn it its itself just know let"
    " ll m may me might mine more most much must my myself need no nor not now of off oh ok okay"
    " on once one only onto or other our ours ourselves out over own per please put re really s"
    " same say says see shall she should so some still such t tell than thank thanks that the"
    " their theirs them themselves then there these they thing things this those through to too"
    " under until up upon us use used uses using ve very via want wanna was we were what when"
    " where whether which while who whom whose why will with within without would yes yet you"
    " your yours yourself policy policies privacy statement notice anything everything nothing"
    " something anybody everybody nobody somebody everyone someone".split()
)
# An index made with other words or concepts than those that read the question would not be found.
FINGERPRINT = hashlib.sha256(repr((WORDS, sorted(STOP_WORDS), SPELLINGS)).encode()).hexdigest()[:16]
_stemmer = Stemmer.Stemmer("english")


def fold(text: str) -> str:
    """``text`` in one spelling: NFKC, lower case, plain dashes and quotation marks, one space."""
    plain = unicodedata.normalize("NFKC", text).translate(DASHES).translate(QUOTES)
    return " ".join(plain.lower().split())


def content_words(text: str) -> list[str]:
    """The content words of ``text`` in order, folded but not stemmed."""
    folded = fold(text)
    for pattern, spelling in SPELLINGS:
        folded = pattern.sub(spelling, folded)
    return [word for word in WORD.findall(folded) if word not in STOP_WORDS]


def stems(text: str) -> list[str]:
    """The stems of the content words of ``text``, in order, repeats kept."""
    stemmed: list[str] = _stemmer.stemWords(content_words(text))
    return stemmed


def stem(word: str) -> str:
    """The stem of one folded word."""
    stemmed: str = _stemmer.stemWord(word)
    return stemmed


def terms(text: str) -> list[str]:
    """What ``text`` is searched by: its stems, and a mark for every concept it speaks of.

    The marks ("~delete") let "wipe" find "remove"; no word can be one.
    """
    return stems(text) + sorted(f"~{concept}" for concept in concepts(fold(text)))
