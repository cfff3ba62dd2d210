"""A stretch of a passage → a citation that anyone can check against the snapshot."""

from bisect import bisect_left

from chatbot.types import Citation, Hit, SnapshotReference
from index.clean import clean, display
from index.policy_index import PolicyIndex
from index.types import Snapshot


def cite(policy_index: PolicyIndex, hit: Hit, first: int, last: int, citation_id: int) -> Citation:
    """Quote the sentences at places ``first`` to ``last`` of a hit, both included."""
    snapshot = hit.snapshot
    cleaned = clean(snapshot.text[hit.start : hit.end])
    start, end = cleaned.raw_span(hit.sentences[first].start, hit.sentences[last].end)
    start, end = hit.start + start, hit.start + end
    quote = snapshot.text[start:end]
    since, until = _stated(policy_index, hit, first, last)
    return Citation(
        id=citation_id,
        quote=quote,
        display=display(quote),
        start=start,
        end=end,
        section=_section(hit.passage.heading),
        company=snapshot.company,
        snapshot_date=snapshot.captured_on.isoformat(),
        archived_url=snapshot.archived_url,
        stated_since=since,
        stated_until=until,
    )


def refer(snapshot: Snapshot) -> SnapshotReference:
    """What an answer says of a snapshot that it speaks of."""
    return SnapshotReference(
        snapshot.company,
        snapshot.captured_on.isoformat(),
        snapshot.archived_url,
        snapshot.original_url,
    )


def _stated(policy_index: PolicyIndex, hit: Hit, first: int, last: int) -> tuple[str, str]:
    """First and last day of the unbroken run of snapshots that hold every quoted sentence."""
    company, day = hit.snapshot.company, hit.snapshot.captured_on
    days = policy_index.companies[company].days
    holding = set(days)
    for sentence in hit.sentences[first : last + 1]:
        holding &= policy_index.corpus.days_with(company, sentence)
    begin = end = bisect_left(days, day)
    while begin > 0 and days[begin - 1] in holding:
        begin -= 1
    while end + 1 < len(days) and days[end + 1] in holding:
        end += 1
    return days[begin].isoformat(), days[end].isoformat()


def _section(heading: str) -> str:
    """The heading path as shown: capitals set as a sentence, the innermost last."""
    levels = heading.split(" › ") if heading else []
    return " › ".join(_calm(level.strip(" .:")) for level in levels)


def _calm(label: str) -> str:
    """A label in capitals as a sentence: "A. WHAT IS COLLECTED?" → "A. What is collected?"."""
    letters = [character for character in label if character.isalpha()]
    if len(letters) < 4 or not all(character.isupper() for character in letters):
        return label
    number, space, rest = label.partition(". ")
    if not space or len(number) > 4:
        return label.capitalize()
    return f"{number}. {rest.capitalize()}"
