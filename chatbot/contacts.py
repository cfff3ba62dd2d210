"""Places in a policy that print a way to act, and how far a quote has to grow to print one."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chatbot.actions import find_actions
from chatbot.cite import cite
from chatbot.evidence import ADDS, GOES_ON, MAX_QUOTE, Evidence, quote_places
from chatbot.types import Action, ActionType, Citation, Hit
from index.clean import clean, display
from index.policy_index import PolicyIndex
from index.types import Snapshot

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
    r"(?:to do (?:so|this|that)|do (?:so|this)|(?:users?|residents?|customers?|members?) (?:can"
    r"|may)|you (?:can|may|must|should|need|will need)|please|simply|just|send|write|e-?mail|call"
    r"|phone|telephone|fax|mail|post|contact|submit|submissions?|requests?|direct|address(?:es)?"
    r"|use|visit|go to|click|fill|complete|alternatively|or\b|by (?:mail|post|e-?mail|phone|fax)"
    r"|opt out|unsubscribe|reply|forward|log in|sign in|open|report|ask|tell|for (?:this|that)"
    r"|this (?:can|may)|these|it\b|they|toll|tel\b|attn|attention|c/o|online|web|in writing|our"
    r"|the (?:form|address|request))",
    re.IGNORECASE,
)
OTHER_PURPOSE = re.compile(
    r"(?:to|if|when|for|should) (?!.{0,50}\b(?:this|that|so|such|these|those|yours)\b)",
    re.IGNORECASE,
)
TO_DO_SO = re.compile(
    r"(?:(?:please |you can |you may )?do (?:so|this)|to do (?:so|this|that))\b", re.I
)
LABELLED = re.compile(
    r"(?:(?:by |via )?(?:e-?mail|call|phone|tel(?:ephone)?|fax|mail|post|address|web|online"
    r"|web ?site|postal address|mailing address|attn|attention)\b[^.?!]{0,20}:|[\w.+-]+@|\+?\(?\d"
    r"|https?:|\[)",
    re.IGNORECASE,
)
ANNOUNCES = re.compile(r":$|\b(?:following|below)\b[^.]{0,40}\.?$", re.IGNORECASE)
NAMES_A_TEXT = re.compile(
    r"(?:our |the |this |\w+(?:’s|'s) )?(?:[\w.-]+ ){0,3}(?:privacy (?:policy|notice|statement)"
    r"|terms(?: (?:of|and) [\w ]+)?|(?:cookies?) (?:policy|notice|statement|table)|guidelines?"
    r"|user agreement|agreement|transparency report|acceptable use policy|policy|policies|report)",
    re.IGNORECASE,
)
CHOICE = re.compile(
    r"\b(?:opt(?:ing)?[ -]?-?out|choices?|manage|control|disable|unsubscribe)\b", re.IGNORECASE
)
LEADS_TO = re.compile(
    r"\b(?:click|visit|go|goes|use|using|via|through|form|webform|here|request|requests|opt|out"
    r"|contact|submit|report|settings?|page|preferences?|fill|in your|choose|turn|delete|remove"
    r"|learn how|follow(?:ing)?|account|unsubscribe|change|update|download|access|control|manage"
    r"|review|open|log|sign|tool|link|support|appeal|complain|instructions?|revoke|adjust"
    r"|withdraw|pause)\b",
    re.IGNORECASE,
)
WEB_ADDRESS = re.compile(r"(?:https?://|www\.)?[\w-]+(?:\.[\w-]+)+(?:/\S*)?", re.IGNORECASE)
FURTHER_READING = re.compile(
    r"\b(?:(?:more|further|additional|full) (?:information|details?|about)|learn more|read more"
    r"|find out more)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2})*\.?|\(?[a-zA-Z]\)|[•*-])\s+"
)  # of a clause or an item
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


def quote(policy_index: PolicyIndex, spots: Iterable[Spot], first_id: int = 1) -> list[Citation]:
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
            for whole in grown(policy_index, spot)[-1:]:
                if not any(whole.overlaps(other) for other in found):
                    found.append(whole)
    return found


def contact_for_questions(contacts: Sequence[Spot], by: Sequence[ActionType] = ()) -> Spot | None:
    """Where a snapshot says whom to ask, among places that print a contact; best one of ``by``."""
    general = [
        spot
        for spot in contacts
        if FOR_QUESTIONS.search(f"{spot.hit.passage.heading} {spot.text}")
        and not ONE_PURPOSE.search(spot.text)
    ]
    for spot in general if by else ():
        if any(action.type in by for action in printed(spot)):
            return spot
    return general[0] if general else None


def passages(policy_index: PolicyIndex, snapshot: Snapshot) -> Iterator[Hit]:
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
    for hit in passages(policy_index, snapshot):
        raw = snapshot.text[hit.start : hit.end]
        if not MARK_OF_A_WAY.search(raw) or not any(a.type in by for a in find_actions(raw, 0)):
            continue
        places = (Spot(hit, place, place) for place in range(len(hit.sentences)))
        found += [spot for spot in places if any(a.type in by for a in printed(spot))]
    return sorted(found, key=lambda spot: spot.hit.start)


def _next(policy_index: PolicyIndex, hit: Hit) -> Hit | None:
    """The passage that follows another in its snapshot."""
    after = (other for other in passages(policy_index, hit.snapshot) if other.start >= hit.end)
    return min(after, key=lambda other: other.start, default=None)


def grown(policy_index: PolicyIndex, spot: Spot, by: Sequence[ActionType] = ()) -> list[Spot]:
    """``spot`` with what goes on from it, up to where a way to act is printed; none without.

    With ``by`` it is looked further for these ways.
    """
    here = printed(spot)
    if here and (not by or any(action.type in by for action in here)):
        return [spot]
    last, apart = _last_that_prints(spot)
    if last is None and ANNOUNCES.search(spot.text) and spot.last + 1 == len(spot.hit.sentences):
        following = _next(policy_index, spot.hit)
        if following and printed(Spot(following, 0, 0)):
            return [spot, Spot(following, 0, 0)]
    if last is None:
        return [spot] if here else []
    whole = replace(spot, last=last)
    if apart or len(whole.text) > 2 * MAX_QUOTE:
        return [spot, Spot(spot.hit, last, last)]
    return [whole]


def _last_that_prints(spot: Spot) -> tuple[int | None, bool]:
    """The last of the sentences after ``spot`` that go on from it and print a way.

    Beside it, whether something stands between that does not go on.
    """
    last = None
    announced = ANNOUNCES.search(spot.text) is not None
    apart = False
    for place in range(spot.last + 1, min(spot.last + 1 + AHEAD, len(spot.hit.sentences))):
        text = NUMBER.sub("", sentence(spot.hit, place), count=1)
        elsewhere = OTHER_PURPOSE.match(text) or (apart and _begins_paragraph(spot.hit, place))
        if elsewhere and not TO_DO_SO.match(text):
            break
        prints = bool(printed(Spot(spot.hit, place, place)))
        goes_on = announced or _goes_on(text, prints=prints)
        if goes_on and prints:
            last = place
        elif (last is not None and not text.endswith(":")) or (
            not goes_on and _begins_paragraph(spot.hit, place)
        ):
            break
        elif not goes_on:
            apart = True
        announced = text.endswith(":") or (announced and ADDS.match(text) is not None)
    return last, apart


def _goes_on(text: str, *, prints: bool) -> bool:
    """Whether a sentence goes on from the one before it, such as a button below it."""
    is_button = prints and len(text.split()) <= BUTTON_WORDS
    return is_button or any(pattern.match(text) for pattern in (LABELLED, CONTINUES, GOES_ON))


def _begins_paragraph(hit: Hit, place: int) -> bool:
    before, start = hit.sentences[place - 1].end, hit.sentences[place].start
    return "\n" in hit.passage.text[before:start]


def printed(spot: Spot) -> list[Action]:
    """The ways to act that a place prints."""
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


def sentence(hit: Hit, place: int) -> str:
    """A sentence of a passage as searched."""
    found = hit.sentences[place]
    return hit.passage.text[found.start : found.end]
