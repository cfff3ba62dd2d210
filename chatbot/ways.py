"""What an answer offers to do: the ways printed where it quotes, after it, or where it refers to.

A quoted sentence often says only that something can be done. How stands in the next sentence, in
the list below, or in the part of the policy to which it refers ("contact us as set out below");
then that is quoted as well, because every action points to the words that print it. A way printed
for another purpose is never offered.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chatbot.actions import find_actions
from chatbot.cite import cite
from chatbot.evidence import ADDS, GOES_ON, MAX_QUOTE, MAX_QUOTES, Evidence, quote_places
from chatbot.types import Action, ActionType, Citation, Hit
from chatbot.wish import Wish
from index.clean import clean, display
from index.policy_index import PolicyIndex
from index.types import Snapshot
from index.words import fold

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
    r"(?:to do (?:so|this|that)|do (?:so|this)|(?:users?|residents?|customers?|members?) (?:can|may)|you (?:can|may|must|should|need|will need)|please"
    r"|simply|just|send|write|e-?mail|call|phone|telephone|fax|mail|post|contact|submit|submissions?"
    r"|requests?|direct|address(?:es)?|use|visit|go to|click|fill|complete|alternatively|or\b|by"
    r" (?:mail|post|e-?mail|phone|fax)|opt out|unsubscribe|reply|forward|log in|sign in|open|report|ask"
    r"|tell|for (?:this|that)|this (?:can|may)|these|it\b"
    r"|they|toll|tel\b|attn|attention|c/o|online|web|in writing|our|the (?:form|address|request))",
    re.IGNORECASE,
)
OTHER_PURPOSE = re.compile(
    r"(?:to|if|when|for|should) (?!.{0,50}\b(?:this|that|so|such|these|those|yours)\b)", re.IGNORECASE
)
TO_DO_SO = re.compile(r"(?:(?:please |you can |you may )?do (?:so|this)|to do (?:so|this|that))\b", re.I)
LABELLED = re.compile(
    r"(?:(?:by |via )?(?:e-?mail|call|phone|tel(?:ephone)?|fax|mail|post|address|web|online|web ?site"
    r"|postal address|mailing address|attn|attention)\b[^.?!]{0,20}:|[\w.+-]+@|\+?\(?\d|https?:|\[)",
    re.IGNORECASE,
)
ANNOUNCES = re.compile(r":$|\b(?:following|below)\b[^.]{0,40}\.?$", re.IGNORECASE)
# The company itself is to be approached; how, it says elsewhere.
REFERS = re.compile(
    r"\b(?:(?:contact|reach|writ(?:e|ing) to|e-?mail|call|ask|tell|notify|inform|contacting|e-?mailing"
    r"|calling|reaching|asking|telling|notifying|informing)(?: out to)? us\b|let(?:ting)? us know"
    r"|(?:submit|submitting|make|making|send|sending) (?:us )?(?:a|an|your|such an?|any)\b[^.]{0,30}"
    r"\brequests?|how to (?:reach|contact)|request from us)",
    re.IGNORECASE,
)
PLAINLY_REFERS = re.compile(
    r"\b(?:contact(?:ing)? us|writ(?:e|ing) to us|e-?mail(?:ing)? us|submit(?:ting)? a request to us"
    r"|request from us)\b",
    re.IGNORECASE,
)
# "the Data Protection Officer", "our Order Office", "the Mill Lane address", "the number in 6.1".
PARTY = re.compile(
    r"\b(?i:contact(?:ing)?|writ(?:e|ing) to|call(?:ing)?|ask(?:ing)?|(?:tele)?phon(?:e|ing)|ring(?:ing)?"
    r"|tell(?:ing)?|approach(?:ing)?|e-?mail(?:ing)?|notify(?:ing)?|reach(?:ing)?|(?:directed|addressed"
    r"|complaint|through|via) (?:to|through)?)\s(?:out to )?(?i:the|our|its|this|your)\s"
    r"((?:[A-Z][\w&'’-]*\s){0,3}(?:Officer|Office|Desk|Team|Department|Representative|Center|Centre"
    r"|Coordinator|Controller|Advocate|Manager)|(?:business|order|billing|support|privacy|club|web)"
    r" (?:office|desk|team|department))\b"
)
PLACE = re.compile(r"\bthe ((?:[A-Z][\w'’-]*\s){1,3})(?:address|office)\b")
SECTION = re.compile(
    r"\b(?:number|address|details|contact us|set out|described|given|listed|printed)\b[^.]{0,30}?"
    r"\b(?:in|under) (?:section |paragraph |part )?(\d{1,2}(?:\.\d{1,2})?)(?![\d.]*\d)",
    re.IGNORECASE,
)
NAMES_A_TEXT = re.compile(
    r"(?:our |the |this |\w+(?:’s|'s) )?(?:[\w.-]+ ){0,3}(?:privacy (?:policy|notice|statement)|terms"
    r"(?: (?:of|and) [\w ]+)?|(?:cookies?) (?:policy|notice|statement|table)|guidelines?|user"
    r" agreement|agreement|transparency report|acceptable use policy|policy|policies|report)",
    re.IGNORECASE,
)
CHOICE = re.compile(r"\b(?:opt(?:ing)?[ -]?-?out|choices?|manage|control|disable|unsubscribe)\b", re.IGNORECASE)
LEADS_TO = re.compile(
    r"\b(?:click|visit|go|goes|use|using|via|through|form|webform|here|request|requests|opt|out|contact"
    r"|submit|report|settings?|page|preferences?|fill|in your|choose|turn|delete|remove|learn how"
    r"|follow(?:ing)?|account|unsubscribe|change|update|download|access|control|manage|review|open|log"
    r"|sign|tool|link|support|appeal|complain|instructions?|revoke|adjust|withdraw|pause)\b",
    re.IGNORECASE,
)
WEB_ADDRESS = re.compile(r"(?:https?://|www\.)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.IGNORECASE)
FURTHER_READING = re.compile(
    r"\b(?:(?:more|further|additional|full) (?:information|details?|about)|learn more|read more|find out"
    r" more)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})*\.?|\(?[a-zA-Z]\)|[•*-])\s+")  # of a clause or an item
MARK_OF_A_WAY = re.compile(r"@|\d{3}|\bat\b.{1,60}\bdot\b|://|www\.|Box|Dublin", re.IGNORECASE)
BEFORE_LINK, AFTER_LINK = 70, 60  # characters
BUTTON_WORDS = 5  # of a sentence that is only a link, such as "Delete my data."
AHEAD = 4  # sentences that are looked at after a quote


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

    @property
    def raw(self) -> str:
        """The archived text of the sentences, as it is quoted."""
        passage = self.hit.snapshot.text[self.hit.start : self.hit.end]
        sentences = self.hit.sentences
        start, end = clean(passage).raw_span(sentences[self.first].start, sentences[self.last].end)
        return passage[start:end]

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
            for grown in _grown(policy_index, spot)[-1:]:
                if not any(grown.overlaps(other) for other in found):
                    found.append(grown)
    return found


def contact_for_questions(
    contacts: Sequence[Spot], by: Sequence[ActionType] = ()
) -> Spot | None:
    """Where a snapshot says whom to ask, among the places that print a contact; best one of ``by``."""
    general = [
        spot
        for spot in contacts
        if FOR_QUESTIONS.search(f"{spot.hit.passage.heading} {spot.text}")
        and not ONE_PURPOSE.search(spot.text)
    ]
    for spot in general if by else ():
        if any(action.type in by for action in _printed(spot)):
            return spot
    return general[0] if general else None


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
        plainly = PLAINLY_REFERS.search(best.text) and not _printed(best)
        return _referred(policy_index, spots, contacts, wish.by) if plainly else spots
    for spot in spots:
        found = _grown(policy_index, spot, wish.by)
        if found and serves(wish, " ".join(one.text for one in found)):
            others = [o for o in spots if not any(o.overlaps(f) for f in found)]
            return [*found, *others[: MAX_QUOTES - len(found)]]
    for spot in spots:
        if _refers(spot):
            found = _referred(policy_index, [spot, *(o for o in spots if o is not spot)], contacts, wish.by)
            if len(found) > len(spots) or found[1:2] not in ([], spots[1:2]):
                return found
    if wish.by:
        general = contact_for_questions(contacts(), wish.by)
        others = printing(policy_index, best.hit.snapshot, wish.by) if wish.contact else []
        for spot in [*([general] if general else []), *others]:
            if any(action.type in wish.by for action in _printed(spot)):
                return _with(spots, spot)
        return _with(spots, general) if general else spots
    return spots


def serves(wish: Wish, text: str) -> bool:
    """Whether a way that ``text`` prints may be for what is wished.

    To those who ask whom to write to about nothing in particular, an address for deletion is none.
    """
    return not wish.contact or bool(wish.purposes) or ONE_PURPOSE.search(text) is None


def _refers(spot: Spot) -> bool:
    return any(pattern.search(spot.text) for pattern in (REFERS, PARTY, PLACE, SECTION))


def _referred(
    policy_index: PolicyIndex, spots: list[Spot], contacts: Callable[[], Sequence[Spot]], by: Sequence[ActionType]
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


def _passages(policy_index: PolicyIndex, snapshot: Snapshot) -> Iterator[Hit]:
    """Every passage of a snapshot, in no order that means anything."""
    corpus = policy_index.corpus
    standing = corpus.occurrences(snapshot.id)
    for row in policy_index.rows_of([snapshot]):
        for start, end in standing.get(int(row), [])[:1]:
            yield Hit(
                snapshot=snapshot,
                passage=corpus.passage(int(row)),
                sentences=tuple(corpus.sentences(int(row))),
                row=int(row),
                start=start,
                end=end,
                score=0.0,
                cosine=0.0,
                bm25=0.0,
            )


def printing(policy_index: PolicyIndex, snapshot: Snapshot, by: Sequence[ActionType]) -> list[Spot]:
    """Every place in a snapshot that prints a way of one of these types."""
    found = []
    for hit in _passages(policy_index, snapshot):
        raw = snapshot.text[hit.start : hit.end]
        if not MARK_OF_A_WAY.search(raw) or not any(a.type in by for a in find_actions(raw, 0)):
            continue
        places = (Spot(hit, place, place) for place in range(len(hit.sentences)))
        found += [
            spot for spot in places if any(a.type in by for a in _printed(spot))
        ]
    return sorted(found, key=lambda spot: spot.hit.start)


def _next(policy_index: PolicyIndex, hit: Hit) -> Hit | None:
    """The passage that follows another in its snapshot."""
    after = (other for other in _passages(policy_index, hit.snapshot) if other.start >= hit.end)
    return min(after, key=lambda other: other.start, default=None)


def _naming(policy_index: PolicyIndex, snapshot: Snapshot, name: str) -> Iterator[Spot]:
    """Where a snapshot prints a contact in a sentence with ``name``."""
    wanted = fold(name)
    for hit in _passages(policy_index, snapshot):
        if wanted not in fold(hit.passage.text):
            continue
        for place in range(len(hit.sentences)):
            if wanted in fold(_text(hit, place)):
                yield from _grown(policy_index, Spot(hit, place, place))[-1:]


def _in_section(policy_index: PolicyIndex, snapshot: Snapshot, number: str) -> Iterator[Spot]:
    """Where a snapshot prints a contact in the section or clause of that number."""
    label = re.compile(rf"(?:[A-Za-z]+ )?{re.escape(number)}(?![\d]|\.\d)")
    for hit in _passages(policy_index, snapshot):
        here = label.match(hit.passage.heading.rsplit(" › ", 1)[-1]) is not None
        for place in range(len(hit.sentences)):
            if here or label.match(_text(hit, place)):
                yield from _grown(policy_index, Spot(hit, place, place))[-1:]


def _with(spots: list[Spot], contact: Spot) -> list[Spot]:
    kept = [spot for spot in spots if not spot.overlaps(contact)][: MAX_QUOTES - 1]
    return [*kept[:1], contact, *kept[1:]]


def _grown(
    policy_index: PolicyIndex, spot: Spot, by: Sequence[ActionType] = ()
) -> list[Spot]:
    """``spot`` with what goes on from it, up to where a way to act is printed; none without.

    With ``by`` it is looked further for these ways.
    """
    printed = _printed(spot)
    if printed and (not by or any(action.type in by for action in printed)):
        return [spot]
    last = None
    announced = ANNOUNCES.search(spot.text) is not None
    apart = False  # whether something stands between that does not go on
    for place in range(spot.last + 1, min(spot.last + 1 + AHEAD, len(spot.hit.sentences))):
        text = NUMBER.sub("", _text(spot.hit, place), count=1)
        new_paragraph = apart and _begins_paragraph(spot.hit, place)
        if not TO_DO_SO.match(text) and (OTHER_PURPOSE.match(text) or new_paragraph):
            break
        prints = _printed(Spot(spot.hit, place, place))
        labelled = LABELLED.match(text) is not None
        goes_on = announced or labelled or bool(CONTINUES.match(text) or GOES_ON.match(text))
        goes_on = goes_on or (bool(prints) and len(text.split()) <= BUTTON_WORDS)
        if goes_on and prints:
            last = place
        elif (last is not None and not text.endswith(":")) or (
            not goes_on and _begins_paragraph(spot.hit, place)
        ):
            break
        elif not goes_on:
            apart = True
        announced = text.endswith(":") or (announced and ADDS.match(text) is not None)
    if last is None and announced and spot.last + 1 == len(spot.hit.sentences):
        following = _next(policy_index, spot.hit)
        if following and _printed(Spot(following, 0, 0)):
            return [spot, Spot(following, 0, 0)]
    if last is None:
        return [spot] if printed else []
    whole = replace(spot, last=last)
    if apart or len(whole.text) > 2 * MAX_QUOTE:
        return [spot, Spot(spot.hit, last, last)]
    return [whole]


def _begins_paragraph(hit: Hit, place: int) -> bool:
    before, start = hit.sentences[place - 1].end, hit.sentences[place].start
    return "\n" in hit.passage.text[before:start]


def _printed(spot: Spot) -> list[Action]:
    return serving_actions(spot.raw, 0)


def serving_actions(raw: str, citation: int) -> list[Action]:
    """The actions that a quote prints, without links that only name another text."""
    actions = find_actions(raw, citation)
    shown = display(raw) if any(action.type == "link" for action in actions) else ""
    return [action for action in actions if action.type != "link" or _leads(action, shown)]


def _leads(link: Action, shown: str) -> bool:
    """Whether a link is a way to do something, and not just further reading."""
    label = link.label.removeprefix("Open “").removesuffix("”")
    place = shown.find(label)
    before = shown[max(0, place - BEFORE_LINK) : max(0, place)]
    around = shown[max(0, place - BEFORE_LINK) : place + len(label) + AFTER_LINK]
    if "#footnote" in link.text or "email-protection" in link.text:
        return False
    if FURTHER_READING.search(around) and not CHOICE.search(around):
        return False
    if NAMES_A_TEXT.fullmatch(label):
        return CHOICE.search(shown) is not None
    return WEB_ADDRESS.fullmatch(label) is not None or (
        LEADS_TO.search(f"{before} {label}") is not None
    )


def offered(wish: Wish, citations: Sequence[Citation]) -> tuple[Action, ...]:
    """The actions of the first citation that prints any, by the ways that are asked for."""
    if not wish.may:
        return ()
    if not wish.acts:  # only what is said of the very thing
        citations = citations[: 2 if PLAINLY_REFERS.search(citations[0].display) else 1]
    printed = [serving_actions(c.quote, c.id) for c in citations if serves(wish, f"{c.section} {c.display}")]
    every = unique(action for actions in printed for action in actions)
    if wish.by:
        return tuple(action for action in every if action.type in wish.by) or every
    return tuple(next((actions for actions in printed if actions), ()))


def unique(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Each action once; one that two quotes print points to the first."""
    first: dict[tuple[str, str], Action] = {}
    for action in actions:
        first.setdefault((action.type, action.text.lower()), action)
    return tuple(first.values())


def _text(hit: Hit, place: int) -> str:
    sentence = hit.sentences[place]
    return hit.passage.text[sentence.start : sentence.end]
