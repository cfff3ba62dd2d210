"""``Chatbot``: an opened index, its encoder, and the five things that can be asked of them."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from chatbot.answer import Asked, before_the_first, compose, contact_evidence, follow_ups
from chatbot.cite import refer
from chatbot.compare import about_topic, citations_of, compare_days, side_by_side
from chatbot.evidence import (
    READ_HITS,
    Evidence,
    choose_quotes,
    find_evidence,
    is_off_topic,
)
from chatbot.names import Names
from chatbot.retrieve import retrieve
from chatbot.spelling import correct
from chatbot.types import Answer, Choice, Hit, Turn
from chatbot.understand import Understood, understand
from chatbot.wording import LISTED, listed, long_date, possessive, quoted
from index.encode import Encoder
from index.errors import UserError
from index.policy_index import PolicyIndex, open_index
from index.store import encoder_folder
from index.types import Company, FloatMatrix, Snapshot
from index.words import fold

MAX_QUESTION = 1000  # characters
# Probability from which a sentence counts as an answer; benchmarks/evidence.py shows the choice.
SUPPORT_NEEDED = 0.4
CONTACT_TOPIC = "contact us with questions about this privacy policy: e-mail, phone, address"
# Orders to the bot are no question; what stands beside them may be one.
ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|rule|prompt|polic|previous"
    r"|above|everything)|\bsystem prompt\b|\byou are (?:now )?(?:a|an|no longer)\b|\bpretend\b"
    r"|\bfrom now on\b|\bact as\b|\bjailbreak\b|\brole-?play\b"
    r"|\b(?:only|just) (?:reply|answer|say)\b",
    re.IGNORECASE,
)
CLAUSES = re.compile(r"(?<=[.!?])\s+|\n+")


class QuestionError(UserError):
    """A question cannot be taken; ``code`` names the reason for programs, the message for people.

    The message never repeats the question.
    """

    def __init__(self, code: str, message: str) -> None:
        """Keep the code beside the message."""
        super().__init__(message)
        self.code = code


class UnknownPolicyError(UserError):
    """There is no policy of that company, or none on that day."""


class Chatbot:
    """Holds what is loaded once: the verified index and the encoder. Safe to use from threads.

    A class because opening costs a tenth of a second and every question uses the same things.
    """

    def __init__(
        self, policy_index: PolicyIndex, encoder: Encoder, today: Callable[[], date] = date.today
    ) -> None:
        """Use an opened index and the encoder with which it was made."""
        self._index = policy_index
        self._encode = encoder.encode
        self._today = today
        self._names = Names(policy_index.companies.values(), policy_index.bm25.vocab_dict)
        self._correct = partial(
            correct, vocabulary=policy_index.bm25.vocab_dict, is_word=encoder.knows
        )
        self._contact_vector = encoder.encode([CONTACT_TOPIC])[0]

    @classmethod
    def open(cls, store: str | Path, *, today: Callable[[], date] = date.today) -> "Chatbot":
        """Open the generation that is current in ``store``.

        Raises StoreError when there is none or any of its files is damaged, EncoderError likewise
        for the encoder's.
        """
        policy_index = open_index(Path(store))
        return cls(policy_index, Encoder(encoder_folder(Path(store), policy_index.manifest)), today)

    @property
    def generation(self) -> str:
        """The name of the generation that answers, such as ``gen-819ea10bf77b767e``."""
        return self._index.name

    def policies(self) -> list[Company]:
        """Every company with its days."""
        return list(self._index.companies.values())

    def policy(self, company: str, day: date | None = None) -> Snapshot:
        """The policy in force that day, by default the newest. Raises UnknownPolicyError."""
        company = self._known(company)
        found = self._index.day_in_force(company, day or date.max)
        if found is None:
            first = long_date(self._index.companies[company].days[0])
            raise UnknownPolicyError(f"the earliest policy of {company} here is of {first}")
        return self._index.snapshot(company, found)

    def search(
        self,
        question: str,
        *,
        company: str | None = None,
        as_of: date | None = None,
        history: Sequence[Turn] = (),
        limit: int = 10,
    ) -> list[Hit]:
        """The passages that ``ask`` would read, best first; whole index without a company.

        Raises QuestionError when the question is empty or too long.
        """
        understood = understand(_checked(question), self._names, history, self._correct)
        domains = [d for options in understood.companies for d in options]
        domains = domains or [_domain(company or "")]
        day = understood.days[0] if understood.days else as_of
        snapshots = []
        for domain in domains:
            if domain in self._index.companies:
                found = self._index.day_in_force(domain, day or date.max)
                found = found or self._index.companies[domain].days[0]
                snapshots.append(self._index.snapshot(domain, found))
        vector = self._vector(understood)
        return retrieve(self._index, understood.topic, vector, snapshots, limit=limit)

    def ask(
        self,
        question: str,
        *,
        company: str | None = None,
        as_of: date | None = None,
        only_company: bool = False,
        history: Sequence[Turn] = (),
    ) -> Answer:
        """Answer from the policies. Raises QuestionError when the question is empty or too long.

        ``company`` is a domain; a company that the question names goes before it, unless
        ``only_company``: then another one is ``unknown_company``.
        """
        asked = _checked(question)
        genuine = _without_orders(asked)
        if not genuine:
            return self._finish(self._off_topic(asked))
        understood = understand(genuine, self._names, history, self._correct)
        company = _domain(company) if company else None
        notices: list[str] = []
        if only_company and company:
            named = {d for options in understood.companies for d in options}
            if understood.unknown or (named - {company} and not understood.carried):
                return self._finish(self._only(asked, company))
            understood = replace(understood, companies=((company,),), unknown="")
        elif company and (not understood.companies or understood.carried):
            if not understood.unknown:
                understood = replace(understood, companies=((company,),))
        elif company and (company,) not in understood.companies:
            notices.append("The company named in the question was taken, not the chosen one.")
        return self._finish(
            self._answer(asked, understood, as_of, tuple(notices), in_force=only_company)
        )

    def compare(
        self,
        company: str,
        first: date | None = None,
        second: date | None = None,
        *,
        topic: str = "",
    ) -> Answer:
        """What the policy says on two days, by default its oldest and newest.

        With a topic, only sentences that share a word or a concept with it are compared. Raises
        UnknownPolicyError.
        """
        company = self._known(company)
        oldest = self._index.companies[company].days[0]
        pair = (self.policy(company, first or oldest), self.policy(company, second))
        before, after = sorted(pair, key=lambda snapshot: snapshot.captured_on)
        about = None
        if topic:
            about = {t for s in (before, after) for t in about_topic(self._index, s, topic)}
        return self._finish(self._compared("", before, after, about))

    def _known(self, company: str) -> str:
        if _domain(company) not in self._index.companies:
            raise UnknownPolicyError("there is no policy of that company here")
        return _domain(company)

    def _answer(
        self,
        question: str,
        understood: Understood,
        as_of: date | None,
        notices: tuple[str, ...],
        *,
        in_force: bool,
    ) -> Answer:
        """The answer once it is known which companies could be meant."""
        known = self._index.companies
        vector = self._vector(understood)
        if understood.unknown or any(
            domain not in known for options in understood.companies for domain in options
        ):
            missing = understood.unknown or understood.companies[0][0]
            return self._unknown(question, missing)
        companies = understood.companies
        if not companies and len(known) == 1:
            companies = ((next(iter(known)),),)
        if len(companies) == 1 and len(companies[0]) == 1:
            return self._about_one(
                question, understood, vector, companies[0][0], as_of, notices, in_force=in_force
            )
        if not companies or len(companies) == 1:
            hits = retrieve(self._index, understood.topic, vector, (), limit=READ_HITS)
            evidence = find_evidence(self._index, understood, vector, hits)
            if not companies and is_off_topic(understood, evidence):
                return self._off_topic(question)
            options = companies[0] if companies else [hit.snapshot.company for hit in hits]
            return self._which(question, options, complete=not companies)
        return self._side_by_side(
            question, understood, vector, [options[0] for options in companies], as_of
        )

    def _about_one(
        self,
        question: str,
        understood: Understood,
        vector: FloatMatrix,
        company: str,
        as_of: date | None,
        notices: tuple[str, ...],
        *,
        in_force: bool,
    ) -> Answer:
        days = self._index.companies[company].days
        name = self._index.companies[company].name
        wanted = understood.days[0] if understood.days else None if understood.now else as_of
        found = self._index.day_in_force(company, wanted or date.max)
        snapshot = self._index.snapshot(company, found or days[0])
        others = [self._index.day_in_force(company, day) for day in understood.days[1:]]
        other = next((day for day in others if day and day != snapshot.captured_on), None)
        if not other and understood.compares and len(days) > 1:
            other = days[-1] if understood.days and snapshot.captured_on != days[-1] else None
            other = other or (days[0] if not understood.days else None)
        if found and other:
            pair = (snapshot, self._index.snapshot(company, other))
            before, after = sorted(pair, key=lambda s: s.captured_on)
            return self._compared_on_topic(question, understood, vector, before, after)
        evidence = self._evidence(understood, vector, snapshot)
        if is_off_topic(understood, evidence):
            return self._off_topic(question)
        beyond = (wanted and wanted.year > days[-1].year) or (as_of and wanted == as_of > days[-1])
        if wanted and beyond:
            notices = (
                *notices,
                f"The newest {name} policy here is of {long_date(days[-1])}; "
                "later text is not known.",
            )
        asked = Asked(question, understood, snapshot, self._today(), in_force, notices)
        if found is None:
            return before_the_first(self._index, asked, evidence)
        hits = retrieve(self._index, CONTACT_TOPIC, self._contact_vector, [snapshot], limit=3)
        contact = contact_evidence(self._index, hits)
        return compose(self._index, asked, evidence, contact, support_needed=SUPPORT_NEEDED)

    def _evidence(
        self, understood: Understood, vector: FloatMatrix, snapshot: Snapshot
    ) -> list[Evidence]:
        hits = retrieve(self._index, understood.topic, vector, [snapshot], limit=READ_HITS)
        return find_evidence(self._index, understood, vector, hits)

    def _compared_on_topic(
        self,
        question: str,
        understood: Understood,
        vector: FloatMatrix,
        before: Snapshot,
        after: Snapshot,
    ) -> Answer:
        """Compare only the sentences that answer the question on either day."""
        about = {
            fold(evidence.text)
            for snapshot in (before, after)
            for evidence in choose_quotes(self._evidence(understood, vector, snapshot))
        }
        return self._compared(question, before, after, about)

    def _compared(
        self, question: str, before: Snapshot, after: Snapshot, about: Collection[str] | None
    ) -> Answer:
        comparison = compare_days(self._index, before, after, about=about)
        kinds = {point.kind for point in comparison}
        then, now = before.captured_on, after.captured_on
        if kinds <= {"unchanged"}:
            first = "The same in both." if comparison else "No difference in the words was found."
        elif kinds == {"only_now"}:
            first = f"New in {now.year}:"
        elif kinds == {"only_then"}:
            first = f"Said only in {then.year}:"
        else:
            first = f"{possessive(after.name)} words differ between {then.year} and {now.year}."
        citations = citations_of(comparison)
        return Answer(
            question=question,
            behaviour="compare",
            answer="\n\n".join([first, *(f"{quoted(c.display)} [{c.id}]" for c in citations)]),
            companies=(after.company,),
            snapshots=(refer(before), refer(after)),
            citations=citations,
            comparison=tuple(comparison),
            notices=(
                f"Only the snapshots of {long_date(then)} and {long_date(now)} are compared; "
                "a change happened at some time between them.",
            ),
            confidence=0.5,
        )

    def _side_by_side(
        self,
        question: str,
        understood: Understood,
        vector: FloatMatrix,
        companies: Sequence[str],
        as_of: date | None,
    ) -> Answer:
        day = understood.days[0] if understood.days else as_of
        snapshots: list[Snapshot] = []
        best: list[Evidence | None] = []
        for company in companies:
            found = self._index.day_in_force(company, day or date.max)
            snapshot = self._index.snapshot(
                company, found or self._index.companies[company].days[0]
            )
            evidence = self._evidence(understood, vector, snapshot)
            chosen = choose_quotes(evidence)[:1]
            answers = bool(chosen) and chosen[0].support >= SUPPORT_NEEDED and found is not None
            snapshots.append(snapshot)
            best.append(chosen[0] if answers else None)
        comparison = side_by_side(self._index, best)
        citations = citations_of(comparison)
        silent = [s.name for s, found in zip(snapshots, best, strict=True) if not found]
        speaking = [s.name for s, found in zip(snapshots, best, strict=True) if found]
        first = f"{listed(speaking)}, each in its own words:"
        if silent:
            say = "do not say" if len(silent) > 1 else "does not say"
            first = f"{listed(silent)} {say}" + (f"; {listed(speaking)} says:" if speaking else ".")
        quotes = [
            f"{self._index.companies[c.company].name}, {long_date(c.snapshot_date)}: "
            f"{quoted(c.display)} [{c.id}]"
            for c in citations
        ]
        years = [snapshot.captured_on.year for snapshot in snapshots]
        apart = max(years) - min(years)
        notices = [f"The policies lie {apart} years apart."] if apart > 2 else []
        return Answer(
            question=question,
            behaviour="compare",
            answer="\n\n".join([first, *quotes]),
            companies=tuple(companies),
            snapshots=tuple(refer(snapshot) for snapshot in snapshots),
            citations=citations,
            comparison=tuple(comparison),
            notices=tuple(notices),
            confidence=round(min((e.support for e in best if e), default=0.0), 3),
        )

    def _which(self, question: str, companies: Sequence[str], *, complete: bool) -> Answer:
        order = list(dict.fromkeys([*companies, *(self._index.companies if complete else ())]))
        choices = [Choice(company, self._index.companies[company].name) for company in order]
        return Answer(
            question=question,
            behaviour="which_company",
            answer="Which company do you mean?",
            choices=tuple(choices[:LISTED]),
            confidence=1.0,
        )

    def _unknown(self, question: str, name: str) -> Answer:
        here = listed([company.name for company in self._index.companies.values()])
        return Answer(
            question=question,
            behaviour="unknown_company",
            answer=f"There is no policy of {name[:60]} here. Here now: {here}.",
            confidence=1.0,
        )

    def _only(self, question: str, company: str) -> Answer:
        known = self._index.companies.get(company)
        shop = known.name if known else company
        return Answer(
            question=question,
            behaviour="unknown_company",
            answer=f"This page answers about {possessive(shop)} policy only.",
            confidence=1.0,
        )

    def _off_topic(self, question: str) -> Answer:
        name = next(iter(self._index.companies.values())).name
        example = follow_ups("", name)[0]
        return Answer(
            question=question,
            behaviour="off_topic",
            answer=f"This page answers questions about privacy policies. For example: {example}",
            followups=(example,),
            confidence=1.0,
        )

    def _finish(self, answer: Answer) -> Answer:
        return replace(answer, generation=self.generation)

    def _vector(self, understood: Understood) -> FloatMatrix:
        vector: FloatMatrix = np.ascontiguousarray(self._encode([understood.topic])[0])
        return vector


def _domain(company: str) -> str:
    return company.strip().lower().removeprefix("www.")


def _checked(question: str) -> str:
    """The question without surrounding white space; QuestionError when it cannot be taken."""
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            "question_too_long",
            f"That question is over {MAX_QUESTION:,} characters; please shorten it.",
        )
    try:
        question.encode()
    except UnicodeEncodeError:
        raise QuestionError(
            "question_not_text", "That question holds characters that are no text."
        ) from None
    if not any(character.isalnum() for character in question):
        raise QuestionError("question_empty", "Please type a question.")
    return question.strip()


def _without_orders(question: str) -> str:
    """The parts of a question that are no orders to the bot."""
    return " ".join(part for part in CLAUSES.split(question) if not ORDER.search(part))
