"""What the index survives: kills, damage, and being replaced under load.

    python benchmarks/survive.py [kills] [bytes] [swaps]

runs all three without a name. Each works on a store of its own in a temporary folder: a few
policies of which every text, in every generation, names the edition that it belongs to, so that a
mixture of two generations would show.
"""

import http.client
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

from machine import machine

import index.build
import index.encode
import index.store
from index.build import build_index
from index.encode import DESCRIPTION_FILE, MODEL_FILE, TOKENIZER_FILE, Encoder, sha256_of
from index.errors import UserError
from index.policy_index import open_index
from index.sources import Source
from index.store import (
    CURRENT,
    MANIFEST,
    current_generation,
    encoder_folder,
    read_manifest,
    verify,
)

ROOT = Path(__file__).parent.parent
EDITIONS = ("aardvark", "bumblebee", "chameleon")  # no stem of one is that of another
COMPANIES = ("acme.com", "bolt.com", "cord.com")
KILLS, CHANGES, SWAPS, LOAD_SECONDS, CLIENTS = 200, 1_000, 10, 60, 4
ENCODER_FILES = tuple(f"/{name}" for name in (DESCRIPTION_FILE, MODEL_FILE, TOKENIZER_FILE))
SEED = 8
FORK = multiprocessing.get_context("fork")


def main() -> None:
    print(machine())
    measures = {"kills": kills, "bytes": changes, "swaps": swaps}
    for name in sys.argv[1:] or measures:
        with tempfile.TemporaryDirectory() as folder:
            measures[name](Path(folder))


def write_edition(sources: Path, edition: str) -> None:
    sources.mkdir(exist_ok=True)
    for company in COMPANIES:
        words = "\n\n".join(
            f"## Part {part} of {edition}\n\nThe {edition} edition says that {company} keeps your "
            f"personal information for {part} days. By {edition} we share it with nobody."
            for part in range(2, 12)
        )
        header = (
            f"> *The following text is extracted and transformed from the {company} privacy policy "
            "that was archived on 2020-01-01. Please check the [original snapshot on the Wayback "
            "Machine](https://web.archive.org/web/20200101000000id_/http%3A//"
            f"{company}/privacy) for the most accurate reproduction.*\n\n"
        )
        (sources / f"{company}.txt").write_text(f"{header}# Privacy\n\n{words}\n", "utf-8")


def built(folder: Path) -> tuple[Path, Path]:
    """A store that has seen every edition once, so that its embeddings are known; its sources."""
    store, sources = folder / "store", folder / "sources"
    for edition in EDITIONS:
        write_edition(sources, edition)
        build_index(store, [Source(sources)])
    return store, sources


def edition_of(store: Path) -> tuple[str, str]:
    """The generation and the one edition of which all that it holds is.

    Raises RuntimeError when they mix.
    """
    opened = open_index(store)
    texts = [opened.corpus.passage(row).text for row in range(len(opened.vectors))]
    texts += [
        opened.snapshot(c.company, day).text for c in opened.companies.values() for day in c.days
    ]
    seen = {edition for edition in EDITIONS for text in texts if edition in text}
    words = {e for e in EDITIONS if any(term.startswith(e[:6]) for term in opened.bm25.vocab_dict)}
    same = all(
        (opened.faiss.reconstruct(row) == opened.vectors[row]).all()
        for row in range(len(opened.vectors))
    )
    if len(seen) != 1 or words != seen or not same:
        raise RuntimeError(f"{opened.name} mixes {seen} and {words}")
    return opened.name, seen.pop()


# --- Kills ----------------------------------------------------------------------------------------


