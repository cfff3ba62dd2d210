"""The steps from sources to a published generation, in order."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import cast

import bm25s
import faiss
import numpy as np

from index.aliases import Aliases, read_aliases
from index.cache import EmbeddingCache
from index.corpus import Corpus, SourcedSnapshot, write_corpus
from index.durable import write_document
from index.encode import DIMENSIONS, NAME, WEIGHTS_SHA256, Encoder, ensure_encoder
from index.encode import MAX_TOKENS as ENCODER_TOKENS
from index.nearest import (
    MEASURED_ON,
    Nearest,
    build_faiss,
    kept_as,
    kind_for,
    measured_recall,
)
from index.sentences import sentence_spans
from index.sources import (
    PRIVACY_POLICY,
    Collapsed,
    Form,
    Found,
    Refusal,
    Source,
    SourceError,
    moment,
    open_source,
    parse_date,
)
from index.split import MAX_CHARACTERS, Splitter
from index.store import (
    FORMAT,
    READING,
    TAKEN_OVER,
    Manifest,
    StoreError,
    building,
    check_clock,
    digest_of,
    newest_whole_generation,
    published_manifest,
    read_manifest,
    write_generation,
)
from index.types import FloatMatrix, Occurrence, Passage, Sentence
from index.words import FINGERPRINT, fold, terms

SETTINGS: dict[str, int | str] = {
    "max_characters": MAX_CHARACTERS,
    "max_tokens": ENCODER_TOKENS,
    "reading": READING,
    "words": FINGERPRINT,
}
SINCE_FORMAT_2: dict[str, str | None] = {
    "form": "auto",
    "only": None,
    "since": None,
    "terms_type": PRIVACY_POLICY,
    "until": None,
}
Progress = Callable[[str, int, int], None]  # step, done, of how many


@dataclass(slots=True)
class BuildReport:
    """What a build did; snapshots are named by their ids."""

    generation: str = ""
    is_new: bool = False
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    collapsed: list[str] = field(default_factory=list)  # "id: why another was kept"
    repeated: list[Collapsed] = field(default_factory=list)  # versions that are no policies
    refused: list[Refusal] = field(default_factory=list)
    versions: int = 0  # read, of archives and files
    passages: int = 0  # unique
    occurrences: int = 0
    embedded: int = 0  # texts that were not in the cache
    reused: int = 0  # texts that were
    seconds: float = 0.0
    repaired: str = ""  # what was damaged, and what this build did about it


def build_index(
    store: Path,
    sources: Sequence[Source],
    *,
    remove: Sequence[Path] = (),
    progress: Progress = lambda step, done, total: None,
) -> BuildReport:
    """Read ``sources`` anew, forget those of ``remove``, and publish all that is then known.

    Raises SourceError or StoreError; the generation served before goes on being served.
    """
    report = BuildReport()
    began = time.monotonic()
    with building(store):
        check_clock(store)
        sources = list({source.id: source for source in sources}.values())
        recorded, before = _recorded(store)
        folder, _ = newest_whole_generation(store)
        old = read_manifest(folder, TAKEN_OVER) if folder else None
        states = _states(old, recorded)
        lost, report.repaired = _lost(store)
        read_before = set(recorded)
        recorded = _with_lost(recorded, lost)
        forgotten = {source.id for source in recorded if source.path in remove}
        for path in remove:
            if path not in {source.path for source in recorded}:
                raise SourceError(f"{path} is no source of this index, so it cannot be removed")
        named = {source.id for source in sources}
        sources += [s for s in lost if s.id not in named | forgotten]
        given = {source.id: source for source in sources}
        known = [given.get(s.id, s) for s in recorded if s.id not in forgotten]
        known += [source for source in sources if source.id not in {s.id for s in known}]
        carried = [s for s in before if s.source not in forgotten | given.keys()]
        brought: list[SourcedSnapshot] = [*carried]
        for source in sources:
            state = states.get(source.id, "") if source in read_before else ""
            reading = open_source(source, state)
            if reading.again is not None:
                brought += [
                    s for s in before if s.source == source.id and s.origin not in reading.again
                ]
            brought += _read(source, reading.found, report, progress)
            states[source.id] = reading.state
        aliases = read_aliases(store)
        brought = _one_a_day(_named(brought, aliases), [s.id for s in known], aliases, report)
        served = [s for s in brought if s.served]
        if not served:
            raise SourceError("nothing is left to index; name a folder with policies in it")
        _compare([s for s in before if s.served], served, report)
        records = _records(known, brought, states)
        others = [f"alias {company} {names}" for company, names in sorted(aliases.others.items())]
        settings = {**SETTINGS, "aliases": digest_of(others)}
        if old and brought == before and records == old.sources and settings == old.settings:
            # Nothing is new: neither split nor embed, only make sure that it is what is served.
            _count(report, old)
            report.generation, report.is_new = write_generation(
                store, replace(old, files={}), lambda target: None
            )
            report.seconds = time.monotonic() - began
            return report

        encoder = Encoder(
            ensure_encoder(store / "encoders"), threads=1, workers=min(4, os.cpu_count() or 1)
        )
        passages, occurrences = _split(served, encoder.fits, progress)
        sentences = _sentences(passages)
        cache = EmbeddingCache(store / "embeddings", WEIGHTS_SHA256)
        kept = kept_as(len(passages))
        vectors, computed = cache.encode(
            [passage.embedded for passage in passages],
            encoder.encode,
            _stepped(progress, "passages", len(passages)),
            kept,
        )
        sentence_vectors, computed_too = cache.encode(
            [sentence_text(passages[s.row], s) for s in sentences],
            encoder.encode,
            _stepped(progress, "sentences", len(sentences)),
            kept,
        )
        cache.close()

        def write_files(target: Path) -> None:
            write_corpus(
                target / "corpus.sqlite", brought, passages, occurrences, sentences, aliases.others
            )
            np.save(target / "vectors.npy", vectors)
            np.save(target / "sentences.npy", sentence_vectors)
            _write_faiss(target, vectors, sentence_vectors)
            index_words(passages).save(target / "bm25")

        manifest = _manifest(brought, passages, occurrences, sentences, records, settings)
        report.generation, report.is_new = write_generation(store, manifest, write_files)
    _count(report, manifest)
    report.embedded = computed + computed_too
    report.reused = len(passages) + len(sentences) - report.embedded
    report.seconds = time.monotonic() - began
    return report


def recorded_sources(store: Path) -> list[Source]:
    """The folders and files that the current generation was made of; none without an index."""
    recorded, _ = _recorded(store)
    lost, _ = _lost(store)
    return _with_lost(recorded, lost)


def sentence_text(passage: Passage, sentence: Sentence) -> str:
    """What is embedded of a sentence: its heading says what it is about."""
    heading = passage.heading.rsplit(" › ", 1)[-1]
    text = passage.text[sentence.start : sentence.end]
    return f"{heading}: {text}" if heading else text


def _recorded(store: Path) -> tuple[list[Source], list[SourcedSnapshot]]:
    """Sources and snapshots of the newest generation that is whole; none without one."""
    folder, _ = newest_whole_generation(store)
    if folder is None:
        return [], []
    manifest = read_manifest(folder, TAKEN_OVER)
    # What format 1 did not record was not to be had yet.
    lacking = SINCE_FORMAT_2 if manifest.format == 1 else {}
    sources = [_source(lacking | record) for record in manifest.sources]
    corpus = Corpus(folder / "corpus.sqlite")
    snapshots = list(corpus.sourced_snapshots(manifest.format))
    corpus.close()
    return sources, snapshots


def _lost(store: Path) -> tuple[list[Source], str]:
    """The sources to read again because the current generation is damaged, and what to say of it.

    Its manifest, where that is whole, still names them, and how far each had been read.
    """
    folder, damage = newest_whole_generation(store)
    if not damage:
        return [], ""
    instead = f"went on from {folder.name}" if folder else "made it anew"
    damage = f"{damage.removesuffix('; run: policychat index')}: {instead}"
    published = published_manifest(store)
    if published is None:
        return [], f"{damage}; add again what was added since"
    before = read_manifest(folder, TAKEN_OVER).sources if folder else []
    return [_source(s) for s in published.sources if s not in before], damage


def _with_lost(recorded: Sequence[Source], lost: Sequence[Source]) -> list[Source]:
    """The recorded sources as they were published last, and those that came after them."""
    newer = {source.id: source for source in lost}
    known = {source.id for source in recorded}
    return [
        *(newer.get(source.id, source) for source in recorded),
        *(source for source in lost if source.id not in known),
    ]


def _source(record: dict[str, str | None]) -> Source:
    """A source as the manifest records it."""

    def day(key: str) -> date | None:
        value = record[key]
        return parse_date(value) if value else None

    return Source(
        Path(str(record["path"])),
        record["company"],
        day("captured_on"),
        record["url"],
        cast("Form", record["form"]),
        record["only"],
        str(record["terms_type"]),
        day("since"),
        day("until"),
    )


def _states(old: Manifest | None, recorded: Sequence[Source]) -> dict[str, str]:
    """Source → how far it was read; nothing where it was read otherwise than now."""
    if old is None or old.settings.get("reading") != READING:
        return {}
    pairs = zip(recorded, old.sources, strict=True)
    return {source.id: str(record["state"] or "") for source, record in pairs}


def _read(
    source: Source, items: Iterable[Found], report: BuildReport, progress: Progress
) -> Iterator[SourcedSnapshot]:
    done = 0
    for origin, found in items:
        report.versions += 1
        if isinstance(found, Refusal):
            report.refused.append(found)
        elif isinstance(found, Collapsed):
            report.repeated.append(found)
        else:
            done += 1
            progress(f"reading {source.path.name}", done, 0)
            # Bytes of a name that are no UTF-8 are surrogates, which SQLite does not take.
            file = origin.encode(errors="backslashreplace").decode()
            yield SourcedSnapshot.of(source.id, found, file)


def _named(brought: Iterable[SourcedSnapshot], aliases: Aliases) -> Iterator[SourcedSnapshot]:
    """Every snapshot under the company that the aliases give it."""
    for sourced in brought:
        company = aliases.company(sourced.own_company)
        if company != sourced.snapshot.company:
            sourced = replace(sourced, snapshot=replace(sourced.snapshot, company=company))
        yield sourced


def _one_a_day(
    brought: Iterable[SourcedSnapshot],
    order: Sequence[str],
    aliases: Aliases,
    report: BuildReport,
) -> list[SourcedSnapshot]:
    """For a company and day the last snapshot of each file; that of the first source is served.

    What is not served is kept, for when the source or file before it loses its own. All get the
    name that the company's newest snapshot gives it.
    """
    ranked = sorted(
        brought,
        key=lambda s: (
            s.snapshot.id,
            order.index(s.source),
            _reversed(moment(s.snapshot)),
            s.text_sha256,
            s.origin,
        ),
    )
    kept: list[SourcedSnapshot] = []
    for snapshot_id, group in groupby(ranked, key=lambda s: s.snapshot.id):
        first, *others = group
        kept.append(replace(first, served=True))
        seen, files = {first.source}, {(first.source, first.origin)}
        for other in others:
            if (other.source, other.origin) not in files:
                kept.append(replace(other, served=False))
            if other.source not in seen:
                why = f"{first.source} has one for that day and was recorded first"
            elif other.text_sha256 == first.text_sha256:
                why = "the same text came twice"
            else:
                why = "a later one of that day was kept"
            seen.add(other.source)
            files.add((other.source, other.origin))
            report.collapsed.append(f"{snapshot_id}: {why}")
    # The newest comes last.
    names = {s.snapshot.company: s.snapshot.name for s in kept if s.served}
    names.update((company, name) for company, name in aliases.names.items() if company in names)
    kept = [replace(s, name=names[s.snapshot.company]) for s in kept]
    return sorted(kept, key=lambda s: (s.snapshot.id, s.source, s.origin))


def _reversed(stamp: str) -> str:
    """A key that sorts later archive times first."""
    return "".join(chr(ord("9") - ord(digit)) for digit in stamp)


def _compare(
    before: Sequence[SourcedSnapshot], after: Sequence[SourcedSnapshot], report: BuildReport
) -> None:
    old = {sourced.snapshot.id: sourced.text_sha256 for sourced in before}
    new = {sourced.snapshot.id: sourced.text_sha256 for sourced in after}
    for snapshot_id, text in new.items():
        if snapshot_id not in old:
            report.added.append(snapshot_id)
        elif old[snapshot_id] != text:
            report.changed.append(snapshot_id)
        else:
            report.unchanged.append(snapshot_id)
    report.removed += [snapshot_id for snapshot_id in old if snapshot_id not in new]


def _split(
    snapshots: Sequence[SourcedSnapshot], fits: Callable[[str], bool], progress: Progress
) -> tuple[list[Passage], list[Occurrence]]:
    """Unique passages sorted by company and key, and every place where one stands."""
    unique: dict[str, Passage] = {}
    occurrences = []
    splitter = Splitter(fits)
    for done, sourced in enumerate(snapshots, start=1):
        for passage, occurrence in splitter.split(sourced.whole()):
            unique[passage.key] = passage
            occurrences.append(occurrence)
        progress("splitting", done, len(snapshots))
    return sorted(unique.values(), key=lambda p: (p.company, p.key)), occurrences


def _sentences(passages: Sequence[Passage]) -> list[Sentence]:
    sentences: list[Sentence] = []
    for row, passage in enumerate(passages):
        for start, end in sentence_spans(passage.text):
            fold_hash = _fold_hash(passage.text[start:end])
            sentences.append(Sentence(len(sentences), row, start, end, fold_hash))
    return sentences


def _fold_hash(sentence: str) -> int:
    digest = hashlib.sha256(fold(sentence).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _write_faiss(target: Path, vectors: FloatMatrix, sentence_vectors: FloatMatrix) -> None:
    """The search of the whole index, and what of the exact one it finds, measured."""
    path = target / "vectors.faiss"
    searched = build_faiss(vectors)
    try:
        faiss.write_index(searched, str(path))
    except RuntimeError as error:  # all that FAISS says of a full or failing disk
        raise StoreError(
            f"{path.name} cannot be written: {error}; the index is as it was"
        ) from None
    recall = measured_recall(Nearest(searched, vectors), sentence_vectors)
    write_document(
        target / "recall.json",
        {
            "index": kind_for(len(vectors)),
            "passages": len(vectors),
            "recall_at_10": round(recall, 4),
            "questions": min(MEASURED_ON, len(sentence_vectors)),
        },
    )


def index_words(passages: Sequence[Passage]) -> bm25s.BM25:
    """BM25 over the headings and texts of ``passages``, in their order."""
    retriever = bm25s.BM25()
    # An empty text would leave its row out, and rows are how passages are known.
    words = [terms(f"{p.heading}\n{p.text}") or [""] for p in passages]
    retriever.index(words, show_progress=False)
    return retriever


def _count(report: BuildReport, manifest: Manifest) -> None:
    report.passages = manifest.counts["passages"]
    report.occurrences = manifest.counts["occurrences"]


def _records(
    sources: Sequence[Source], brought: Sequence[SourcedSnapshot], states: dict[str, str]
) -> list[dict[str, str | None]]:
    """What the manifest keeps of the sources."""
    ids: dict[str, list[str]] = {source.id: [] for source in sources}
    for sourced in brought:
        ids[sourced.source].append(sourced.snapshot.id)
    return [
        {
            # In the order in which the manifest's file lists them: their text is in the name.
            # Which of the snapshots it brought: the same ones may move to another source.
            "brought": digest_of(ids[source.id]),
            "captured_on": _written(source.captured_on),
            "company": source.company,
            "form": source.form,
            "only": source.only,
            "path": source.path.as_posix(),
            "since": _written(source.since),
            "state": states.get(source.id, ""),
            "terms_type": source.terms_type,
            "until": _written(source.until),
            "url": source.url,
        }
        for source in sources
    ]


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _manifest(
    brought: Sequence[SourcedSnapshot],
    passages: Sequence[Passage],
    occurrences: Sequence[Occurrence],
    sentences: Sequence[Sentence],
    records: list[dict[str, str | None]],
    settings: dict[str, int | str],
) -> Manifest:
    encoder = {"name": NAME, "weights_sha256": WEIGHTS_SHA256, "dimensions": DIMENSIONS}
    content = [
        f"format {FORMAT}",
        f"encoder {WEIGHTS_SHA256}",
        f"settings {sorted(settings.items())}",
        *(f"snapshot {s.name} {s.served} {s.text_sha256} {s.snapshot!r}" for s in brought),
        *(f"passage {p.key}" for p in passages),
        *(f"occurrence {o!r}" for o in occurrences),
        *(f"sentence {passages[s.row].key} {s.start} {s.end}" for s in sentences),
    ]
    return Manifest(
        format=FORMAT,
        digest=digest_of(content),
        encoder=encoder,
        settings=settings,
        counts={
            "snapshots": sum(s.served for s in brought),
            "passages": len(passages),
            "occurrences": len(occurrences),
            "sentences": len(sentences),
        },
        sources=records,
        files={},
    )


def _stepped(progress: Progress, step: str, total: int) -> Callable[[int], None]:
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        progress(step, done, total)

    return advance
