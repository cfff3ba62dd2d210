"""How often ``policychat check`` is right about what a policy does not say, and where it errs.

    python benchmarks/check.py

compares it with ``tests/data/topics.jsonl`` and ``contradictions.jsonl``, what a reader found in
the five policies of ``seeds/``. What is arguable is left out of the first table's counts. Each
policy gets an index of its own in a temporary folder, so that each is the newest.
"""

import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from machine import machine

from chatbot.bot import Chatbot
from chatbot.check import PolicyCheck, check_policy
from chatbot.contradictions import Contradiction
from index.build import build_index
from index.encode import Encoder
from index.policy_index import open_index
from index.sources import Source
from index.store import encoder_folder

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"


def main() -> None:
    checks = checked()
    print(machine())
    counts: Counter[tuple[bool, bool]] = Counter()  # (said, found to be said)
    for row in rows("topics.jsonl"):
        check = checks[row["company"], row["snapshot_date"]]
        (found,) = (one for one in check.topics if one.topic == row["topic"])
        if row["said"] is None:
            continue
        counts[row["said"], found.behaviour != "not_stated"] += 1
        if row["said"] != (found.behaviour != "not_stated"):
            verdict = "found, but not said" if not row["said"] else "said, but not found"
            print(f"  {row['company']} {row['snapshot_date']} {row['topic']}: {verdict}")
    silent, told = counts[False, False], counts[False, False] + counts[True, False]
    truly = counts[False, False] + counts[False, True]
    print(f"“does not say”: precision {share(silent, told)}, recall {share(silent, truly)}")
    print(f"what is said is found: {share(counts[True, True], counts.total() - truly)}")
    gold = list(rows("contradictions.jsonl"))
    pairs = [(key, pair) for key, check in checks.items() for pair in check.contradictions]
    hits = [row for row in gold if any(same(row, key, pair) for key, pair in pairs)]
    plain = [row for row in gold if not row["contested"]]
    true = [one for one in pairs if any(same(row, *one) for row in plain)]
    right = [one for one in pairs if any(same(row, *one) for row in gold)]
    print(f"contradictions: precision {share(len(true), len(pairs))}", end=", ")
    print(f"{share(len(right), len(pairs))} with what is arguable", end="; ")
    print(f"recall {share(len([row for row in plain if row in hits]), len(plain))}", end=", ")
    print(f"{share(len(hits), len(gold))} with what is arguable")


def checked() -> dict[tuple[str, str], PolicyCheck]:
    """Every seed's check, by company and day."""
    checks = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        before: list[Path] = []
        for path in sorted((ROOT / "seeds").glob("*.txt")):
            build_index(store, [Source(path)], remove=before)
            before = [path]
            policy_index = open_index(store)
            bot = Chatbot(policy_index, Encoder(encoder_folder(store, policy_index.manifest)))
            (company,) = bot.policies()
            check = check_policy(policy_index, bot, company.company)
            checks[check.company, check.date] = check
    return checks


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def same(row: dict[str, Any], key: tuple[str, str], pair: Contradiction) -> bool:
    """Whether a pair quotes both places of a labelled contradiction."""
    if (row["company"], row["snapshot_date"]) != key:
        return False
    places = [pair.yes.quote, pair.no.quote]
    return all(any(quote in place or place in quote for place in places) for quote in row["quotes"])


def share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {part / whole:.3f}" if whole else "none"


if __name__ == "__main__":
    main()
