"""Sentences of one policy that say yes and no to the same question, for its owner to read.

Rather too few than wrong ones: a "no" counts only where the very thing that is asked is denied, and
not one purpose, one way or one case of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatbot.bot import Chatbot
from chatbot.cite import cite
from chatbot.opposites import NEGATION, SCOPE_END
from chatbot.polarity import polarity
from chatbot.polarity_signs import FUNCTION_WORDS
from chatbot.topics import TOPICS
from chatbot.types import Citation, Hit
from chatbot.understand import YES_NO
from index.concepts import concepts
from index.policy_index import PolicyIndex
from index.types import Snapshot
from index.words import WORD, fold, stem

READ_PASSAGES = 12  # of each question
SEVERAL_VERBS = re.compile(r"\s*\w+(?:, \w+)*,? (?:or|and|nor) \w+")  # "not sell, rent or trade"
VERBS = 4  # of them that are read
# What narrows a denial: "not … to gather names", "not sell in the traditional sense".
LIMIT = re.compile(
    r"\b(?:to|for|in|on|as|by|with|through|when|while|other)\b\s+((?:[\w'-]+\s*){1,4})"
)
# Who denies it: "the apps do not …" is nothing that the company denies of all.
WHO = re.compile(r"[^,;:.]{0,40}\Z")
# What holds in some case denies nothing of all: "if you reject this cookie, you cannot …".
CASE = re.compile(r"(?:if|when|where|unless|in case|should you)\b")
# Who works for the company is no third party that a policy promises to keep data from.
WORKS_FOR_US = re.compile(
    r"\b(?:service providers?|contractors?|consultants?|agents|on our behalf|assist us|help us)\b"
)
# What stands before a verb of which the company says that it does it: "we may also", "may be".
OURS = re.compile(r"\b(?:we|be|is|are|been)\b[^.;:]{0,20}\Z")
OTHERS = re.compile(r"\b(?:others?|partners?|marketers|advertisers)\b")
TABLE = "|"
# Words that narrow nothing: who is meant, and what all of this is about.
OPEN = frozenset(
    "inform data detail person customer user visitor anyon anybodi other someon thirdparti third"
    " parti compani busi list address site website name".split()
)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sentences that seem to say yes and no to one question."""

    question: str
    yes: Citation
    no: Citation


def find_contradictions(
    policy_index: PolicyIndex, bot: Chatbot, snapshot: Snapshot
) -> Iterator[Contradiction]:
    """For each yes/no question of the topics the first plain yes beside the first plain no."""
    seen: set[tuple[int, int]] = set()
    company = f"{snapshot.name} {snapshot.company}"
    for question in (q for topic in TOPICS for q in topic.questions if YES_NO.match(q)):
        said: dict[str, Citation] = {}
        for hit in bot.search(question, company=snapshot.company, limit=READ_PASSAGES):
            for place, text in _sentences(hit):
                found = outright(question, text, company=company)
                if found and found not in said:
                    said[found] = cite(policy_index, hit, place, place, len(said) + 1)
        pair = tuple(sorted(citation.start for citation in said.values()))
        if len(said) == 2 and pair[0] != pair[1] and (pair[0], pair[1]) not in seen:
            seen.add((pair[0], pair[1]))
            yield Contradiction(question, said["yes"], said["no"])


def _sentences(hit: Hit) -> Iterator[tuple[int, str]]:
    for place, sentence in enumerate(hit.sentences):
        yield place, hit.passage.text[sentence.start : sentence.end]


def outright(question: str, sentence: str, *, company: str = "") -> str:
    """What a sentence says to a yes/no question, without limiting it; "yes", "no" or ""."""
    side = polarity(question, sentence)
    if not side or TABLE in sentence:
        return ""
    asked = _Asked(question, company)
    if side == "yes":
        if WORKS_FOR_US.search(fold(sentence)) and not OTHERS.search(fold(sentence)):
            return ""
        verb = _content(fold(question))[0]
        return side if asked.holds(verb, fold(sentence)) else ""
    said = fold(sentence)
    if CASE.match(said):
        return ""
    for negation in NEGATION.finditer(said):
        end = SCOPE_END.search(said, negation.end())
        if asked.denied(said[: negation.start()], said[negation.end() : end and end.start()]):
            return side
    return ""


class _Asked:
    """The words of a question, with what they mean."""

    def __init__(self, question: str, company: str) -> None:
        self._words = set(map(stem, _content(fold(question))))
        self._concepts = concepts(fold(question))
        self._open = OPEN | set(map(stem, WORD.findall(fold(company))))

    def is_asked(self, word: str) -> bool:
        return stem(word) in self._words or bool(concepts(word) & self._concepts)

    def holds(self, verb: str, said: str) -> bool:
        """Whether the company says that it does what the question's verb says, or means."""
        return any(
            (stem(word[0]) == stem(verb) or concepts(word[0]) & concepts(verb))
            and OURS.search(said[: word.start()])
            for word in WORD.finditer(said)
            if word[0] not in FUNCTION_WORDS
        )

    def denied(self, before: str, clause: str) -> bool:
        """Whether a verb that ``clause`` denies is the one asked about, and nothing narrows it."""
        verbs = _content(clause)[: VERBS if SEVERAL_VERBS.match(clause) else 1]
        who = WHO.search(before)
        narrowing = _content(who[0]) if who else []
        narrowing += [word for limit in LIMIT.finditer(clause) for word in _content(limit[1])]
        return any(map(self.is_asked, verbs)) and all(
            self.is_asked(word) or stem(word) in self._open for word in narrowing
        )


def _content(folded: str) -> list[str]:
    return [word for word in WORD.findall(folded) if word not in FUNCTION_WORDS]
