"""Evidence → the answer: what it says first, what it quotes, what one can do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from chatbot.actions import BODY, SUBJECT, asks_for_password, find_actions, prescribed_words
from chatbot.cite import cite, refer
from chatbot.decide import Decision
from chatbot.evidence import CONTACTS, Evidence, choose_quotes, quote_places
from chatbot.polarity import reading
from chatbot.types import Action, Answer, Citation, Hit
from chatbot.understand import Understood, missing_detail
from chatbot.wording import age_notice, earliest, long_date, possessive, quoted
from index.concepts import concepts
from index.policy_index import PolicyIndex
from index.types import Snapshot
from index.words import fold

MAX_NOTICES = 2
MAX_FIRST_WORDS = 20  # of the first sentence, into which a short quote fits whole
LACKING = 0.15  # probability of ``partly`` from which a detail that is asked and absent is missing
NEAR_COSINE = 0.35  # below it nothing comes close
# An address for one purpose, such as deletion, is none for questions.
FOR_QUESTIONS = re.compile(
    r"\b(?:contact us|questions?|concerns?|comments?|inquir|enquir|additional information)\b",
    re.IGNORECASE,
)
ONE_PURPOSE = re.compile(
    r"\b(?:delet|remov|unsubscrib|opt|stop|mailing list|shared?|affiliates)", re.IGNORECASE
)
PERIOD_LEAD = r"(?:(?:up to|within|at least|no (?:more|longer) than|after|for|about|every)\s+)?"
FOLLOW_UPS = (
    "Does {name} sell my information?",
    "How do I stop e-mails from {name}?",
    "How do I have {name} delete my information?",
    "What does {name} use cookies for?",
    "Who does {name} share my information with?",
    "Does {name} collect information about children?",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer has to be given to, once company and day are settled."""

    question: str
    understood: Understood
    snapshot: Snapshot
    today: date
    in_force: bool  # the widget of a shop speaks of its policy as the one in force
    notices: tuple[str, ...]  # what reading the question brought up


def compose(
    policy_index: PolicyIndex,
    asked: Asked,
    evidence: Sequence[Evidence],
    contact: Evidence | None,
    decision: Decision,
) -> Answer:
    """The answer to one question about one snapshot.

    ``evidence`` is ranked; ``contact`` is the snapshot's own passage for questions.
    """
    if decision.silent:
        return _not_stated(policy_index, asked, evidence, contact, decision)
    chosen = choose_quotes(evidence)
    detail = asked.understood.detail
    if asked.understood.form == "how_to":
        # What to do is said first, and then nothing else: more would only blur it.
        ways = [e for e in chosen if find_actions(_citations(policy_index, [e])[0].quote, 1)]
        chosen = ways[:1] or chosen
    citations = _citations(policy_index, chosen)
    given = detail is not None and any(detail.given.search(c.display) for c in citations)
    actions = tuple(a for a in _actions(citations) if a.type != "link" or _wants_to_act(asked))
    if given or decision.partly < (decision.answer if detail is None else LACKING):
        said = _yes_or_no(asked, evidence, chosen, citations, decision)
        first = _first_sentence(asked, citations, actions, said)
        answer = _answer(asked, "answer", first, citations, actions)
        return replace(answer, confidence=round(decision.answer, 3))
    missing = detail.name if detail is not None else missing_detail(asked.understood.topic)
    first = f"{possessive(asked.snapshot.name)} policy does not give {missing}. It says only:"
    answer = _answer(asked, "partly", first, citations, actions)
    return replace(answer, missing=missing, confidence=round(decision.partly, 3))


def _not_stated(
    policy_index: PolicyIndex,
    asked: Asked,
    evidence: Sequence[Evidence],
    contact: Evidence | None,
    decision: Decision,
) -> Answer:
    near = [e for e in evidence[:1] if e.cosine >= NEAR_COSINE]
    if contact and not any(_same_place(contact, e) for e in near):
        near.append(contact)
    citations = _citations(policy_index, near)
    actions = [a for a in _actions(citations) if contact and a.citation == len(citations)]
    snapshot = asked.snapshot
    first = f"{possessive(snapshot.name)} policy of {long_date(snapshot.captured_on)} does not say."
    if not actions:
        asked = replace(asked, notices=("This policy prints no way to ask.", *asked.notices))
    answer = _answer(asked, "not_stated", first, (), actions)
    return replace(answer, near=citations, confidence=round(decision.not_stated, 3))


def before_the_first(policy_index: PolicyIndex, asked: Asked, near: Sequence[Evidence]) -> Answer:
    """The answer about a day before the company's first snapshot, which is ``asked.snapshot``."""
    first = earliest(asked.snapshot.name, asked.snapshot.captured_on)
    answer = _answer(asked, "not_stated", first, (), ())
    return replace(answer, near=_citations(policy_index, near[:1]))


