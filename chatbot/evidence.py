"""Hits → the sentences that answer this question, or the finding that none does."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import fsum

import numpy as np

from chatbot import matters
from chatbot.rank import score, signs, towards
from chatbot.types import Hit
from chatbot.understand import EMAIL, Understood
from index.encode import DIMENSIONS
from index.policy_index import PolicyIndex
from index.types import FloatMatrix
from index.words import stems, terms

READ_HITS = 12  # passages whose sentences are read
CONTACTS = ("a phone number", "an e-mail address")
MAX_QUOTES = 3
MAX_QUOTE = 420  # characters; a quote grows to what it refers to only within this
# A sentence beside the best one is quoted with it when it scores at most so much less, within so
# many characters. Higher ones find more of the gold quotes, and say less exactly where.
BESIDE, MAX_REACH = 0.3, 400

# Below these no sentence comes near a question, the second for one that speaks of privacy.
OFF_TOPIC_COSINE, FAR_COSINE = 0.3, 0.2
NO_MATTER = 0.9  # likelihood that a question is on none of the matters, from which it is off topic

WAY_TO_ACT = re.compile(
    rf"{EMAIL}|\b(?:click|visit|select|go to|log ?in|sign in|settings|preferences|unsubscribe"
    r"|e-?mail us|e-?mailing|call(?:ing)?|write to|writing to|send(?:ing)? (?:us|an|a)"
    r"|contact(?:ing)?|reply|replying|submit|request form|opt out by"
    r"|turn(?:ing)? (?:them|it) off)\b",
    re.IGNORECASE,
)
REFERS_BACK = re.compile(
    r"(?:(?:that|this|these|those|such)\b(?! (?:policy|privacy|statement|notice|site|web))"
    r"|it\b(?! is (?:our|the|important|not our|also our))|they\b|he\b|she\b|if so\b|to do so\b"
    r"|in (?:that|this|such) (?:case|event)\b|then\b|simply\b|in doing so\b|by doing so\b"
    r"|however,? (?:that|this|these|they|it)\b|the same\b|doing so\b|at that time\b"
    r"|as a result\b)",
    re.IGNORECASE,
)
# What follows a list rather than being an item of it.
NEW_STATEMENT = re.compile(
    r"(?:we|you|if|the|this|these|our|in|please|it|they|however|when|did|finally|for (?:more"
    r"|information|example))\b",
    re.IGNORECASE,
)
GOES_ON = re.compile(
    r"(?:simply|please (?:be sure|include|note)|to do so|be sure|you must|you should|just|in the"
    r" (?:e-?mail|request|letter)|include|however|except|unless)\b",
    re.IGNORECASE,
)


# What only adds to the sentence before it, and means little without it.
ADDS = re.compile(
    r"(?:simply|please (?:be sure|include|state)|be sure|include|in (?:the|your|any) (?:e-?mail"
    r"|request|letter|communication))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence in a snapshot and how well it answers."""

    hit: Hit
    place: int  # of the sentence in ``hit.sentences``
    cosine: float  # −1…1, question and sentence
    words: float  # 0…1, share of the question's words that it holds, weighted by rarity
    concepts: float  # 0…1, likewise of the question's concepts
    gives: bool  # whether the detail that is asked for stands in it, or how to do it
    score: float  # ranks the sentences of one question
    # (384,), the sentence's; zeros where only its place matters
    vector: FloatMatrix = field(
        default_factory=lambda: np.zeros(DIMENSIONS, np.float32), compare=False, repr=False
    )
    # First and last place of the sentences beside it that answer nearly as well.
    reach: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """The sentence as searched."""
        return _text(self.hit, self.place)


def find_evidence(
    policy_index: PolicyIndex,
    understood: Understood,
    topic_vector: FloatMatrix,
    hits: Sequence[Hit],
) -> list[Evidence]:
    """The sentences of the first hits, best first. ``topic_vector`` has shape (384,)."""
    asked_words = frozenset(stems(understood.topic))
    asked_concepts = frozenset(terms(understood.topic)) - asked_words
    asks_contact = understood.detail is not None and understood.detail.name in CONTACTS
    word_weights = _weights(policy_index, asked_words)
    concept_weights = _weights(policy_index, asked_concepts)
    direction = towards(topic_vector)
    found = []
    for hit in hits[:READ_HITS]:
        for place, sentence in enumerate(hit.sentences):
            text = _text(hit, place)
            given_terms = _terms(text)
            vector = policy_index.sentence_vectors[sentence.id]
            cosine = float(vector @ topic_vector)
            words = _coverage(word_weights, given_terms)
            concepts = _coverage(concept_weights, given_terms)
            gives = _gives(understood, text)
            named = signs(
                text,
                cosine=cosine,
                words=words,
                concepts=concepts,
                gives=gives,
                asks_contact=asks_contact,
                passage_score=hit.score,
            )
            ranks = score(named, vector, direction)
            found.append(Evidence(hit, place, cosine, words, concepts, gives, ranks, vector))
    return sorted(found, key=lambda evidence: -evidence.score)


