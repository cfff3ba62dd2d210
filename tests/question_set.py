"""The labelled questions of ``tests/data``: their check, their figures, and an index for them.

python tests/question_set.py check        every fault, one a line; exit 1 if there is any
python tests/question_set.py table        questions by split, company, behaviour and topic
python tests/question_set.py agreement    how far the two readers agree
python tests/question_set.py index STORE  an index of all policies that are asked about
python tests/question_set.py gate STORE   exit 1 if development falls below the baseline
python tests/question_set.py raise STORE  make what development reaches now the baseline
"""

import argparse
import csv
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache
from itertools import combinations, product
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from rapidfuzz import fuzz
from rich.console import Console
from rich.table import Column, Table
from scipy.stats import bootstrap
from sklearn.metrics import cohen_kappa_score

from chatbot.evaluation.files import evaluate_files
from chatbot.evaluation.intervals import SEED
from chatbot.evaluation.judge import within
from chatbot.evaluation.labelled import BEHAVIOURS, match_fold, read_questions
from index.build import BuildReport, build_index, recorded_sources
from index.errors import UserError
from index.sources import Source

DATA = Path(__file__).parent / "data"
POLICIES = DATA / "policies"
BASELINE = DATA / "baseline.json"
SLACK = 1  # question by which a measure may fall: another machine rounds otherwise
SEEDS = Path(__file__).parent.parent / "seeds"
SPLITS = {
    "sample": SEEDS / "questions.jsonl",  # for newcomers; its companies are development companies
    "dev": DATA / "questions-dev.jsonl",
    "test": DATA / "questions-test.jsonl",
}
LABELS = {"first": DATA / "labels-first.jsonl", "second": DATA / "labels-second.jsonl"}

