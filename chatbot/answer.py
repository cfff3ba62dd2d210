"""Evidence → the answer: what it says first, what it quotes, what one can do."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from chatbot.actions import BODY, SUBJECT, asks_for_password, prescribed_words
from chatbot.cite import refer
from chatbot.contacts import Spot, contact_for_questions, printing, quote, serving_actions
from chatbot.decide import Decision
from chatbot.evidence import Evidence, choose_quotes, same_place
from chatbot.polarity import reading
from chatbot.types import Action, ActionType, Answer, Citation
from chatbot.understand import Understood, missing_detail
from chatbot.ways import offered, ways_to_act
from chatbot.wish import wish
from chatbot.wording import age_notice, earliest, long_date, possessive, quoted
from index.concepts import concepts
from index.policy_index import PolicyIndex
from index.types import Snapshot
from index.words import fold

MAX_NOTICES = 2
MAX_FIRST_WORDS = 20  # of the first sentence, into which a short quote fits whole
LACKING = 0.15  # probability of ``partly`` from which a detail that is asked and absent is missing
NEAR_COSINE = 0.35  # below it nothing comes close
# What a policy does not give that prints no such way of contact.
WAYS: dict[ActionType, str] = {
    "email": "an e-mail address",
    "phone": "a phone number",
    "fax": "a fax number",
    "post": "a postal address",
    "link": "a web address",
}
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
    contacts: Callable[[], Sequence[Spot]],
    decision: Decision,
) -> Answer:
    """The answer to one question about one snapshot.

    ``evidence`` is ranked; ``contacts`` finds the snapshot's own passages that say whom to ask.
    """
    wanted = wish(asked.question)
    contact = None
    if decision.silent and wanted.contact and wanted.by:
        contact = contact_for_questions(contacts(), wanted.by)
    if decision.silent and not contact:
        return _not_stated(policy_index, asked, evidence, contacts, decision)
    detail = asked.understood.detail
    chosen = choose_quotes(evidence)
    spots = ways_to_act(policy_index, wanted, chosen, contacts)
    if contact:  # of a way to write or call, the contact is what it does say
        spots = [contact]
    citations = quote(policy_index, spots)
    given = detail is not None and any(
        detail.stands_in(citation.display, asked.question) for citation in citations
    )
    actions = offered(wanted, citations)
    lacking = wanted.contact and wanted.by and not any(a.type in wanted.by for a in actions)
    if lacking and not printing(policy_index, asked.snapshot, wanted.by):
        return _partly(asked, WAYS[wanted.by[0]], citations, actions, decision.partly)
    if given or decision.partly < (decision.answer if detail is None else LACKING):
        said = _yes_or_no(policy_index, asked, evidence, chosen, spots, decision)
        first = _first_sentence(asked, citations, actions, said)
        answer = _answer(asked, "answer", first, citations, actions)
        return replace(answer, confidence=round(decision.answer, 3))
    missing = detail.name if detail is not None else missing_detail(asked.understood.topic)
    return _partly(asked, missing, citations, actions, decision.partly)


def _partly(
    asked: Asked,
    missing: str,
    citations: Sequence[Citation],
    actions: Sequence[Action],
    confidence: float,
) -> Answer:
    first = f"{possessive(asked.snapshot.name)} policy does not give {missing}. It says only:"
    answer = _answer(asked, "partly", first, citations, actions)
    return replace(answer, missing=missing, confidence=round(confidence, 3))


def _not_stated(
    policy_index: PolicyIndex,
    asked: Asked,
    evidence: Sequence[Evidence],
    contacts: Callable[[], Sequence[Spot]],
    decision: Decision,
) -> Answer:
    near = [Spot.of(e) for e in evidence[:1] if e.cosine >= NEAR_COSINE]
    contact = contact_for_questions(contacts())
    if contact:
        near = [*(spot for spot in near if not spot.overlaps(contact)), contact]
    citations = quote(policy_index, near)
    actions = serving_actions(citations[-1].quote, citations[-1].id) if contact else []
    snapshot = asked.snapshot
    first = f"{possessive(snapshot.name)} policy of {long_date(snapshot.captured_on)} does not say."
    if not actions:
        asked = replace(asked, notices=("This policy prints no way to ask.", *asked.notices))
    answer = _answer(asked, "not_stated", first, (), actions)
    return replace(answer, near=tuple(citations), confidence=round(decision.not_stated, 3))


def before_the_first(policy_index: PolicyIndex, asked: Asked, near: Sequence[Evidence]) -> Answer:
    """The answer about a day before the company's first snapshot, which is ``asked.snapshot``."""
    first = earliest(asked.snapshot.name, asked.snapshot.captured_on)
    answer = _answer(asked, "not_stated", first, (), ())
    return replace(answer, near=tuple(quote(policy_index, [Spot.of(e) for e in near[:1]])))


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


def _yes_or_no(
    policy_index: PolicyIndex,
    asked: Asked,
    evidence: Sequence[Evidence],
    chosen: Sequence[Evidence],
    spots: Sequence[Spot],
    decision: Decision,
) -> str:
    """What the quotes say to a yes/no question: "yes", "no", "both", or "" when that is open.

    Only of the ``chosen`` sentences that are quoted, and only where the best one is.
    """
    shown = [e for e in chosen if any(spot.overlaps(Spot.of(e)) for spot in spots)]
    if asked.understood.form != "yes_no" or not shown or shown[0] is not chosen[0]:
        return ""
    quotes = [citation.display for citation in quote(policy_index, map(Spot.of, shown))]
    return reading(asked.understood.topic, quotes, leads_of(evidence, shown), decision.not_stated)


def leads_of(evidence: Sequence[Evidence], chosen: Sequence[Evidence]) -> list[float]:
    """How far the first of ``chosen`` ranks before what comes next, the others before the first."""
    best, following = chosen[0].score, [e.score for e in evidence if not same_place(e, chosen[0])]
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
    if understood.form != "yes_no":
        shown = next((c for c in citations if actions and c.id == actions[0].citation), best)
        instruction = _instruction(actions, shown)
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
        if action.type == "fax":
            return f"Fax {action.text}."
        if action.type == "post" and len(action.text.split()) + 2 <= MAX_FIRST_WORDS:
            return f"Write to {action.text}."
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
