"""Two days of one company, or several companies on one day each, set side by side by sentences."""

from collections.abc import Sequence

from rapidfuzz import fuzz, process

from chatbot.cite import cite
from chatbot.evidence import Evidence, quote_places
from chatbot.types import Citation, Comparison, Hit
from index.policy_index import PolicyIndex
from index.types import Snapshot
from index.words import fold, terms

REWORDED = 72  # 0…100; two sentences more alike than this say one thing in other words
MIN_WORDS = 3  # shorter sentences are labels and lines of an address


def snapshot_hits(policy_index: PolicyIndex, snapshot: Snapshot) -> list[Hit]:
    """Every passage of a snapshot in its order, unscored."""
    places = policy_index.corpus.occurrences(snapshot.id)
    hits = [
        Hit(
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
        for row, spans in places.items()
        for start, end in spans
    ]
    return sorted(hits, key=lambda hit: hit.start)


def compare_days(
    policy_index: PolicyIndex,
    before: Sequence[Evidence],
    after: Sequence[Evidence],
    *,
    unchanged: bool,
) -> list[Comparison]:
    """What differs between sentences of an older and a newer snapshot, the older first.

    Sentences are the same when their folded words are: link targets and white space are no
    changes. With ``unchanged``, what stayed the same is listed too.
    """
    old, new = _by_words(before), _by_words(after)
    pairs: list[tuple[str, Evidence | None, Evidence | None]] = []
    left = dict(new)
    for words, evidence in old.items():
        if words in new:
            left.pop(words, None)
            if unchanged:
                pairs.append(("unchanged", evidence, new[words]))
            continue
        candidates = [other for other in left if other not in old]
        best = process.extractOne(words, candidates, scorer=fuzz.ratio, score_cutoff=REWORDED)
        if best:
            pairs.append(("reworded", evidence, left.pop(best[0])))
        else:
            pairs.append(("only_then", evidence, None))
    pairs += [("only_now", None, evidence) for words, evidence in left.items() if words not in old]
    return _cited(policy_index, pairs)


def side_by_side(policy_index: PolicyIndex, answers: Sequence[Evidence | None]) -> list[Comparison]:
    """The best sentence of each company in the order asked; the first is ``before``."""
    found = [evidence for evidence in answers if evidence]
    if len(found) == 2:
        return _cited(policy_index, [("side_by_side", found[0], found[1])])
    return _cited(policy_index, [("side_by_side", None, evidence) for evidence in found])


def as_evidence(hits: Sequence[Hit], topic: str = "") -> list[Evidence]:
    """Every sentence of the hits; with a topic, only those that share a term with it."""
    asked = set(terms(topic))
    found = [
        Evidence(hit, p, 0.0, 0.0, 0.0, False, 0.0, 0.0)
        for hit in hits
        for p in range(len(hit.sentences))
    ]
    return [e for e in found if not asked or asked & set(terms(e.text))]


def citations_of(comparison: Sequence[Comparison]) -> tuple[Citation, ...]:
    """All citations of a comparison in their order."""
    both = [citation for c in comparison for citation in (c.before, c.after)]
    return tuple(citation for citation in both if citation)


def _by_words(evidence: Sequence[Evidence]) -> dict[str, Evidence]:
    words = {fold(e.text): e for e in evidence}
    return {text: e for text, e in words.items() if len(text.split()) >= MIN_WORDS}


def _cited(
    policy_index: PolicyIndex,
    pairs: Sequence[tuple[str, Evidence | None, Evidence | None]],
) -> list[Comparison]:
    number = 0

    def cited(evidence: Evidence | None, *, alone: bool) -> Citation | None:
        nonlocal number
        if evidence is None:
            return None
        number += 1
        places = quote_places(evidence) if alone else (evidence.place, evidence.place)
        return cite(policy_index, evidence.hit, *places, number)

    return [
        Comparison(
            kind,  # type: ignore[arg-type]  # the callers above name only kinds of the contract
            cited(old, alone=kind == "side_by_side"),
            cited(new, alone=kind == "side_by_side"),
        )
        for kind, old, new in pairs
    ]