TOPICS = frozenset(
    "sell share advertising opt_out delete correct access retention children cookies trackers "
    "location security breach payment health recordings transfer law_enforcement merger "
    "staff_access third_party_login changes contact refusing collect other".split()
)
KEYS = frozenset(
    "id question history company snapshot_date behaviour quotes missing polarity topic actions "
    "contested note".split()
)
LABEL_KEYS = KEYS - {"question", "history", "contested"} | {"searched"}
FIRST_LABELS = frozenset({"id", "behaviour", "company", "snapshot_date", "quotes"})
QUOTED = ("answer", "partly", "compare")
ABOUT_NOBODY = ("which_company", "unknown_company", "off_topic")
MAX_POLICY = 60_000  # bytes
MIN_QUESTIONS = 300
MIN_SILENT = 75  # of them ``not_stated``
NEAR_DUPLICATE = 88  # 0…100, of rapidfuzz.fuzz.token_sort_ratio without company names
SEARCHED = re.compile(r"^searched: (?P<words>(?:[^,;]+ \d+(?:, |; |$)){3,})")

Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    """The JSON objects of a file, one a line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def questions() -> dict[str, list[Row]]:
    """The questions of each split."""
    return {split: read_rows(path) for split, path in SPLITS.items()}


@cache
def policy(company: str, day: str) -> str:
    """The policy archived on that day, "" if there is none."""
    for folder, suffix in ((POLICIES, "md"), (SEEDS, "txt")):
        path = folder / f"{company}_{day}.{suffix}"
        if path.exists():
            return path.read_bytes().decode("utf-8-sig")
    return ""


def listed(value: Any) -> list[str]:  # noqa: ANN401  # whatever JSON holds
    """What may be written as null, one value or several."""
    return [] if value is None else value if isinstance(value, list) else [value]


def texts(row: Row) -> dict[tuple[str, str], str]:
    """The policies that a question is about, by company and day."""
    places = product(listed(row["company"]), listed(row["snapshot_date"]))
    return {place: text for place in places if (text := policy(*place))}


def faults() -> Iterator[str]:
    """Say everything that is wrong with the policies, the questions and the labels."""
    yield from _policy_faults()
    splits = questions()
    for split, rows in splits.items():
        _, problems = read_questions(SPLITS[split])
        yield from (f"{split}: {problem}" for problem in problems)
        for row in rows:
            if split != "sample":  # tests/test_questions.py checks that one
                yield from (f"{split} {row['id']}: {fault}" for fault in row_faults(row))
    yield from split_faults(splits)
    yield from _label_faults(splits)
    every = [*splits["dev"], *splits["test"]]
    silent = sum(row["behaviour"] == "not_stated" for row in every)
    if len(every) < MIN_QUESTIONS or silent < MIN_SILENT:
        yield f"{len(every)} questions, {silent} not_stated: too few"


def _policy_faults() -> Iterator[str]:
    with (DATA / "policies.csv").open(encoding="utf-8", newline="") as file:
        recorded = {row["file"]: row for row in csv.DictReader(file)}
    files = {path.name: path.read_bytes() for path in POLICIES.iterdir()}
    for name in recorded.keys() ^ files.keys():
        yield f"policies.csv and policies/ disagree about {name}"
    for name in recorded.keys() & files.keys():
        if hashlib.sha256(files[name]).hexdigest() != recorded[name]["sha256"]:
            yield f"{name} is not the text that policies.csv records"
        if len(files[name]) >= MAX_POLICY:
            yield f"{name} has {len(files[name]):,} bytes"
        if name.removesuffix(".md").split("_")[1] != recorded[name]["recorded_at"][:10]:
            yield f"{name} was recorded on another day"


def row_faults(row: Row) -> Iterator[str]:
    """Say what is wrong with one question by itself."""
    if row.keys() != KEYS:
        yield f"its keys are not {', '.join(sorted(KEYS))}"
        return
    behaviour, about = row["behaviour"], texts(row)
    if row["topic"] not in TOPICS:
        yield f"unknown topic {row['topic']!r}"
    if (behaviour == "partly") != bool(row["missing"]):
        yield "missing goes with partly and only with it"
    if (behaviour in QUOTED) != bool(row["quotes"]):
        yield "quotes go with answer, partly and compare and only with them"
    if (behaviour in ABOUT_NOBODY) != (row["company"] is None):
        yield "a company goes with every behaviour but those without one"
    days = {company for company, _ in about}
    if row["snapshot_date"] is not None and days != set(listed(row["company"])):
        yield "one of its companies has no policy of its days"
    for quote in row["quotes"]:
        if not any(quote in text for text in about.values()):
            yield f"this quote stands in no policy of its company and day: {quote[:80]!r}"
    if behaviour == "not_stated" and row["snapshot_date"] is not None:
        yield from _search_faults(row, about)


def _search_faults(row: Row, about: dict[tuple[str, str], str]) -> Iterator[str]:
    """Whether the note says what was searched for, and what the search finds."""
    search = SEARCHED.match(row["note"])
    if search is None:
        yield 'its note does not begin with "searched: WORD HITS, WORD HITS, WORD HITS"'
        return
    for entry in filter(None, re.split(r"[,;] ?", search["words"])):
        word, hits = entry.rsplit(" ", 1)
        if hits_of(word, about.values()) != int(hits):
            yield f"{word!r} is found {hits_of(word, about.values())} times, not {hits}"


def hits_of(word: str, policies: Iterable[str]) -> int:
    """How often a word, or a beginning of words, stands in policies, whatever its case."""
    return sum(text.lower().count(word.lower()) for text in policies)


def split_faults(splits: dict[str, list[Row]]) -> Iterator[str]:
    """Whether anything of one split stands in the other, or anything twice."""
    companies = {
        split: {company for row in rows for company in listed(row["company"])}
        for split, rows in splits.items()
    }
    for company in companies["test"] & (companies["dev"] | companies["sample"]):
        yield f"{company} is in test and not only there"
    names = sorted(set().union(*companies.values()), key=len, reverse=True)
    every = [
        (split, row, _without_names(row, names)) for split, rows in splits.items() for row in rows
    ]
    for name, times in Counter(row["id"] for _, row, _ in every).items():
        if times > 1:
            yield f"the id {name} is there {times} times"
    for (split, one, text), (other, two, same) in combinations(every, 2):
        alike = fuzz.token_sort_ratio(text, same)
        if alike >= NEAR_DUPLICATE and "test" in (split, other) and split != other:
            yield f"{split} {one['id']} and {other} {two['id']} ask nearly the same: {text!r}"
        if alike == 100 and (one["company"], one["history"]) == (two["company"], two["history"]):
            yield f"{one['id']} and {two['id']} ask the same: {text!r}"


def _without_names(row: Row, names: list[str]) -> str:
    """The words of a question that are no company's name."""
    labels = {name.split(".")[0] for name in names} | set(names)
    words = re.findall(r"[\w.]+", match_fold(row["question"]))
    return " ".join(word for word in words if word.strip(".") not in labels)


