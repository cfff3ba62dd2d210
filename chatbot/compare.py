"""Two days of one company, or several companies on one day each, set side by side by sentences."""

from collections.abc import Collection, Sequence
from typing import Literal

from rapidfuzz import fuzz, process

from chatbot.cite import cite
from chatbot.evidence import Evidence, quote_places
from chatbot.types import Citation, Comparison, Hit
from index.policy_index import PolicyIndex
from index.types import Snapshot
from index.words import fold, terms

REWORDED = 72  # 0…100; two sentences more alike than this say one thing in other words
MIN_WORDS = 3  # shorter sentences are labels and lines of an address

Kind = Literal["only_then", "only_now", "reworded", "unchanged"]
Unit = tuple[Hit, int, int]  # a hit, and the places of the first and last sentence of one statement


def compare_days(
    policy_index: PolicyIndex,
    before: Snapshot,
    after: Snapshot,
    *,
    about: Collection[str] | None = None,
) -> list[Comparison]:
    """What differs between the statements of an older and a newer snapshot, the older first.

    Statements are the same when their folded words are: link targets and white space are no
    changes. With ``about``, folded texts of sentences, only the statements that hold one of them
    are compared, and those that stayed the same are listed where nothing else is.
    """
    old, new = statements(policy_index, before), statements(policy_index, after)
    gone = {words: unit for words, unit in old.items() if words not in new}
    come = {words: unit for words, unit in new.items() if words not in old}
    pairs: list[tuple[Kind, Unit | None, Unit | None]] = []
    for words, unit in gone.items():
        best = process.extractOne(words, list(come), scorer=fuzz.ratio, score_cutoff=REWORDED)
        other = come.pop(best[0]) if best else None
        if _is_about(about, words) or (best and _is_about(about, best[0])):
            pairs.append(("reworded" if other else "only_then", unit, other))
    pairs += [("only_now", None, unit) for words, unit in come.items() if _is_about(about, words)]
    if about is not None and not pairs:
        same = [words for words in old if words in new and _is_about(about, words)]
        pairs = [("unchanged", old[words], new[words]) for words in same]
    comparison: list[Comparison] = []
    for kind, then, now in pairs:
        number = len(citations_of(comparison)) + 1
        cited = _cite(policy_index, then, number)
        later = _cite(policy_index, now, number + (then is not None))
        comparison.append(Comparison(kind, cited, later))
    return comparison


def side_by_side(policy_index: PolicyIndex, answers: Sequence[Evidence | None]) -> list[Comparison]:
    """The best sentence of each company in the order asked; None for one that does not say.

    Two companies make one point, ``before`` being the first; more make a point each.
    """
    cited: list[Citation | None] = []
    for evidence in answers:
        number = sum(citation is not None for citation in cited) + 1
        unit = (evidence.hit, *quote_places(evidence)) if evidence else None
        cited.append(_cite(policy_index, unit, number))
    if len(cited) == 2:
        return [Comparison("side_by_side", cited[0], cited[1])]
    return [Comparison("side_by_side", None, citation) for citation in cited if citation]


def citations_of(comparison: Sequence[Comparison]) -> tuple[Citation, ...]:
    """All citations of a comparison in their order."""
    both = [citation for point in comparison for citation in (point.before, point.after)]
    return tuple(citation for citation in both if citation)


def statements(policy_index: PolicyIndex, snapshot: Snapshot) -> dict[str, Unit]:
    """Folded words → a sentence of the snapshot, with the list that it announces, in order."""
    found: dict[str, Unit] = {}
    places = policy_index.corpus.occurrences(snapshot.id)
    spans = sorted((start, end, row) for row, spans in places.items() for start, end in spans)
    for start, end, row in spans:
        hit = Hit(
            snapshot=snapshot,
            passage=policy_index.corpus.passage(row),
            sentences=tuple(policy_index.corpus.sentences(row)),
            row=row,
            start=start,
            end=end,
            score=0.0,
            cosine=0.0,
            bm25=0.0,
        )
        place = 0
        while place < len(hit.sentences):
            first, last = place, place
            if _text(hit, place, place).endswith(":"):
                last = quote_places(Evidence(hit, place, 0.0, 0.0, 0.0, False, 0.0, 0.0))[1]
            words = fold(_text(hit, first, last))
            if len(words.split()) >= MIN_WORDS:
                found.setdefault(words, (hit, first, last))
            place = last + 1
    return found


def about_topic(policy_index: PolicyIndex, snapshot: Snapshot, topic: str) -> set[str]:
    """The folded statements of a snapshot that share a word or a concept with a topic."""
    asked = set(terms(topic))
    return {words for words in statements(policy_index, snapshot) if asked & set(terms(words))}


def _is_about(about: Collection[str] | None, words: str) -> bool:
    return about is None or any(text in words for text in about)


def _text(hit: Hit, first: int, last: int) -> str:
    return hit.passage.text[hit.sentences[first].start : hit.sentences[last].end]


def _cite(policy_index: PolicyIndex, unit: Unit | None, number: int) -> Citation | None:
    return cite(policy_index, *unit, number) if unit else None