def kills(folder: Path) -> None:
    store, sources = built(folder)
    notes, stop = folder / "notes", FORK.Event()
    notes.mkdir()
    readers = [FORK.Process(target=read, args=(store, notes, stop), daemon=True) for _ in range(2)]
    for reader in readers:
        reader.start()
    chance = random.Random(SEED)  # noqa: S311  # repeatable
    encoder = Encoder(encoder_folder(store, verify(store)), threads=1)
    counted = count_boundaries(folder, store, sources, encoder)
    landed = {"at random": 0, "at a boundary": 0}  # a run may be over before its signal comes
    loadable = dict(landed)
    runs = dict(landed)

    def kill(kind: str, end: Callable[..., object], boundary: int | None = None) -> None:
        write_edition(sources, EDITIONS[sum(runs.values()) % 3])
        killed = run_killed(store, sources, encoder, end, boundary) == -signal.SIGKILL
        whole = is_loadable(store)
        runs[kind] += 1
        landed[kind] += killed
        loadable[kind] += killed and whole

    for boundary in range(counted):
        kill("at a boundary", lambda child: child.join(), boundary)
    whole_run = 0.0
    while landed["at random"] < KILLS:
        if runs["at random"] % 20 == 0:  # how long a run takes depends on what else there is to do
            write_edition(sources, EDITIONS[(sum(runs.values()) + 1) % 3])
            started = time.perf_counter()
            run_killed(store, sources, encoder, lambda child: child.join())
            whole_run = time.perf_counter() - started
            print(f"{landed['at random']} of {KILLS}", file=sys.stderr, flush=True)
        delay = chance.uniform(0, whole_run)
        kill("at random", lambda child, delay=delay: kill_after(child, delay))
    stop.set()
    for reader in readers:
        reader.join()
    write_edition(sources, EDITIONS[sum(runs.values()) % 3])
    finished = build_index(store, [Source(sources)]).generation == edition_of(store)[0]
    left = left_behind(store)
    reads = [json.loads(line) for p in notes.iterdir() for line in p.read_text().splitlines()]
    errors = [read["error"] for read in reads if "error" in read]
    pairs = {(read["generation"], read["edition"]) for read in reads if "edition" in read}
    mixed = len(pairs) - len({generation for generation, _ in pairs})
    for kind, count in landed.items():
        print(
            f"SIGKILL {kind}: {count} landed in {runs[kind]} runs, "
            f"{loadable[kind]} loadable after them"
        )
    print(f"two readers meanwhile: {len(reads)} openings, {len(errors)} refused, {mixed} mixed")
    for error in sorted(set(errors))[:5]:
        print(f"  {error}")
    print(f"the next run finishes: {finished}; left behind: {', '.join(left) or 'nothing'}")


def left_behind(store: Path) -> list[str]:
    """Whatever stands in a store beside its generations, its encoder, its cache and its lock."""
    expected = {CURRENT, ".lock", "embeddings", "encoders"}
    for generation in store.glob("gen-*"):
        files = {MANIFEST, *read_manifest(generation).files}
        expected |= {f"{generation.name}/{name}" for name in files}
        expected |= {generation.name, f"{generation.name}/bm25"}
    encoder = encoder_folder(store, verify(store))
    expected |= {f"encoders/{encoder.name}{file}" for file in ("", *ENCODER_FILES)}
    expected |= {f"embeddings/{encoder.name}.sqlite"}
    return sorted({p.relative_to(store).as_posix() for p in store.rglob("*")} - expected)


def run_killed(
    store: Path,
    sources: Path,
    encoder: Encoder,
    end: Callable[..., object],
    boundary: int | None = None,
) -> int | None:
    child = FORK.Process(target=build_until, args=(store, sources, encoder, boundary))
    child.start()
    end(child)
    child.join()
    return child.exitcode


def kill_after(child: multiprocessing.process.BaseProcess, delay: float) -> None:
    child.join(delay)
    child.kill()


def build_until(
    store: Path, sources: Path, encoder: Encoder, boundary: int | None, count: Path | None = None
) -> None:
    """Build; die by SIGKILL just before the store is touched for the ``boundary``-th time."""
    touched = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal touched
        if event.startswith(("open", "os.", "sqlite3.")) and str(store) in str(arguments[:2]):
            if touched == boundary:
                os.kill(os.getpid(), signal.SIGKILL)
            touched += 1

    sys.addaudithook(watch)
    # The encoder was loaded once, before this process was forked: a run is a quarter as long.
    index.build.ensure_encoder = lambda encoders: encoders
    index.build.Encoder = lambda folder, **threads: encoder
    build_index(store, [Source(sources)])
    if count:
        number = touched
        count.write_text(str(number))


def count_boundaries(folder: Path, store: Path, sources: Path, encoder: Encoder) -> int:
    write_edition(sources, EDITIONS[1])
    counter = folder / "count"
    child = FORK.Process(target=build_until, args=(store, sources, encoder, None, counter))
    child.start()
    child.join()
    return int(counter.read_text())


def is_loadable(store: Path) -> bool:
    try:
        edition_of(store)
    except (UserError, RuntimeError, OSError) as error:
        print(f"  not loadable: {error}")
        return False
    return True


def read(store: Path, notes: Path, stop: threading.Event) -> None:
    with (notes / str(os.getpid())).open("w") as file:
        while not stop.is_set():
            try:
                generation, edition = edition_of(store)
                note = {"generation": generation, "edition": edition}
            except Exception as error:
                note = {"error": f"{type(error).__name__}: {error}"}
            file.write(json.dumps(note) + "\n")
            file.flush()


# --- Damage ---------------------------------------------------------------------------------------