def _answer(
    asked: Asked,
    behaviour: str,
    first: str,
    citations: Sequence[Citation],
    actions: Sequence[Action],
) -> Answer:
    snapshot = asked.snapshot
    notices = [
        *asked.notices,
        age_notice(
            snapshot.captured_on,
            asked.today,
            actions=[action.type for action in actions],
            in_force=asked.in_force,
        ),
    ]
    if any(asks_for_password(citation.quote) for citation in citations):
        notices.insert(
            0,
            "This policy asks for your password. Do not send a password by e-mail; "
            "it is left out here.",
        )
    quotes = [f"{quoted(citation.display)} [{citation.id}]" for citation in citations]
    return Answer(
        question=asked.question,
        behaviour=behaviour,  # type: ignore[arg-type]  # one of two literals, by both callers
        answer="\n\n".join([first, *quotes]),
        companies=(snapshot.company,),
        snapshots=(refer(snapshot),),
        citations=tuple(citations),
        actions=tuple(actions),
        notices=tuple(notices[:MAX_NOTICES]),
        followups=follow_ups(asked.question, snapshot.name),
    )


def _citations(
    policy_index: PolicyIndex, evidence: Sequence[Evidence], first_id: int = 1
) -> tuple[Citation, ...]:
    return tuple(
        cite(policy_index, e.hit, *quote_places(e), number)
        for number, e in enumerate(evidence, start=first_id)
    )


def _actions(citations: Sequence[Citation]) -> tuple[Action, ...]:
    """The actions of all citations; one that two of them print points to the first."""
    unique: dict[tuple[str, str], Action] = {}
    for citation in citations:
        for action in find_actions(citation.quote, citation.id):
            unique.setdefault((action.type, action.text.lower()), action)
    return tuple(unique.values())


def _wants_to_act(asked: Asked) -> bool:
    """Whether a link in a quote is a way to do what is asked, and not just further reading."""
    detail = asked.understood.detail
    return asked.understood.form == "how_to" or (detail is not None and detail.name in CONTACTS)


def _yes_or_no(
    asked: Asked,
    evidence: Sequence[Evidence],
    chosen: Sequence[Evidence],
    citations: Sequence[Citation],
    decision: Decision,
) -> str:
    """What the quotes say to a yes/no question: "yes", "no", "both", or "" when that is open."""
    if asked.understood.form != "yes_no":
        return ""
    quotes = [citation.display for citation in citations]
    leads = leads_of(evidence, chosen)
    return reading(asked.understood.topic, quotes, leads, decision.not_stated)


def leads_of(evidence: Sequence[Evidence], chosen: Sequence[Evidence]) -> list[float]:
    """How far the first of ``chosen`` ranks before what comes next, the others before the first."""
    best, following = chosen[0].score, [e.score for e in evidence if not _same_place(e, chosen[0])]
    return [best - max(following, default=best - 1), *(e.score - best for e in chosen[1:])]


def _first_sentence(
    asked: Asked, citations: Sequence[Citation], actions: Sequence[Action], said: str
) -> str:
    """What answers in a sentence; it says nothing that the quotes under it do not."""
    understood, snapshot = asked.understood, asked.snapshot
    source = f"{possessive(snapshot.name)} policy of {long_date(snapshot.captured_on)}"
    best = citations[0]
    if said:
        return f"{'The policy says both' if said == 'both' else said.capitalize()}. {source} says:"
    if understood.form == "how_to":
        instruction = _instruction([a for a in actions if a.citation == 1], best)
        if instruction:
            return instruction
    if understood.detail is not None and understood.detail.name in ("a period", "a price"):
        exact = re.search(
            PERIOD_LEAD + f"(?:{understood.detail.given.pattern})", best.display, re.I
        )
        if exact:
            return f"{source} says {quoted(exact.group())}."
    whole = f"{snapshot.name} says: {quoted(best.display)}"
    if len(whole.split()) <= MAX_FIRST_WORDS and best.display.endswith("."):
        return whole
    return f"{source} says:"


def _instruction(actions: Sequence[Action], citation: Citation) -> str:
    """What to do, in the imperative, from the first action of a citation; "" without one."""
    subject = prescribed_words(citation.quote, SUBJECT)
    body = prescribed_words(citation.quote, BODY)
    words = f" with {quoted(subject)} in the subject line" if subject else ""
    words = words or (f" and write {quoted(body)} in the message" if body else "")
    for action in actions:
        if action.type == "email":
            return f"E-mail {action.text}{words}."
        if action.type == "link":
            return f"{action.label}{words}."
        if action.type == "phone":
            return f"{action.label}."
    if subject and re.search(r"\breply\b", citation.display):
        return f"Reply to a message{words}."
    return ""


def follow_ups(question: str, name: str) -> tuple[str, ...]:
    """Two further questions on other matters than the one just asked."""
    asked = concepts(fold(question)) - {"personal details", "collect"}
    others = [text for text in FOLLOW_UPS if not asked & _concepts_of(text)]
    return tuple(text.format(name=name) for text in others[:2])


@cache
def _concepts_of(follow_up: str) -> set[str]:
    return concepts(fold(follow_up.format(name="")))


def _same_place(one: Evidence, other: Evidence) -> bool:
    return one.hit.row == other.hit.row and one.place == other.place


def contact_evidence(policy_index: PolicyIndex, hits: Sequence[Hit]) -> Evidence | None:
    """The sentence by which a snapshot says whom to ask, among hits for just that."""
    for hit in hits:
        for place in range(len(hit.sentences)):
            candidate = Evidence(hit, place, hit.cosine, 0.0, 0.0, False, hit.score)
            about = f"{hit.passage.heading} {candidate.text}"
            if FOR_QUESTIONS.search(about) and not ONE_PURPOSE.search(candidate.text):
                citation = cite(policy_index, hit, *quote_places(candidate), 0)
                if find_actions(citation.quote, 0):
                    return candidate
    return None