def by_best_sentence(hits: Sequence[Hit], evidence: Sequence[Evidence]) -> list[Hit]:
    """``hits`` in the order of their best sentences, then those of which none was read.

    Scores become those of the sentences and fall in that order.
    """
    best: dict[tuple[str, int], float] = {}
    for found in evidence:
        best.setdefault((found.hit.snapshot.id, found.hit.row), found.score)
    lowest = min(best.values(), default=0.0)
    rescored = [
        # A fused score is at most 1.
        replace(hit, score=best.get((hit.snapshot.id, hit.row), lowest - 1 + hit.score))
        for hit in hits
    ]
    return sorted(rescored, key=lambda hit: -hit.score)


def choose_quotes(evidence: Sequence[Evidence], *, within: float = 0.24) -> list[Evidence]:
    """The best sentence and those nearly as good, whose quotes do not overlap.

    Each reaches to the sentences beside it that answer nearly as well.
    """
    scores = {(e.hit.snapshot.id, e.hit.row, e.place): e.score for e in evidence}
    chosen: list[Evidence] = []
    for candidate in (reaching(e, scores) for e in evidence):
        if chosen and candidate.score < chosen[0].score - within:
            break
        begin, end = quote_places(candidate)
        spans = [(e.hit.row, *quote_places(e)) for e in chosen]
        overlaps = any(
            row == candidate.hit.row and begin <= last and first <= end
            for row, first, last in spans
        )
        if not overlaps:
            chosen.append(candidate)
        if len(chosen) == MAX_QUOTES:
            break
    return chosen


def reaching(evidence: Evidence, scores: Mapping[tuple[str, int, int], float]) -> Evidence:
    """``evidence`` with the sentences beside it that answer nearly as well, up to a quote's length.

    ``scores`` are those of all sentences, by snapshot, row and place.
    """
    hit, first, last = evidence.hit, evidence.place, evidence.place
    length = len(evidence.text)
    while True:
        beside = [
            (scores.get((hit.snapshot.id, hit.row, place), -math.inf), place)
            for place in (first - 1, last + 1)
            if 0 <= place < len(hit.sentences)
        ]
        score, place = max(beside, default=(-math.inf, 0))
        if score < evidence.score - BESIDE or length + len(_text(hit, place)) > MAX_REACH:
            return replace(evidence, reach=(first, last))
        first, last = min(first, place), max(last, place)
        length += len(_text(hit, place))


def quote_places(evidence: Evidence) -> tuple[int, int]:
    """First and last place of the sentences to quote, so that the quote can stand alone.

    A sentence that refers back, or only adds to the one before it, takes that along, as does what
    an announcing sentence introduces; one that announces a list takes the list, and one that is
    gone on with ("Simply state …") takes what goes on.
    """
    hit = evidence.hit
    first, last = evidence.reach or (evidence.place, evidence.place)
    length = sum(len(_text(hit, place)) for place in range(first, last + 1))
    while first and length < MAX_QUOTE:
        introduced = _text(hit, first - 1).endswith(":")
        text = _text(hit, first)
        if not (introduced or REFERS_BACK.match(text) or ADDS.match(text)):
            break
        first -= 1
        length += len(_text(hit, first))
    announces = _text(hit, last).endswith(":")
    while last + 1 < len(hit.sentences):
        following = _text(hit, last + 1)
        in_list = announces and (last == evidence.place or not NEW_STATEMENT.match(following))
        goes_on = GOES_ON.match(following) is not None or in_list
        if not goes_on or length + len(following) > MAX_QUOTE:
            break
        last += 1
        length += len(following)
    return first, last


def same_place(one: Evidence, other: Evidence) -> bool:
    """Whether both are the same sentence of one snapshot, whatever its reach."""
    return one.hit.row == other.hit.row and one.place == other.place


def is_off_topic(
    understood: Understood, question_vector: FloatMatrix, evidence: Sequence[Evidence]
) -> bool:
    """Whether the question, (384,), is about nothing that a privacy policy speaks of.

    Where the matters leave that open, one that names a company is off topic only when it also
    speaks of no concept of privacy.
    """
    if 1 - matters.asked(question_vector).sum() > NO_MATTER:
        return True
    speaks_of_privacy = any(term.startswith("~") for term in terms(understood.topic))
    if speaks_of_privacy and understood.companies:
        return False
    nearest = max((e.cosine for e in evidence), default=0.0)
    return nearest < (FAR_COSINE if speaks_of_privacy else OFF_TOPIC_COSINE)


def _text(hit: Hit, place: int) -> str:
    sentence = hit.sentences[place]
    return hit.passage.text[sentence.start : sentence.end]


def _gives(understood: Understood, text: str) -> bool:
    if understood.detail is not None:
        return _holds(understood.detail.given, text)
    return understood.form == "how_to" and _holds(WAY_TO_ACT, text)


@lru_cache(maxsize=50_000)  # sentences of policies, never a question
def _holds(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is not None


@lru_cache(maxsize=50_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _weights(policy_index: PolicyIndex, asked: frozenset[str]) -> dict[str, float]:
    return {term: policy_index.rarity(term) for term in asked}


def _coverage(weights: Mapping[str, float], given: frozenset[str]) -> float:
    """How much of what is asked, weighted by rarity, ``given`` holds; 0…1."""
    shared = weights.keys() & given
    if not shared:
        return 0.0
    # Exact sums: a set has no order, and all of it is 1.
    return fsum(weights[term] for term in shared) / fsum(weights.values())
