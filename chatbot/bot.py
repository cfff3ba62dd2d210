"""``Chatbot``: an opened index, its encoder, and the five things that can be asked of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from chatbot.answer import Asked, before_the_first, compose
from chatbot.compare import about_topic, answer_companies, answer_days
from chatbot.contacts import Spot, printed_contacts
from chatbot.decide import decide
from chatbot.evidence import (
    READ_HITS,
    Evidence,
    by_best_sentence,
    choose_quotes,
    find_evidence,
    is_off_topic,
)
from chatbot.names import Names
from chatbot.question import checked, checked_topic, without_orders
from chatbot.refuse import (
    no_policy_of,
    off_topic,
    only_company_here,
    unknown_company,
    which_company,
)
from chatbot.retrieve import retrieve
from chatbot.spelling import speller
from chatbot.types import Answer, Hit, Turn
from chatbot.understand import Understood, understand
from chatbot.wording import LISTED, long_date
from index.encode import Encoder
from index.errors import UserError
from index.policy_index import PolicyIndex, open_index
from index.store import encoder_folder
from index.types import Company, FloatMatrix, Snapshot
from index.words import fold, stems

COMPARED = 8  # sentences of each day in which differences on a topic are looked for
CONTACTS_KEPT = 64  # snapshots whose passages that say whom to ask are kept, and their texts
CONTACT_HITS = 6  # passages that are read for whom to ask
CONTACT_TOPIC = "contact us with questions about this privacy policy: e-mail, phone, address"


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
        self._encoder = encoder
        self._encode = encoder.encode
        self._today = today
        self._names = Names(
            policy_index.companies.values(), policy_index.bm25.vocab_dict, encoder.knows
        )
        self._correct = speller(policy_index.bm25.vocab_dict, encoder.knows)
        contact_vector = encoder.encode([CONTACT_TOPIC])[0]

        def contacts(snapshot: Snapshot) -> list[Spot]:
            hits = retrieve(
                policy_index, CONTACT_TOPIC, contact_vector, [snapshot], limit=CONTACT_HITS
            )
            return printed_contacts(policy_index, hits)

        # The same for every question; a cache of a method would hold this bot for ever.
        self._contacts = lru_cache(CONTACTS_KEPT)(contacts)

    @classmethod
    def open(cls, store: str | Path, *, today: Callable[[], date] = date.today) -> "Chatbot":
        """Open the generation that is current in ``store``.

        Raises StoreError when there is none or any of its files is damaged, EncoderError likewise
        for the encoder's.
        """
        policy_index = open_index(Path(store))
        return cls(policy_index, Encoder(encoder_folder(Path(store), policy_index.manifest)), today)

    def reopened(self, store: str | Path) -> "Chatbot":
        """A bot over what is current in ``store`` now, with the same encoder where it can.

        Raises StoreError or EncoderError as ``open`` does; this bot goes on answering either way.
        """
        policy_index = open_index(Path(store))
        encoder = self._encoder
        if encoder.description.weights_sha256 != policy_index.manifest.encoder["weights_sha256"]:
            encoder = Encoder(encoder_folder(Path(store), policy_index.manifest))
        return Chatbot(policy_index, encoder, self._today)

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
        """The passages that ``ask`` would read, best sentence first; whole index without a company.

        Raises QuestionError when the question is empty or too long.
        """
        understood = self._understand(checked(question), company, history)
        named = [domain for options in understood.companies for domain in options]
        domains = [domain for domain in named if domain in self._index.companies]
        if (named or understood.unknown) and not domains:
            return []  # a company that is not here is never answered from another's policy
        day = understood.days[0] if understood.days else as_of
        snapshots = []
        for domain in domains:
            found = self._index.day_in_force(domain, day or date.max)
            found = found or self._index.companies[domain].days[0]
            snapshots.append(self._index.snapshot(domain, found))
        vector = self._vector(understood)
        depth = max(limit, READ_HITS)
        hits = retrieve(self._index, understood.topic, vector, snapshots, limit=depth)
        evidence = find_evidence(self._index, understood, vector, hits)
        return by_best_sentence(hits, evidence)[:limit]

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
        asked = checked(question)
        genuine = without_orders(asked)
        if not genuine:
            return self._finish(off_topic(asked, self._spoken_of(company, only_company)))
        understood = self._understand(genuine, company, history)
        chosen = _domain(company) if company else ""
        notices: tuple[str, ...] = ()
        if chosen and (understood.companies != ((chosen,),) or understood.unknown):
            if only_company:
                return self._finish(only_company_here(asked, self._name(chosen)))
            if understood.companies != ((chosen,),):
                notices = ("The company named in the question was taken, not the chosen one.",)
        return self._finish(self._answer(asked, understood, as_of, notices, in_force=only_company))

    def _understand(
        self, question: str, company: str | None, history: Sequence[Turn]
    ) -> Understood:
        """What is asked; the question's own words beat ``company``, which beats the history."""
        turns = [Turn(turn.role, _text(turn.content)) for turn in history]
        understood = understand(question, self._names, turns, self._correct)
        if company and any(_domain(company) in options for options in understood.companies[:1]):
            # Of several companies of one name the chosen one is meant.
            return replace(understood, companies=((_domain(company),), *understood.companies[1:]))
        named = understood.companies and not understood.carried
        if company and not named and not understood.unknown:
            return replace(understood, companies=((_domain(company),),), carried=False)
        return understood

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
        UnknownPolicyError, or QuestionError when the topic is over 1,000 characters.
        """
        topic = checked_topic(topic)
        company = self._known(company)
        oldest = self._index.companies[company].days[0]
        pair = (self.policy(company, first or oldest), self.policy(company, second))
        before, after = sorted(pair, key=lambda snapshot: snapshot.captured_on)
        about: list[str] | None = None
        if topic:
            about = [t for s in (before, after) for t in about_topic(self._index, s, topic)]
        return self._finish(answer_days(self._index, "", before, after, about))

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
        companies = understood.companies
        strange = [d for options in companies for d in options if d not in known]
        if understood.unknown and (understood.carried or not companies):
            strange.insert(0, understood.unknown)
        if strange:
            here = () if in_force else self.policies()
            return unknown_company(question, strange[0] or "that company", here)
        if understood.unknown:
            notices = (no_policy_of(understood.unknown), *notices)
        if not companies and len(known) == 1:
            companies = ((next(iter(known)),),)
        if len(companies) == 1 and len(companies[0]) == 1:
            return self._about_one(
                question, understood, vector, companies[0][0], as_of, notices, in_force=in_force
            )
        if not companies or len(companies) == 1:
            hits = retrieve(self._index, understood.topic, vector, (), limit=READ_HITS)
            evidence = find_evidence(self._index, understood, vector, hits)
            if not companies and is_off_topic(understood, vector, evidence):
                return off_topic(question, self.policies())
            nearest = [*(hit.snapshot.company for hit in hits), *known]
            if not companies and understood.of_everyone and len(known) <= LISTED:
                return self._about_several(
                    question, understood, vector, list(known), as_of, notices
                )
            return which_company(
                question, [known[c] for c in (companies[0] if companies else nearest)]
            )
        return self._about_several(
            question, understood, vector, [options[0] for options in companies], as_of, notices
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
            about = (
                []
                if not stems(understood.topic)
                else [
                    fold(e.text)
                    for on_that_day in (before, after)
                    for e in self._about(understood, vector, on_that_day)
                ]
            )
            return answer_days(self._index, question, before, after, about or None)
        evidence = self._evidence(understood, vector, snapshot)
        if found and is_off_topic(understood, vector, evidence):
            return off_topic(question, self._spoken_of(company, in_force))
        # Of a whole year the newest policy is meant, however early in it.
        of_its_year = understood.by_year and wanted and wanted.year == days[-1].year
        if wanted and wanted > days[-1] and not of_its_year:
            notices = (
                *notices,
                f"The newest {name} policy here is of {long_date(days[-1])}; "
                "later text is not known.",
            )
        asked = Asked(question, understood, snapshot, self._today(), in_force, notices)
        if found is None:
            return before_the_first(self._index, asked, evidence)
        contacts = partial(self._contacts, snapshot)
        decision = decide(understood, vector, evidence)
        return compose(self._index, asked, evidence, contacts, decision)

    def _evidence(
        self, understood: Understood, vector: FloatMatrix, snapshot: Snapshot
    ) -> list[Evidence]:
        hits = retrieve(self._index, understood.topic, vector, [snapshot], limit=READ_HITS)
        return find_evidence(self._index, understood, vector, hits)

    def _about(
        self, understood: Understood, vector: FloatMatrix, snapshot: Snapshot
    ) -> Sequence[Evidence]:
        """The sentences to compare: more than would be quoted where differences are asked for."""
        evidence = self._evidence(understood, vector, snapshot)
        return evidence[:COMPARED] if understood.differences else choose_quotes(evidence)

    def _about_several(
        self,
        question: str,
        understood: Understood,
        vector: FloatMatrix,
        companies: Sequence[str],
        as_of: date | None,
        notices: tuple[str, ...],
    ) -> Answer:
        day = understood.days[0] if understood.days else as_of
        said: list[tuple[Snapshot, Evidence | None]] = []
        unknown: list[Snapshot] = []
        sure: list[float] = []
        for company in companies:
            found = self._index.day_in_force(company, day or date.max)
            if found is None:
                first = self._index.companies[company].days[0]
                unknown.append(self._index.snapshot(company, first))
                continue
            snapshot = self._index.snapshot(company, found)
            evidence = self._evidence(understood, vector, snapshot)
            decision = decide(understood, vector, evidence)
            sure.append(decision.not_stated if decision.silent else 1 - decision.not_stated)
            said.append((snapshot, None if decision.silent else choose_quotes(evidence)[0]))
        answer = answer_companies(self._index, question, said, unknown)
        return replace(
            answer,
            notices=(*notices, *answer.notices),
            confidence=round(min(sure, default=0.0), 3),
        )

    def _name(self, company: str) -> str:
        known = self._index.companies.get(company)
        return known.name if known else company

    def _spoken_of(self, company: str | None, only_company: bool) -> list[Company]:
        """The companies that may be named; a shop's widget names no other shop."""
        known = self._index.companies.get(_domain(company or ""))
        return [known] if known and only_company else self.policies()

    def _finish(self, answer: Answer) -> Answer:
        return replace(answer, generation=self.generation)

    def _vector(self, understood: Understood) -> FloatMatrix:
        vector: FloatMatrix = np.ascontiguousarray(self._encode([understood.embedded])[0])
        return vector


def _text(content: str) -> str:
    """What of an earlier turn is text; halves of characters are not."""
    return content.encode(errors="ignore").decode()


def _domain(company: str) -> str:
    return _text(company).strip().lower().removeprefix("www.")