def _label_faults(splits: dict[str, list[Row]]) -> Iterator[str]:
    """Whether both readers labelled every question, and where gold departs from both."""
    asked = {row["id"]: row for rows in splits.values() for row in rows}
    labels = {reader: {row["id"]: row for row in read_rows(LABELS[reader])} for reader in LABELS}
    for reader, rows in labels.items():
        for name in asked.keys() ^ rows.keys():
            yield f"the {reader} reader and the questions disagree about {name}"
        for name, row in rows.items():
            if not FIRST_LABELS <= row.keys() <= LABEL_KEYS:
                yield f"{reader} {name}: its keys are not {', '.join(sorted(LABEL_KEYS))}"
    for name, row in asked.items():
        said = {rows[name]["behaviour"] for rows in labels.values() if name in rows}
        if row["behaviour"] not in said and "settled:" not in row["note"]:
            yield f"{name}: neither reader says {row['behaviour']}, and its note gives no reason"


def characters(row: Row) -> set[tuple[str, str, int]]:
    """Every character that a label's quotes cover, wherever they stand."""
    covered = set()
    for (company, day), text in texts(row).items():
        for quote in row["quotes"]:
            start = text.find(quote)
            while start >= 0:
                covered |= {(company, day, at) for at in range(start, start + len(quote))}
                start = text.find(quote, start + 1)
    return covered


def span_f1(first: Row, second: Row) -> float | None:
    """F1 of the characters that two readers quote; None where neither quotes any."""
    one, other = characters(first), characters(second)
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else None


