"""What an answer offers to do: the ways printed where it quotes, after it, or where it refers to.

A quoted sentence often says only that something can be done. How stands in the next sentence, in
the list below, or in the part of the policy to which it refers ("contact us as set out below");
then that is quoted as well, because every action points to the words that print it. A way printed
for another purpose is never offered.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from chatbot.contacts import (
    ONE_PURPOSE,
    Spot,
    contact_for_questions,
    grown,
    passages,
    printed,
    printing,
    sentence,
    serving_actions,
)
from chatbot.evidence import MAX_QUOTES, Evidence
from chatbot.types import Action, ActionType, Citation
from chatbot.wish import Wish
from index.policy_index import PolicyIndex
from index.types import Snapshot
from index.words import fold

# The company itself is to be approached; how, it says elsewhere.
REFERS = re.compile(
    r"\b(?:(?:contact|reach|writ(?:e|ing) to|e-?mail|call|ask|tell|notify|inform|contacting"
    r"|e-?mailing|calling|reaching|asking|telling|notifying|informing)(?: out to)? us\b"
    r"|let(?:ting)? us know|(?:submit|submitting|make|making|send|sending) (?:us )?(?:a|an|your"
    r"|such an?|any)\b[^.]{0,30}\brequests?|how to (?:reach|contact)|request from us)",
    re.IGNORECASE,
)
PLAINLY_REFERS = re.compile(
    r"\b(?:contact(?:ing)? us|writ(?:e|ing) to us|e-?mail(?:ing)? us"
    r"|submit(?:ting)? a request to us"
    r"|request from us)\b",
    re.IGNORECASE,
)
# "the Data Protection Officer", "our Order Office", "the Mill Lane address", "the number in 6.1".
PARTY = re.compile(
    r"\b(?i:contact(?:ing)?|writ(?:e|ing) to|call(?:ing)?|ask(?:ing)?|(?:tele)?phon(?:e|ing)"
    r"|ring(?:ing)?|tell(?:ing)?|approach(?:ing)?|e-?mail(?:ing)?|notify(?:ing)?|reach(?:ing)?"
    r"|(?:directed|addressed|complaint|through|via) (?:to|through)?)\s(?:out to )?(?i:the|our|its"
    r"|this|your)\s((?:[A-Z][\w&'’-]*\s){0,3}(?:Officer|Office|Desk|Team|Department"
    r"|Representative|Center|Centre|Coordinator|Controller|Advocate|Manager)|(?:business|order"
    r"|billing|support|privacy|club|web) (?:office|desk|team|department))\b"
)
PLACE = re.compile(r"\bthe ((?:[A-Z][\w'’-]*\s){1,3})(?:address|office)\b")
SECTION = re.compile(
    r"\b(?:number|address|details|contact us|set out|described|given|listed|printed)\b[^.]{0,30}?"
    r"\b(?:in|under) (?:section |paragraph |part )?(\d{1,2}(?:\.\d{1,2})?)(?![\d.]*\d)",
    re.IGNORECASE,
)


def ways_to_act(
    policy_index: PolicyIndex,
    wish: Wish,
    chosen: Sequence[Evidence],
    contacts: Callable[[], Sequence[Spot]],
) -> list[Spot]:
    """What to quote of the sentences ``chosen``, best first, so that a way to act is among it.

    Without a wish to act these are the sentences themselves.
    """
    spots = [Spot.of(evidence) for evidence in chosen]
    if not wish.may or not spots:
        return spots
    best = spots[0]
    if not wish.acts:
        plainly = PLAINLY_REFERS.search(best.text) and not printed(best)
        return _referred(policy_index, spots, contacts, wish.by) if plainly else spots
    for spot in spots:
        found = grown(policy_index, spot, wish.by)
        if found and serves(wish, " ".join(one.text for one in found)):
            others = [o for o in spots if not any(o.overlaps(f) for f in found)]
            return [*found, *others[: MAX_QUOTES - len(found)]]
    for spot in spots:
        if _refers(spot):
            found = _referred(
                policy_index, [spot, *(o for o in spots if o is not spot)], contacts, wish.by
            )
            if len(found) > len(spots) or found[1:2] not in ([], spots[1:2]):
                return found
    return _by_the_way_named(policy_index, wish, spots, contacts) if wish.by else spots


def _by_the_way_named(
    policy_index: PolicyIndex,
    wish: Wish,
    spots: list[Spot],
    contacts: Callable[[], Sequence[Spot]],
) -> list[Spot]:
    """``spots`` and a contact of the ways that the question names, or else any for questions."""
    general = contact_for_questions(contacts(), wish.by)
    others = printing(policy_index, spots[0].hit.snapshot, wish.by) if wish.contact else []
    for spot in [*([general] if general else []), *others]:
        if any(action.type in wish.by for action in printed(spot)):
            return _with(spots, spot)
    return _with(spots, general) if general else spots


def serves(wish: Wish, text: str) -> bool:
    """Whether a way that ``text`` prints may be for what is wished.

    To those who ask whom to write to about nothing in particular, an address for deletion is none.
    """
    return not wish.contact or bool(wish.purposes) or ONE_PURPOSE.search(text) is None


def _refers(spot: Spot) -> bool:
    return any(pattern.search(spot.text) for pattern in (REFERS, PARTY, PLACE, SECTION))


def _referred(
    policy_index: PolicyIndex,
    spots: list[Spot],
    contacts: Callable[[], Sequence[Spot]],
    by: Sequence[ActionType],
) -> list[Spot]:
    """``spots`` and the contact to which the best of them refers."""
    best = spots[0]
    named = [*PARTY.findall(best.text), *(place.strip() for place in PLACE.findall(best.text))]
    for name in named:
        for spot in _naming(policy_index, best.hit.snapshot, name):
            return _with(spots, spot)
    for number in SECTION.findall(best.text):
        for spot in _in_section(policy_index, best.hit.snapshot, number):
            return _with(spots, spot)
    general = contact_for_questions(contacts(), by)
    if general and REFERS.search(best.text):
        return _with(spots, general)
    return spots


def _naming(policy_index: PolicyIndex, snapshot: Snapshot, name: str) -> Iterator[Spot]:
    """Where a snapshot prints a contact in a sentence with ``name``."""
    wanted = fold(name)
    for hit in passages(policy_index, snapshot):
        if wanted not in fold(hit.passage.text):
            continue
        for place in range(len(hit.sentences)):
            if wanted in fold(sentence(hit, place)):
                yield from grown(policy_index, Spot(hit, place, place))[-1:]


def _in_section(policy_index: PolicyIndex, snapshot: Snapshot, number: str) -> Iterator[Spot]:
    """Where a snapshot prints a contact in the section or clause of that number."""
    label = re.compile(rf"(?:[A-Za-z]+ )?{re.escape(number)}(?![\d]|\.\d)")
    for hit in passages(policy_index, snapshot):
        here = label.match(hit.passage.heading.rsplit(" › ", 1)[-1]) is not None
        for place in range(len(hit.sentences)):
            if here or label.match(sentence(hit, place)):
                yield from grown(policy_index, Spot(hit, place, place))[-1:]


def _with(spots: list[Spot], contact: Spot) -> list[Spot]:
    kept = [spot for spot in spots if not spot.overlaps(contact)][: MAX_QUOTES - 1]
    return [*kept[:1], contact, *kept[1:]]


def offered(wish: Wish, citations: Sequence[Citation]) -> tuple[Action, ...]:
    """The actions of the first citation that prints any, by the ways that are asked for."""
    if not wish.may:
        return ()
    if not wish.acts:  # only what is said of the very thing
        citations = citations[: 2 if PLAINLY_REFERS.search(citations[0].display) else 1]
    of_each = [
        serving_actions(c.quote, c.id)
        for c in citations
        if serves(wish, f"{c.section} {c.display}")
    ]
    every = unique(action for actions in of_each for action in actions)
    if wish.by:
        return tuple(action for action in every if action.type in wish.by) or every
    return tuple(next((actions for actions in of_each if actions), ()))


def unique(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Each action once; one that two quotes print points to the first."""
    first: dict[tuple[str, str], Action] = {}
    for action in actions:
        first.setdefault((action.type, action.text.lower()), action)
    return tuple(first.values())
