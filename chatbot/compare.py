"""Two days of one company, or several companies on one day each, set side by side by sentences."""

from collections.abc import Sequence
from datetime import date
from typing import Literal

from rapidfuzz import fuzz, process

from chatbot.cite import cite, refer
from chatbot.evidence import Evidence, quote_places
from chatbot.types import Answer, Citation, Comparison, Hit
from chatbot.wording import earliest, listed, long_date, possessive, quoted
from index.policy_index import PolicyIndex
from index.types import Snapshot
from index.words import fold, terms

REWORDED = 72  # 0…100; two sentences more alike than this say one thing in other words
MAX_YEARS_APART = 2  # policies further apart are said to be
MAX_UNCHANGED = 2  # statements shown to say that nothing changed
MIN_WORDS = 3  # shorter sentences are labels and lines of an address

Kind = Literal["only_then", "only_now", "reworded", "unchanged"]
Unit = tuple[Hit, int, int]  # a hit, and the places of the first and last sentence of one statement


def compare_days(
    policy_index: PolicyIndex,
    before: Snapshot,
    after: Snapshot,
    *,
    about: Sequence[str] | None = None,
) -> list[Comparison]:
    """What differs between the statements of an older and a newer snapshot, the older first.

    Statements are the same when their folded words are: link targets and white space are no
    changes. With ``about``, folded texts of sentences by relevance, only the statements that hold
    one of them are compared, and where none differs the most relevant that stayed are listed.
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
        same = [words for text in about for words in old if words in new and text in words]
        shown = list(dict.fromkeys(same))[:MAX_UNCHANGED]
        pairs = [("unchanged", old[words], new[words]) for words in shown]
    comparison: list[Comparison] = []
    for kind, then, now in pairs:
        number = len(citations_of(comparison)) + 1
        cited = _cite(policy_index, then, number)
        later = _cite(policy_index, now, number + (then is not None))
        comparison.append(Comparison(kind, cited, later))
    return comparison


def answer_days(
    policy_index: PolicyIndex,
    question: str,
    before: Snapshot,
    after: Snapshot,
    about: Sequence[str] | None,
) -> Answer:
    """The answer that sets two days of one company side by side; ``about`` as above."""
    comparison = compare_days(policy_index, before, after, about=about)
    kinds = {point.kind for point in comparison}
    then, now = before.captured_on, after.captured_on
    if then == now:
        first = f"Only the policy of {long_date(now)} is known here; there is nothing to compare."
    elif kinds <= {"unchanged"}:
        first = "The same in both." if comparison else "No difference in the words was found."
    elif kinds == {"only_now"}:
        first = f"New {_when(now, then)}:"
    elif kinds == {"only_then"}:
        first = f"Said only {_when(then, now)}:"
    else:
        days = (then.year, now.year) if then.year < now.year else map(long_date, (then, now))
        first = "{} words differ between {} and {}.".format(possessive(after.name), *days)
    citations = citations_of(comparison)
    return Answer(
        question=question,
        behaviour="compare",
        answer="\n\n".join([first, *(f"{quoted(c.display)} [{c.id}]" for c in citations)]),
        companies=(after.company,),
        snapshots=(refer(before), refer(after)),
        citations=citations,
        comparison=tuple(comparison),
        notices=(_between(then, now, changed=not kinds <= {"unchanged"}),) if then != now else (),
        confidence=1.0,
    )


def _when(day: date, other: date) -> str:
    """``day`` as far as it tells from ``other``."""
    return f"in {day.year}" if day.year != other.year else f"on {long_date(day)}"


def _between(then: date, now: date, *, changed: bool) -> str:
    days = f"{long_date(then)} and {long_date(now)}"
    if changed:
        return (
            f"Only the snapshots of {days} are compared; "
            "a change happened at some time between them."
        )
    return f"Only these two days are known here, {days}; what stood between or since is not."


def answer_companies(
    policy_index: PolicyIndex,
    question: str,
    said: Sequence[tuple[Snapshot, Evidence | None]],
    unknown: Sequence[Snapshot] = (),
) -> Answer:
    """The answer that sets companies side by side, in the order asked; None does not say.

    ``unknown`` are the first snapshots of companies of which nothing is known that early.
    """
    comparison = _side_by_side(policy_index, [evidence for _, evidence in said])
    citations = citations_of(comparison)
    speaking = [snapshot.name for snapshot, evidence in said if evidence]
    silent = [snapshot.name for snapshot, evidence in said if not evidence]
    first = f"{listed(speaking)}, each in its own words:"
    if len(speaking) == 1:
        first = f"{speaking[0]} says:"
    if silent:
        first = f"{listed(silent)} {'do' if len(silent) > 1 else 'does'} not say"
        first += f"; {listed(speaking)} {'say' if len(speaking) > 1 else 'says'}:" * bool(speaking)
        first += "" if speaking else "."
    if not said:
        first = "Nothing is known here of that day."
    snapshots = [*(snapshot for snapshot, _ in said), *unknown]
    names = {snapshot.company: snapshot.name for snapshot in snapshots}
    quotes = [
        f"{names[c.company]}, {long_date(c.snapshot_date)}: {quoted(c.display)} [{c.id}]"
        for c in citations
    ]
    years = [snapshot.captured_on.year for snapshot in snapshots]
    apart = max(years) - min(years)
    notices = [earliest(snapshot.name, snapshot.captured_on) for snapshot in unknown]
    if apart > MAX_YEARS_APART:
        notices.append(f"The policies lie {apart} years apart.")
    return Answer(
        question=question,
        behaviour="compare",
        answer="\n\n".join([first, *quotes]),
        companies=tuple(names),
        snapshots=tuple(refer(snapshot) for snapshot in snapshots),
        citations=citations,
        comparison=tuple(comparison),
        notices=tuple(notices),
    )


def _side_by_side(
    policy_index: PolicyIndex, answers: Sequence[Evidence | None]
) -> list[Comparison]:
    """Two companies make one point, ``before`` being the first; more make a point each."""
    cited: list[Citation | None] = []
    for evidence in answers:
        number = sum(citation is not None for citation in cited) + 1
        unit = (evidence.hit, *quote_places(evidence)) if evidence else None
        cited.append(_cite(policy_index, unit, number))
    if len(cited) == 2:
        return [Comparison("side_by_side", cited[0], cited[1])] if any(cited) else []
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
            sentences=policy_index.corpus.sentences(row),
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
                last = quote_places(Evidence(hit, place, 0.0, 0.0, 0.0, False, 0.0))[1]
            words = fold(_text(hit, first, last))
            if len(words.split()) >= MIN_WORDS:
                found.setdefault(words, (hit, first, last))
            place = last + 1
    return found


def about_topic(policy_index: PolicyIndex, snapshot: Snapshot, topic: str) -> list[str]:
    """The folded statements of a snapshot that share a word or a concept with a topic."""
    asked = set(terms(topic))
    return [words for words in statements(policy_index, snapshot) if asked & set(terms(words))]


def _is_about(about: Sequence[str] | None, words: str) -> bool:
    return about is None or any(text in words for text in about)


def _text(hit: Hit, first: int, last: int) -> str:
    return hit.passage.text[hit.sentences[first].start : hit.sentences[last].end]


def _cite(policy_index: PolicyIndex, unit: Unit | None, number: int) -> Citation | None:
    return cite(policy_index, *unit, number) if unit else None