def _kappa_with_interval(rows: list[Row], said: list[tuple[str, str]]) -> str:
    """Cohen's kappa and its 95 % percentile bootstrap interval over whole companies."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for row, pair in zip(rows, said, strict=True):
        groups.setdefault(" ".join(listed(row["company"])) or row["id"], []).append(pair)
    clusters = list(groups.values())

    def kappa(drawn: Iterable[int]) -> float:
        return float(cohen_kappa_score(*zip(*(p for d in drawn for p in clusters[d]), strict=True)))

    interval = bootstrap(
        (np.arange(len(clusters)),),
        kappa,
        vectorized=False,
        n_resamples=500,
        method="percentile",
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    return f"{kappa(range(len(clusters))):.3f} ({interval.low:.2f} – {interval.high:.2f})"


def agreement(console: Console) -> None:
    """Print how far the two readers agree, before anything was settled."""
    first, second = ({row["id"]: row for row in read_rows(path)} for path in LABELS.values())
    table = Table("", "questions", "same behaviour", "kappa", "span F1", "n", "one passage shared")
    splits = questions()
    splits["all"] = [row for rows in splits.values() for row in rows]
    for split, rows in splits.items():
        pairs = [(first[row["id"]], second[row["id"]]) for row in rows]
        said = [(one["behaviour"], other["behaviour"]) for one, other in pairs]
        spans = [
            (row, f1)
            for row, (one, other) in zip(rows, pairs, strict=True)
            if one["quotes"] and other["quotes"] and (f1 := span_f1(one, other)) is not None
        ]
        table.add_row(
            split,
            str(len(rows)),
            f"{fmean(one == other for one, other in said):.3f}",
            _kappa_with_interval(rows, said),
            f"{fmean(f1 for _, f1 in spans):.3f}",
            str(len(spans)),
            f"{fmean(f1 > 0 for _, f1 in spans):.3f}",
        )
    console.print(table)
    console.print("Behaviours: first reader down, second reader across")
    matrix = Table("", *map(_spaced, BEHAVIOURS))
    said_both = Counter((first[name]["behaviour"], second[name]["behaviour"]) for name in first)
    for behaviour in BEHAVIOURS:
        matrix.add_row(
            _spaced(behaviour), *(str(said_both[behaviour, b] or "·") for b in BEHAVIOURS)
        )
    console.print(matrix)


def _spaced(behaviour: str) -> str:
    return behaviour.replace("_", " ")


def table(console: Console) -> None:
    """Print how many questions there are, by split, company, behaviour and topic."""
    for path in SPLITS.values():
        console.print(
            f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}", soft_wrap=True
        )
    splits = {split: rows for split, rows in questions().items() if split != "sample"}
    kinds: dict[str, Callable[[Row], str]] = {
        "Company": lambda row: (
            "several" if len(listed(row["company"])) > 1 else row["company"] or "none"
        ),
        "Topic": lambda row: row["topic"],
    }
    for title, kind in kinds.items():
        shown = Table(
            Column(title, no_wrap=True), "Split", *map(_spaced, BEHAVIOURS), "all", "contested"
        )
        for split, rows in splits.items():
            groups = sorted({kind(row) for row in rows})
            for group in [*groups, "all"]:
                of_group = [row for row in rows if group in ("all", kind(row))]
                counts = Counter(row["behaviour"] for row in of_group)
                shown.add_row(
                    group,
                    split,
                    *(str(counts[behaviour] or "·") for behaviour in BEHAVIOURS),
                    str(len(of_group)),
                    str(sum(row["contested"] for row in of_group) or "·"),
                    end_section=group == "all",
                )
        console.print(shown)


def sources() -> list[Source]:
    """The policies, whose names say company and day, and the seeds."""
    found = [Source(SEEDS)]
    for path in sorted(POLICIES.glob("*.md")):
        company, day = path.stem.split("_")
        found.append(Source(path, company, date.fromisoformat(day)))
    return found


def refresh(store: Path) -> BuildReport:
    """Bring an index up to date; what it held of other policies goes."""
    wanted = sources()
    known = {source.path for source in wanted}
    gone = [source.path for source in recorded_sources(store) if source.path not in known]
    return build_index(store, wanted, remove=gone)


def reached(store: Path) -> dict[str, int]:
    """How many development questions come out right, by measure; the index is refreshed first."""
    refresh(store)
    report = evaluate_files([SPLITS["dev"]], store)
    return {
        "questions": len(report.counted),
        "passage among the first three": sum(within(r.search_rank, 3) for r in report.counted),
        "right behaviour": sum(bool(r.behaves) for r in report.counted),
        "every citation valid": sum(all(r.valid) for r in report.counted),
    }


def falls(baseline: dict[str, int], now: dict[str, int]) -> list[str]:
    """Say which measures are below the baseline by more than the slack."""
    if baseline["questions"] != now["questions"]:
        return [f"there are {now['questions']} questions, not {baseline['questions']}: raise it"]
    return [
        f"{name}: {now[name]} questions, {before} before"
        for name, before in baseline.items()
        if now[name] < before - SLACK
    ]


def check(console: Console) -> int:
    """Print every fault; 1 where there is one."""
    found = list(faults())
    for fault in found:
        console.print(fault, markup=False, soft_wrap=True)
    console.print(f"{len(found)} faults")
    return 1 if found else 0


def gate(console: Console, store: Path) -> int:
    """Print what the development questions reach; 1 where that is below the baseline."""
    now = reached(store)
    console.print(f"development: {now}", soft_wrap=True)
    below = falls(json.loads(BASELINE.read_text("utf-8")), now)
    for fall in below:
        console.print(f"below the baseline: {fall}", soft_wrap=True)
    return 1 if below else 0


def raise_baseline(console: Console, store: Path) -> None:
    """Make what the development questions reach now what they must reach."""
    now = reached(store)
    BASELINE.write_text(f"{json.dumps(now, indent=2)}\n", encoding="utf-8")
    console.print(f"baseline: {now}", soft_wrap=True)


def index(console: Console, store: Path) -> None:
    """Build an index of all policies that are asked about."""
    report = refresh(store)
    console.print(f"{report.generation}: {report.passages:,} passages")


ON_DATA = {"check": check, "table": table, "agreement": agreement}
ON_STORE = {"index": index, "gate": gate, "raise": raise_baseline}


def main() -> int:
    """Run one command; 1 where it finds a fault."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ON_DATA:
        commands.add_parser(name)
    for name in ON_STORE:
        commands.add_parser(name).add_argument("store", type=Path)
    arguments = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=120)
    if arguments.command in ON_DATA:
        return ON_DATA[arguments.command](console) or 0
    try:
        return ON_STORE[arguments.command](console, arguments.store) or 0
    except (UserError, OSError) as error:
        console.print(str(error), soft_wrap=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
