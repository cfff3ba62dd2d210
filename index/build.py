"""The steps from sources to a published generation, in order."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import bm25s
import faiss
import numpy as np

from index.cache import EmbeddingCache
from index.corpus import Corpus, SourcedSnapshot, write_corpus
from index.encode import DIMENSIONS, NAME, WEIGHTS_SHA256, Encoder, ensure_encoder
from index.encode import MAX_TOKENS as ENCODER_TOKENS
from index.sentences import sentence_spans
from index.sources import Refusal, Source, SourceError, moment, parse_date, read_source
from index.split import MAX_CHARACTERS, split_snapshot
from index.store import (
    FORMAT,
    Manifest,
    StoreError,
    building,
    digest_of,
    newest_whole_generation,
    published_manifest,
    read_manifest,
    write_generation,
)
from index.types import FloatMatrix, Occurrence, Passage, Sentence, Snapshot
from index.words import FINGERPRINT, fold, terms

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
    refused: list[Refusal] = field(default_factory=list)
    passages: int = 0  # unique
    occurrences: int = 0
    embedded: int = 0  # texts that were not in the cache
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
    with building(store):
        sources = list({source.id: source for source in sources}.values())
        recorded, before = _recorded(store)
        lost, report.repaired = _lost(store, recorded)
        recorded += [source for source in lost if source not in recorded]
        forgotten = {source.id for source in recorded if source.path in remove}
        for path in remove:
            if path not in {source.path for source in recorded}:
                raise SourceError(f"{path} is no source of this index, so it cannot be removed")
        sources += [s for s in lost if s not in sources and s.id not in forgotten]
        known = [source for source in recorded if source.id not in forgotten]
        known += [source for source in sources if source.id not in {s.id for s in known}]
        read_again = {source.id for source in sources}
        kept = [s for s in before if s.source not in read_again | forgotten]
        fresh = list(_read(sources, report, progress))
        brought = _one_a_day([*kept, *fresh], [source.id for source in known], report)
        snapshots = [replace(s.snapshot, name=s.name) for s in brought if s.served]
        if not snapshots:
            raise SourceError("nothing is left to index; name a folder with policies in it")
        _compare([s.snapshot for s in before if s.served], snapshots, report)

        encoder = Encoder(ensure_encoder(store / "encoders"))
        passages, occurrences = _split(snapshots, encoder.fits, progress)
        sentences = _sentences(passages)
        cache = EmbeddingCache(store / "embeddings", WEIGHTS_SHA256)
        vectors, computed = cache.encode(
            [passage.embedded for passage in passages],
            encoder.encode,
            _stepped(progress, "passages", len(passages)),
        )
        sentence_vectors, computed_too = cache.encode(
            [sentence_text(passages[s.row], s) for s in sentences],
            encoder.encode,
            _stepped(progress, "sentences", len(sentences)),
        )
        cache.close()

        def write_files(target: Path) -> None:
            write_corpus(target / "corpus.sqlite", brought, passages, occurrences, sentences)
            np.save(target / "vectors.npy", vectors)
            np.save(target / "sentences.npy", sentence_vectors)
            _write_faiss(target / "vectors.faiss", vectors)
            index_words(passages).save(target / "bm25")

        manifest = _manifest(brought, passages, occurrences, sentences, known)
        report.generation, report.is_new = write_generation(store, manifest, write_files)
    report.passages, report.occurrences = len(passages), len(occurrences)
    report.embedded = computed + computed_too
    return report


def recorded_sources(store: Path) -> list[Source]:
    """The folders and files that the current generation was made of; none without an index."""
    recorded, _ = _recorded(store)
    lost, _ = _lost(store, recorded)
    return [*recorded, *(source for source in lost if source not in recorded)]


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
    corpus = Corpus(folder / "corpus.sqlite")
    snapshots = list(corpus.sourced_snapshots())
    corpus.close()
    return [_source(recorded) for recorded in read_manifest(folder).sources], snapshots


def _lost(store: Path, recorded: Sequence[Source]) -> tuple[list[Source], str]:
    """The sources to read again because the current generation is damaged, and what to say of it.

    Its manifest, where that is whole, still names them.
    """
    folder, damage = newest_whole_generation(store)
    if not damage:
        return [], ""
    instead = f"went on from {folder.name}" if folder else "made it anew"
    damage = f"{damage.removesuffix('; run: policychat index')}: {instead}"
    published = published_manifest(store)
    if published is None:
        return [], f"{damage}; add again what was added since"
    before = read_manifest(folder).sources if folder else []
    return [_source(s) for s in published.sources if s not in before], damage


def _source(recorded: dict[str, str | None]) -> Source:
    day = recorded["captured_on"]
    return Source(
        Path(str(recorded["path"])),
        recorded["company"],
        parse_date(day) if day else None,
        recorded["url"],
    )


def _read(
    sources: Sequence[Source], report: BuildReport, progress: Progress
) -> Iterable[SourcedSnapshot]:
    for source in sources:
        done = 0
        for found in read_source(source):
            if isinstance(found, Refusal):
                report.refused.append(found)
            else:
                done += 1
                progress(f"reading {source.path.name}", done, 0)
                yield SourcedSnapshot(source.id, found, found.name, served=True)


def _one_a_day(
    brought: Sequence[SourcedSnapshot], order: Sequence[str], report: BuildReport
) -> list[SourcedSnapshot]:
    """For a company and day the last snapshot of each source; that of the first source is served.

    What is not served is kept, for when the source before it loses its own. All get the name that
    the company's newest snapshot gives it.
    """
    ranked = sorted(
        brought,
        key=lambda s: (
            s.snapshot.id,
            order.index(s.source),
            _reversed(moment(s.snapshot)),
            s.snapshot.text,
        ),
    )
    kept: list[SourcedSnapshot] = []
    for snapshot_id, group in groupby(ranked, key=lambda s: s.snapshot.id):
        first, *others = group
        kept.append(replace(first, served=True))
        seen = {first.source}
        for other in others:
            if other.source not in seen:
                kept.append(replace(other, served=False))
                why = f"{first.source} has one for that day and was recorded first"
            elif other.snapshot.text == first.snapshot.text:
                why = "the same text came twice"
            else:
                why = "a later one of that day was kept"
            seen.add(other.source)
            report.collapsed.append(f"{snapshot_id}: {why}")
    # The newest comes last.
    names = {s.snapshot.company: s.snapshot.name for s in kept if s.served}
    return [replace(s, name=names[s.snapshot.company]) for s in kept]


def _reversed(stamp: str) -> str:
    """A key that sorts later archive times first."""
    return "".join(chr(ord("9") - ord(digit)) for digit in stamp)


def _compare(before: Sequence[Snapshot], after: Sequence[Snapshot], report: BuildReport) -> None:
    old = {snapshot.id: snapshot.text for snapshot in before}
    new = {snapshot.id: snapshot.text for snapshot in after}
    for snapshot_id, text in new.items():
        if snapshot_id not in old:
            report.added.append(snapshot_id)
        elif old[snapshot_id] != text:
            report.changed.append(snapshot_id)
        else:
            report.unchanged.append(snapshot_id)
    report.removed += [snapshot_id for snapshot_id in old if snapshot_id not in new]


def _split(
    snapshots: Sequence[Snapshot], fits: Callable[[str], bool], progress: Progress
) -> tuple[list[Passage], list[Occurrence]]:
    """Unique passages sorted by company and key, and every place where one stands."""
    unique: dict[str, Passage] = {}
    occurrences = []
    for done, snapshot in enumerate(snapshots, start=1):
        for passage, occurrence in split_snapshot(snapshot, fits):
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


def _write_faiss(path: Path, vectors: FloatMatrix) -> None:
    flat = faiss.IndexFlatIP(DIMENSIONS)
    flat.add(vectors)
    try:
        faiss.write_index(flat, str(path))
    except RuntimeError as error:  # all that FAISS says of a full or failing disk
        raise StoreError(
            f"{path.name} cannot be written: {error}; the index is as it was"
        ) from None


def index_words(passages: Sequence[Passage]) -> bm25s.BM25:
    """BM25 over the headings and texts of ``passages``, in their order."""
    retriever = bm25s.BM25()
    # An empty text would leave its row out, and rows are how passages are known.
    words = [terms(f"{p.heading}\n{p.text}") or [""] for p in passages]
    retriever.index(words, show_progress=False)
    return retriever


def _manifest(
    brought: Sequence[SourcedSnapshot],
    passages: Sequence[Passage],
    occurrences: Sequence[Occurrence],
    sentences: Sequence[Sentence],
    sources: Sequence[Source],
) -> Manifest:
    settings: dict[str, int | str] = {
        "max_characters": MAX_CHARACTERS,
        "max_tokens": ENCODER_TOKENS,
        "words": FINGERPRINT,
    }
    encoder = {"name": NAME, "weights_sha256": WEIGHTS_SHA256, "dimensions": DIMENSIONS}
    content = [
        f"format {FORMAT}",
        f"encoder {WEIGHTS_SHA256}",
        f"settings {sorted(settings.items())}",
        *(f"snapshot {s.name} {s.served} {s.snapshot!r}" for s in brought),
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
        sources=[
            {
                "path": source.path.as_posix(),
                "company": source.company,
                "captured_on": source.captured_on.isoformat() if source.captured_on else None,
                "url": source.url,
                # Which of the snapshots it brought: the same ones may move to another source.
                "brought": digest_of([s.snapshot.id for s in brought if s.source == source.id]),
            }
            for source in sources
        ],
        files={},
    )


def _stepped(progress: Progress, step: str, total: int) -> Callable[[int], None]:
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        progress(step, done, total)

    return advance