def changes(folder: Path) -> None:
    store, _ = built(folder)
    generation = current_generation(store)
    encoder = encoder_folder(store, verify(store))
    files = [store / CURRENT, generation / MANIFEST]
    files += [p for p in sorted(generation.rglob("*")) if p.is_file() and p.name != MANIFEST]
    files += sorted(encoder.iterdir())
    chance = random.Random(SEED)  # noqa: S311  # repeatable
    written: Counter[Path] = Counter()

    @cache
    def hashed(path: Path, times_written: int) -> str:
        return sha256_of(path)

    # Each check computes a hash of every file, the model's 90 MB too. What was not written since
    # has the hash that it had; what was, is hashed anew.
    index.store.sha256_of = index.encode.sha256_of = lambda path: hashed(path, written[path])
    print(f"{'one byte changed in':<28} {'changes':>8} {'named':>8} {'refused':>8}")
    for path in files:
        named = refused = 0
        size = path.stat().st_size
        with path.open("r+b", buffering=0) as file:
            for _ in range(CHANGES):
                place = chance.randrange(size)
                file.seek(place)
                before = file.read(1)
                file.seek(place)
                file.write(bytes([before[0] ^ chance.randrange(1, 256)]))
                written[path] += 1
                named += str(path) in failure(lambda: verify(store))
                if encoder in path.parents:
                    refused += bool(failure(lambda: Encoder(encoder)))
                else:
                    refused += bool(failure(lambda: open_index(store)))
                file.seek(place)
                file.write(before)
                written[path] += 1
        shown = path.relative_to(encoder if encoder in path.parents else store)
        name = str(shown).removeprefix(f"{generation.name}/")
        print(f"{name:<28} {CHANGES:>8} {named:>8} {refused:>8}", flush=True)
    index.store.sha256_of = index.encode.sha256_of = sha256_of
    verify(store)


def failure(action: Callable[[], object]) -> str:
    """The one line with which it is refused, "" where it is not."""
    try:
        action()
    except UserError as error:
        return str(error)
    return ""


# --- Swaps ----------------------------------------------------------------------------------------


def swaps(folder: Path) -> None:
    store, sources = built(folder)
    editions = {current_generation(store).name: EDITIONS[-1]}
    command = [sys.executable, "-m", "chatbot", "serve", "--store", str(store), "--port", "0"]
    environment = {**os.environ, "POLICYCHAT_RATE": "off"}
    answers: list[tuple[float, int, str, str]] = []  # when, status, generation, all it quotes
    orders, wanted = FORK.Pipe(duplex=False)
    builder = FORK.Process(target=publish_editions, args=(store, sources, orders), daemon=True)
    builder.start()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as server:
        try:
            line = server.stdout.readline() if server.stdout else ""
            address = next(word for word in line.split() if "://" in word).removeprefix("http://")
            started, over = time.monotonic(), threading.Event()
            clients = [
                threading.Thread(target=ask_until, args=(address, over, answers))
                for _ in range(CLIENTS)
            ]
            for client in clients:
                client.start()
            published = []
            for number in range(SWAPS):
                edition = EDITIONS[number % 3]
                before = (store / CURRENT).stat().st_ino
                wanted.send(edition)
                while (store / CURRENT).stat().st_ino == before and builder.is_alive():
                    time.sleep(0.005)
                published.append((time.monotonic(), current_generation(store).name))
                editions[published[-1][1]] = edition
                # Where a build takes longer, so does the whole.
                next_one = max(started + LOAD_SECONDS * (number + 1) / SWAPS, published[-1][0] + 3)
                time.sleep(max(0.0, next_one - time.monotonic()))
            over.set()
            lasted = time.monotonic() - started
            for client in clients:
                client.join()
        finally:
            server.terminate()
    failed = sum(status != 200 for _, status, _, _ in answers)
    mixed = sum(
        status == 200 and {e for e in EDITIONS if e in quotes} != {editions.get(generation)}
        for _, status, generation, quotes in answers
    )
    times = []
    for when, name in published:
        served = [at for at, _, generation, _ in answers if generation == name and at >= when]
        times.append(min(served) - when if served else float("inf"))
    print(f"{SWAPS} swaps in {lasted:.0f} s under {CLIENTS} clients: {len(answers)} answers")
    print(
        f"failed {failed}, mixed {mixed}; new generation served after "
        f"{sorted(times)[len(times) // 2]:.2f} s (median), {max(times):.2f} s (longest)"
    )


def publish_editions(store: Path, sources: Path, orders: Connection) -> None:
    """What `policychat index` does, in a process of its own, for every edition that is ordered."""
    while True:
        write_edition(sources, orders.recv())
        build_index(store, [Source(sources)])


def ask_until(
    address: str, over: threading.Event, answers: list[tuple[float, int, str, str]]
) -> None:
    body = json.dumps({"question": "how long does Acme keep my personal information?"})
    connection = http.client.HTTPConnection(address, timeout=30)
    while not over.is_set():
        try:
            connection.request("POST", "/api/v1/ask", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = json.loads(response.read())
            quotes = " ".join(c["quote"] for c in content.get("citations", []))
            found = (response.status, content.get("generation", ""), quotes)
        except (OSError, ValueError, http.client.HTTPException) as error:
            connection.close()
            found = (0, "", str(error))
        answers.append((time.monotonic(), *found))


if __name__ == "__main__":
    main()
