"""What importing a real archive costs, and how fast answers over it are.

    POLICYCHAT_DATA=DIR python benchmarks/archive.py

DIR holds ``ota-pga-privacy-policies.bundle``. A store is built in a temporary folder: the archive
read and split alone, the full import in a process of its own, a second import of the same, warm
questions.
"""

import os
import platform
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from chatbot.bot import Chatbot
from index.encode import ensure_encoder, load_tokenizer
from index.sources import Source, git, read_source
from index.sources.source import Collapsed, Refusal
from index.split import split_snapshot
from index.types import Snapshot

ROOT = Path(__file__).parent.parent
BUNDLE = "ota-pga-privacy-policies.bundle"
NAMED = ["does TikTok sell my data?", "how do I delete my Reddit account?", "does X use cookies?"]
UNNAMED = ["how do I delete my account?", "is my data sold?", "who gets my location?"]
ROUNDS = 40


def main() -> None:
    data = os.environ.get("POLICYCHAT_DATA")
    if not data or not (Path(data) / BUNDLE).exists():
        sys.exit(f"skipped: POLICYCHAT_DATA must name a folder with {BUNDLE}")
    with tempfile.TemporaryDirectory() as temporary:
        archive, store = Path(temporary) / "pga.git", Path(temporary) / "store"
        bundle = str(Path(data).resolve() / BUNDLE)
        subprocess.run(["git", "clone", "--quiet", "--bare", bundle, archive], check=True)  # noqa: S607
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        print(f"{platform.machine()}, {os.cpu_count()} cores, commit {commit}")
        encoder = ensure_encoder(store / "encoders")
        read_and_split(archive, encoder)
        imported(archive, store, "full import")
        imported(archive, store, "second import, nothing new")
        bot = Chatbot.open(store)
        for what, questions in (("company named", NAMED), ("company not named", UNNAMED)):
            print(f"answer, {what}, p50        {median_answer(bot, questions) * 1000:8.1f} ms")


def read_and_split(archive: Path, encoder: Path) -> None:
    """Time both without embedding, then count what version by version would have embedded."""
    tokenizer = load_tokenizer(encoder)
    start = time.perf_counter()
    found = list(read_source(Source(archive)))
    read = time.perf_counter() - start
    keys: set[str] = set()
    places = 0
    snapshots = [item for item in found if isinstance(item, Snapshot)]
    for snapshot in snapshots:
        pairs = split_snapshot(snapshot, lambda text: not tokenizer.encode(text).overflowing)
        keys.update(passage.key for passage, _ in pairs)
        places += len(pairs)
    whole = time.perf_counter() - start
    kinds = {kind: sum(isinstance(i, kind) for i in found) for kind in (Collapsed, Refusal)}
    versions = sum(1 for _ in git.versions(archive, git.newest_commit(archive)))
    print(f"versions in the archive         {versions:8,}")
    print(f"snapshots kept                  {len(snapshots):8,}")
    print(f"collapsed, refused              {kinds[Collapsed]:8,} {kinds[Refusal]:6,}")
    print(f"read                            {read:8.1f} s")
    print(f"read and split                  {whole:8.1f} s")
    print(f"places of passages, unique      {places:8,} {len(keys):6,}  {places / len(keys):.1f}x")


def imported(archive: Path, store: Path, what: str) -> None:
    command = [sys.executable, "-m", "chatbot", "index", str(archive), "--store", str(store)]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"exit status {process.returncode}")
    seconds = time.perf_counter() - start
    print(f"{what:31} {seconds:8.1f} s, {used.ru_maxrss / 1024:,.0f} MB at most")
    print(f"  {re.sub(r'gen-.*', '', output.splitlines()[-1])}")


def median_answer(bot: Chatbot, questions: list[str]) -> float:
    for question in questions:
        bot.ask(question)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        bot.ask(random.choice(questions))  # noqa: S311  # no secret
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
