"""What an answer offers to do: the ways printed where it quotes, after it, or where it refers to.

A quoted sentence often says only that something can be done. How stands in the next sentence, in
the list below, or in the part of the policy to which it refers ("contact us as set out below");
then that is quoted as well, because every action points to the words that print it. A way printed
for another purpose is never offered.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chatbot.actions import find_actions
from chatbot.cite import cite
from chatbot.evidence import MAX_QUOTE, Evidence, quote_places
from chatbot.types import Action, Citation, Hit
from chatbot.wish import Wish
from index.concepts import concepts
from index.policy_index import PolicyIndex
from index.words import fold, stems

# An address for one purpose, such as deletion, is none for questions.
FOR_QUESTIONS = re.compile(
    r"\b(?:contact(?:ing)? us|questions?|concerns?|comments?|inquir|enquir|additional information"
    r"|reach us|get in touch|exercise (?:your|any|these) (?:\w+ )?rights?)\b",
    re.IGNORECASE,
)
ONE_PURPOSE = re.compile(
    r"\b(?:delet|remov|unsubscrib|opt|stop|mailing list|shared?|affiliates|appeal|vulnerabilit"
    r"|law enforcement|child|parent|copyright)",
    re.IGNORECASE,
)
# What goes on from the sentence before it, as against one that turns to something else.
CONTINUES = re.compile(
    r"(?:to do (?:so|this|that)|do (?:so|this)|you (?:can|may|must|should|need|will need)|please"
    r"|simply|just|send|write|e-?mail|call|phone|telephone|fax|mail|post|contact|submit|submissions?"
    r"|requests?|direct|address(?:es)?|use|visit|go to|click|fill|complete|alternatively|or\b|in"
    r" addition|by (?:mail|post|e-?mail|phone|fax)|for (?:this|that)|this (?:can|may)|these|it\b"
    r"|they|toll|tel\b|attn|attention|c/o|online|web|in writing|our|the (?:form|address|request))",
    re.IGNORECASE,
)
OTHER_PURPOSE = re.compile(r"(?:to|if|when|for|should) (?!(?:do (?:so|this|that)|this|that)\b)", re.I)
LABELLED = re.compile(
    r"(?:(?:by |via )?(?:e-?mail|call|phone|tel(?:ephone)?|fax|mail|post|address|web|online|web ?site"
    r"|postal address|mailing address|attn|attention)\b[^.?!]{0,20}:|[\w.+-]+@|\+?\(?\d|https?:|\[)",
    re.IGNORECASE,
)
REFERS = re.compile(
    r"\b(?:(?:contact|reach|write|writing|writ(?:e|ing) to|e-?mail|call|ask|asking|tell|telling"
    r"|notify|notifying|inform|informing|contacting|e-?mailing|calling|reaching)(?: out to)?"
    r" (?:us|our|the)\b|let us know|letting us know|(?:submit|submitting|make|making|send|sending)"
    r" (?:us )?(?:a|an|your|such an?|any|the)\b[^.]{0,30}\brequests?|(?:up)?on (?:your )?request"
    r"|at your request|how to (?:reach|contact)"
    r"|(?:set out|described|provided|listed|specified|given|printed|indicated|found)[^.]{0,20}"
    r"\b(?:below|above|in section|section|in the)"
    r"|(?:address|addresses|number|details|information|section) (?:below|above|at the (?:bottom|top"
    r"|end|foot))|request that we|request from us|may request|can request|right to request"
    r"|approach our|through our)\b",
    re.IGNORECASE,
)
# "the Data Protection Officer", "our Order Office": someone with an address of his own.
PARTY = re.compile(
    r"\b(?:[A-Z][\w&'’-]*\s){0,3}(?:Officer|Office|Desk|Team|Department|Dept|Service|Services|Support"
    r"|Representative|Center|Centre|Coordinator|Controller|Advocate|Manager|office|desk|team"
    r"|department|support)\b"
)
NAMES_A_TEXT = re.compile(
    r"(?:our |the |this |\w+(?:’s|'s) )?(?:[\w.-]+ ){0,3}(?:privacy (?:policy|notice|statement)|terms"
    r"(?: (?:of|and) [\w ]+)?|(?:cookies?) (?:policy|notice|statement|table)|guidelines?|user"
    r" agreement|agreement|transparency report|acceptable use policy|policy|policies|report)",
    re.IGNORECASE,
)
CHOICE = re.compile(r"\b(?:opt(?:ing)?[ -]?-?out|choices?|manag|control|disabl|unsubscrib)", re.IGNORECASE)
LEADS_TO = re.compile(
    r"\b(?:click|visit|go|goes|use|using|via|through|form|webform|here|request|requests|opt|out|contact"
    r"|submit|report|settings?|page|preferences?|fill|in your|choose|turn|delete|remove|learn how"
    r"|follow(?:ing)?|account|unsubscribe|change|update|download|access|control|manage|review|open|log"
    r"|sign|tool|link|support|appeal|complain|instructions?|help|revoke|adjust|withdraw|pause)\b",
    re.IGNORECASE,
)
WEB_ADDRESS = re.compile(r"(?:https?://|www\.)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.IGNORECASE)
BEFORE_LINK = 70  # characters
AHEAD = 4  # sentences that are looked at after a quote
MAX_SPOTS = 2  # quotes beside the one that answers


@dataclass(frozen=True, slots=True)
class Spot:
    """Sentences to quote: those of ``hit`` from ``first`` to ``last``, both included."""

    hit: Hit
    first: int
    last: int

    @classmethod
    def of(cls, evidence: Evidence) -> "Spot":
        """What is quoted for a sentence, so that it can stand alone."""
        return cls(evidence.hit, *quote_places(evidence))

    @property
    def text(self) -> str:
        """The sentences as searched."""
        start, end = self.hit.sentences[self.first].start, self.hit.sentences[self.last].end
        return self.hit.passage.text[start:end]

    def overlaps(self, other: "Spot") -> bool:
        """Whether the two share a sentence."""
        same = self.hit.row == other.hit.row and self.hit.snapshot.id == other.hit.snapshot.id
        return same and self.first <= other.last and other.first <= self.last


def quote(policy_index: PolicyIndex, spots: Sequence[Spot], first_id: int = 1) -> list[Citation]:
    """The citations of ``spots``, numbered from ``first_id``."""
    return [
        cite(policy_index, spot.hit, spot.first, spot.last, number)
        for number, spot in enumerate(spots, first_id)
    ]


def printed_contacts(policy_index: PolicyIndex, hits: Sequence[Hit]) -> list[Spot]:
    """Every place among ``hits`` that prints an address or a number, in their order."""
    found: list[Spot] = []
    for hit in hits:
        for place in range(len(hit.sentences)):
            spot = Spot.of(Evidence(hit, place, hit.cosine, 0.0, 0.0, gives=False, score=hit.score))
            if any(spot.overlaps(other) for other in found):
                continue
            grown = _grown(policy_index, spot)
            if grown and not any(grown.overlaps(other) for other in found):
                found.append(grown)
    return found


def contact_for_questions(contacts: Sequence[Spot]) -> Spot | None:
    """Where a snapshot says whom to ask, among the places that print a contact."""
    for spot in contacts:
        about = f"{spot.hit.passage.heading} {spot.text}"
        if FOR_QUESTIONS.search(about) and not ONE_PURPOSE.search(spot.text):
            return spot
    return None


def ways_to_act(
    policy_index: PolicyIndex,
    wish: Wish,
    topic: str,
    chosen: Sequence[Evidence],
    contacts: Sequence[Spot],
) -> list[Spot]:
    """What to quote of the sentences ``chosen``, best first, so that a way to act is among it.

    Without a wish to act these are the sentences themselves.
    """
    spots = [Spot.of(evidence) for evidence in chosen]
    if not wish.may or any(_printed(policy_index, spot) for spot in spots[:1]):
        return spots
    if not wish.acts:
        return spots if not REFERS.search(spots[0].text) else _referred(
            policy_index, wish, topic, spots, contacts
        )
    grown = _grown(policy_index, spots[0])
    if grown:
        return [grown, *(spot for spot in spots[1:] if not spot.overlaps(grown))]
    for spot in spots[1:]:
        if _printed(policy_index, spot):
            return [spot, *(other for other in spots if other is not spot)]
    return _referred(policy_index, wish, topic, spots, contacts)


def _referred(
    policy_index: PolicyIndex, wish: Wish, topic: str, spots: list[Spot], contacts: Sequence[Spot]
) -> list[Spot]:
    """``spots`` and the contact to which the best of them refers."""
    referring = REFERS.search(spots[0].text)
    if not referring and not wish.by:
        return spots
    for party in PARTY.findall(spots[0].text):
        named = set(stems(party))
        for contact in contacts:
            if len(named) > 1 and named <= set(stems(contact.text)):
                return _with(spots, contact)
    general = contact_for_questions(contacts)
    if general:
        return _with(spots, general)
    wanted = concepts(fold(topic))
    for contact in contacts:
        if wanted and wanted <= concepts(fold(contact.text)):
            return _with(spots, contact)
    return spots


def _with(spots: list[Spot], contact: Spot) -> list[Spot]:
    kept = [spot for spot in spots[:MAX_SPOTS] if not spot.overlaps(contact)]
    return [*kept[:1], contact, *kept[1:]]


def _grown(policy_index: PolicyIndex, spot: Spot) -> Spot | None:
    """``spot`` with what goes on from it, up to where a way to act is printed; None without."""
    if _printed(policy_index, spot):
        return spot
    last = None
    for place in range(spot.last + 1, min(spot.last + 1 + AHEAD, len(spot.hit.sentences))):
        text = _text(spot.hit, place)
        labelled = LABELLED.match(text) is not None
        if not labelled and (OTHER_PURPOSE.match(text) or not CONTINUES.match(text)):
            break
        if _printed(policy_index, Spot(spot.hit, place, place)):
            last = place
        elif last is not None:
            break
    if last is None:
        return None
    return replace(spot, last=last)


def _printed(policy_index: PolicyIndex, spot: Spot) -> list[Action]:
    (citation,) = quote(policy_index, [spot])
    return serving_actions(citation)


def serving_actions(citation: Citation) -> list[Action]:
    """The actions that a quote prints, without links that only name another text."""
    actions = find_actions(citation.quote, citation.id)
    return [action for action in actions if action.type != "link" or _leads(action, citation)]


def _leads(link: Action, citation: Citation) -> bool:
    """Whether a link is a way to do something, and not just further reading."""
    label = link.label.removeprefix("Open “").removesuffix("”")
    place = citation.display.find(label)
    before = citation.display[max(0, place - BEFORE_LINK) : max(0, place)]
    if "#footnote" in link.text or "email-protection" in link.text:
        return False
    if NAMES_A_TEXT.fullmatch(label):
        return CHOICE.search(citation.display) is not None
    return WEB_ADDRESS.fullmatch(label) is not None or (
        LEADS_TO.search(f"{before} {label}") is not None
    )


def offered(wish: Wish, citations: Sequence[Citation]) -> tuple[Action, ...]:
    """The actions of the first citation that prints any, by the ways that are asked for."""
    if not wish.may:
        return ()
    for citation in citations:
        actions = serving_actions(citation)
        if actions:
            by = [action for action in actions if action.type in wish.by]
            return tuple(by or actions)
    return ()


def _text(hit: Hit, place: int) -> str:
    sentence = hit.sentences[place]
    return hit.passage.text[sentence.start : sentence.end]
