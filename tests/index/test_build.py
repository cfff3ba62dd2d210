"""However an index came about, the same policies make the same index; what changed is reported."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import index.build
from index.build import BuildReport, build_index, recorded_sources
from index.clean import clean
from index.corpus import Corpus
from index.encode import Encoder, ensure_encoder
from index.policy_index import open_index
from index.sources import Source, SourceError
from index.store import Manifest, current_generation, verify_generation
from index.types import Snapshot

SEEDS = Path(__file__).parent.parent.parent / "seeds"
SEED_IDS = [
    "bellacor.com@2009-11-27",
    "bellacor.com@2012-10-23",
    "betseyjohnson.com@2006-12-20",
    "helzberg.com@2011-10-07",
    "lumens.com@2018-01-19",
]


def policy(company: str, day: str, words: str, time: str = "101112") -> str:
    """A tiny policy with the archive's header."""
    return (
        f"> *The following text is extracted and transformed from the {company} privacy policy "
        f"that was archived on {day}. Please check the [original snapshot on the Wayback Machine]"
        f"(https://web.archive.org/web/{day.replace('-', '')}{time}id_/http%3A//{company}/p) for "
        f"the most accurate reproduction.*\n\n# Privacy\n\n{words}\n"
    )


NewStore = Callable[[], Path]


@pytest.fixture(scope="module", autouse=True)
def _one_encoder(store: Path) -> Iterator[None]:
    """Load the real encoder once for all builds of this file instead of once for each."""
    folder = ensure_encoder(store / "encoders")
    encoder = Encoder(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.build, "ensure_encoder", lambda encoders: folder)
        patch.setattr(index.build, "Encoder", lambda folder, **threads: encoder)
        yield


@pytest.fixture(scope="module")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> NewStore:
    """Makes empty stores that share what was computed."""
    embeddings = tmp_path_factory.mktemp("embeddings")

    def make() -> Path:
        empty = tmp_path_factory.mktemp("empty")
        (empty / "embeddings").symlink_to(embeddings)
        return empty

    return make


@pytest.fixture
def empty(new_store: NewStore) -> Path:
    return new_store()


@pytest.fixture
def copied(store: Path, tmp_path: Path) -> Path:
    """A copy of the store of the seeds, without the encoder, that a test may change."""
    ignored = shutil.ignore_patterns("encoders")
    return Path(shutil.copytree(store, tmp_path / "copied", ignore=ignored))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the policies of two companies, one of them twice."""
    policies = tmp_path / "policies"
    policies.mkdir()
    for name, text in {
        "a1.txt": policy("acme.com", "2020-01-01", "Acme keeps your data."),
        "a2.txt": policy("acme.com", "2021-01-01", "Acme deletes your data."),
        "b1.txt": policy("bolt.com", "2020-01-01", "Bolt sells your data."),
    }.items():
        (policies / name).write_text(text, "utf-8")
    return policies


def snapshots(store: Path) -> dict[str, Snapshot]:
    """What the current generation holds, by id."""
    corpus = Corpus(current_generation(store) / "corpus.sqlite")
    found = {s.snapshot.id: s.whole() for s in corpus.sourced_snapshots() if s.served}
    corpus.close()
    return found


def whole(store: Path) -> Manifest:
    """The manifest of the current generation, every file compared with it."""
    return verify_generation(current_generation(store))


def digest(store: Path) -> str:
    return whole(store).digest


# --- The seeds ------------------------------------------------------------------------------------


def test_the_seeds_are_indexed_whole(store: Path) -> None:
    assert list(snapshots(store)) == SEED_IDS
    texts = {snapshot.text for snapshot in snapshots(store).values()}
    assert texts == {path.read_text("utf-8") for path in SEEDS.glob("*.txt")}


def test_every_passage_has_a_vector_and_every_sentence_too(store: Path) -> None:
    policy_index = open_index(store)
    counts = policy_index.manifest.counts
    assert policy_index.vectors.shape == (counts["passages"], 384)
    assert policy_index.sentence_vectors.shape == (counts["sentences"], 384)
    assert policy_index.faiss.ntotal == counts["passages"]


def test_the_passages_of_a_company_are_a_range_of_rows(store: Path) -> None:
    policy_index = open_index(store)
    position = 0
    for company, (first, last) in policy_index.rows.items():
        passages = [policy_index.corpus.passage(row) for row in range(first, last)]
        assert first == position < last
        assert {passage.company for passage in passages} == {company}
        assert [p.key for p in passages] == sorted(p.key for p in passages)
        position = last
    assert position == policy_index.manifest.counts["passages"]


def test_every_passage_stands_where_its_occurrences_say(store: Path) -> None:
    policy_index = open_index(store)
    places = 0
    for snapshot_id in SEED_IDS:
        snapshot = policy_index.corpus.snapshot(snapshot_id)
        for row, occurrences in policy_index.corpus.occurrences(snapshot_id).items():
            passage = policy_index.corpus.passage(row)
            for start, end in occurrences:
                assert clean(snapshot.text[start:end]).text == passage.text
                places += 1
    assert places == policy_index.manifest.counts["occurrences"]


def test_unchanged_seeds_embed_nothing_and_make_nothing_new(copied: Path) -> None:
    before = digest(copied)
    report = build_index(copied, [Source(SEEDS)])
    assert (report.embedded, report.is_new, report.unchanged) == (0, False, SEED_IDS)
    assert report.added == report.changed == report.removed == []
    assert digest(copied) == before


def test_the_embeddings_outlive_the_generations(copied: Path, store: Path) -> None:
    for generation in copied.glob("gen-*"):
        shutil.rmtree(generation)
    report = build_index(copied, [Source(SEEDS)])
    assert (report.embedded, report.is_new) == (0, True)
    assert whole(copied) == whole(store)


def test_what_is_computed_again_is_the_same_to_the_byte(folder: Path, empty: Path) -> None:
    (empty / "embeddings").unlink()
    build_index(empty, [Source(folder)])
    before = whole(empty)
    shutil.rmtree(empty / "embeddings")
    shutil.rmtree(current_generation(empty))
    assert build_index(empty, [Source(folder)]).embedded > 0
    assert whole(empty) == before


# --- The same policies, the same index ------------------------------------------------------------


def test_the_order_of_sources_and_file_names_makes_no_difference(
    folder: Path, tmp_path: Path, new_store: NewStore
) -> None:
    digests = set()
    for number, order in enumerate(["a1 a2 b1", "b1 a2 a1", "a2 b1 a1"]):
        sources = []
        for position, name in enumerate(order.split()):
            path = tmp_path / str(number) / f"{position}.txt"
            path.parent.mkdir(exist_ok=True)
            shutil.copy(folder / f"{name}.txt", path)
            sources.append(Source(path))
        store = new_store()
        build_index(store, sources)
        digests.add(digest(store))
    assert len(digests) == 1


def test_whatever_differs_in_a_policy_makes_another_index(folder: Path, empty: Path) -> None:
    words = "Acme keeps your data."
    versions = [
        policy("acme.com", "2020-01-01", words),
        policy("acme.com", "2020-01-01", words, "131415"),  # archived at another time of the day
        policy("acme.com", "2020-01-02", words),
        policy("acme.com", "2020-01-01", "Acme keeps your  data."),
        policy("acme.com", "2020-01-01", "Acme keeps data."),
    ]
    digests = set()
    for version in versions:
        (folder / "a1.txt").write_text(version, "utf-8")
        build_index(empty, [Source(folder)])
        digests.add(digest(empty))
    assert len(digests) == len(versions)


# Two days of Acme, one of them kept by two sources, and a name that a later policy changes.
FILES = {
    "a1": policy("acme.com", "2020-01-01", "Acme keeps your data."),
    "a2": policy("acme.com", "2021-01-01", "Acme Foods sells. Acme Foods keeps your data."),
    "a3": policy("acme.com", "2021-01-01", "Acme keeps other data.", "131415"),
    "b1": policy("bolt.com", "2020-01-01", "Bolt sells your data."),
}


@given(
    names=st.permutations(sorted(FILES)),
    steps=st.lists(
        st.tuples(st.sampled_from(["change", "remove"]), st.sampled_from(sorted(FILES))),
        min_size=1,
        max_size=3,
        unique_by=lambda step: step[1],
    ),
)
@settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
def test_an_index_grown_step_by_step_is_the_one_built_at_once(
    names: list[str],
    steps: list[tuple[str, str]],
    new_store: NewStore,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Files are added one after another, then some are changed or removed again."""
    files = tmp_path_factory.mktemp("files")
    paths = [files / f"{name}.txt" for name in names]
    grown = new_store()
    for path in paths:
        path.write_text(FILES[path.stem], "utf-8")
        build_index(grown, [Source(path)])
    for step, name in steps:
        path = files / f"{name}.txt"
        if step == "change":
            path.write_text(f"{FILES[name]}\nIt was changed.\n", "utf-8")
            build_index(grown, [Source(path)])
        else:
            build_index(grown, [], remove=[path])
            paths.remove(path)
    at_once = new_store()
    build_index(at_once, [Source(path) for path in paths])
    assert recorded_sources(grown) == recorded_sources(at_once)
    assert snapshots(grown) == snapshots(at_once)
    assert digest(grown) == digest(at_once)


# --- What is reported -----------------------------------------------------------------------------


def changes(report: BuildReport) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
    }
    return {kind: ids for kind, ids in kinds.items() if ids}


def test_a_first_build_adds_everything(folder: Path, empty: Path) -> None:
    report = build_index(empty, [Source(folder)])
    assert changes(report) == {
        "added": ["acme.com@2020-01-01", "acme.com@2021-01-01", "bolt.com@2020-01-01"]
    }
    assert (report.passages, report.occurrences, report.is_new) == (3, 3, True)
    assert report.generation == current_generation(empty).name


def test_what_changed_is_told_from_what_did_not(folder: Path, empty: Path) -> None:
    build_index(empty, [Source(folder)])
    (folder / "a1.txt").write_text(policy("acme.com", "2020-01-01", "Acme lends it."), "utf-8")
    (folder / "b1.txt").unlink()
    (folder / "c1.txt").write_text(policy("cord.com", "2020-01-01", "Cord keeps it."), "utf-8")
    report = build_index(empty, [Source(folder)])
    assert changes(report) == {
        "added": ["cord.com@2020-01-01"],
        "changed": ["acme.com@2020-01-01"],
        "unchanged": ["acme.com@2021-01-01"],
        "removed": ["bolt.com@2020-01-01"],
    }


def test_a_file_gone_from_its_folder_goes_from_the_index(folder: Path, empty: Path) -> None:
    build_index(empty, [Source(folder)])
    (folder / "b1.txt").unlink()
    build_index(empty, [Source(folder)])
    assert list(snapshots(empty)) == ["acme.com@2020-01-01", "acme.com@2021-01-01"]
    assert "bolt.com" not in open_index(empty).companies


def test_a_refused_file_is_reported_and_the_rest_is_indexed(folder: Path, empty: Path) -> None:
    (folder / "0.txt").write_text("no header", "utf-8")
    report = build_index(empty, [Source(folder)])
    assert [refusal.path.name for refusal in report.refused] == ["0.txt"]
    assert len(report.added) == 3


def test_only_new_texts_are_embedded(folder: Path, tmp_path: Path, empty: Path) -> None:
    (empty / "embeddings").unlink()
    build_index(empty, [Source(folder)])
    words = "Acme keeps your data.\n\nAnd Acme has grown."
    (folder / "a3.txt").write_text(policy("acme.com", "2022-01-01", words), "utf-8")
    report = build_index(empty, [Source(folder)])
    assert report.embedded == 2  # the passage, and the sentence that is new in it


def test_progress_ends_with_all_of_every_step(folder: Path, empty: Path) -> None:
    last: dict[str, tuple[int, int]] = {}
    build_index(
        empty,
        [Source(folder)],
        progress=lambda step, done, total: last.update({step: (done, total)}),
    )
    assert last == {
        "reading policies": (3, 0),
        "splitting": (3, 3),
        "passages": (3, 3),
        "sentences": (3, 3),
    }


# --- One snapshot a day ---------------------------------------------------------------------------


def test_the_last_of_two_files_of_one_day_is_kept_and_it_is_reported(
    folder: Path, empty: Path
) -> None:
    early = policy("bolt.com", "2020-01-01", "Bolt lends your data.", "010101")
    late = policy("bolt.com", "2020-01-01", "Bolt keeps your data.", "235959")
    (folder / "a0.txt").write_text(late, "utf-8")
    (folder / "z.txt").write_text(early, "utf-8")
    report = build_index(empty, [Source(folder)])
    assert snapshots(empty)["bolt.com@2020-01-01"].text == late
    assert report.collapsed == ["bolt.com@2020-01-01: a later one of that day was kept"] * 2


def test_one_text_that_came_twice_is_kept_once_and_it_is_reported(
    folder: Path, empty: Path
) -> None:
    shutil.copy(folder / "b1.txt", folder / "b2.txt")
    report = build_index(empty, [Source(folder)])
    assert len(snapshots(empty)) == 3
    assert report.collapsed == ["bolt.com@2020-01-01: the same text came twice"]


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """Another folder that has a policy of Bolt for the same day, and one for another."""
    other = tmp_path / "second"
    other.mkdir()
    text = policy("bolt.com", "2020-01-01", "Bolt gives it away.", "235959")
    (other / "b1.txt").write_text(text, "utf-8")
    text = policy("bolt.com", "2022-01-01", "Bolt gives it away.")
    (other / "b2.txt").write_text(text, "utf-8")
    return other


@pytest.mark.parametrize("at_once", [True, False])
def test_of_two_sources_for_one_day_the_one_recorded_first_wins(
    at_once: bool, folder: Path, second: Path, empty: Path
) -> None:
    steps = [[folder, second]] if at_once else [[folder], [second]]
    for paths in steps:
        report = build_index(empty, [Source(path) for path in paths])
    assert "Bolt sells" in snapshots(empty)["bolt.com@2020-01-01"].text
    assert report.collapsed == [
        f"bolt.com@2020-01-01: {folder} has one for that day and was recorded first"
    ]


def test_only_the_one_that_wins_is_served(folder: Path, second: Path, empty: Path) -> None:
    build_index(empty, [Source(second), Source(folder)])
    policy_index = open_index(empty)
    assert "Bolt gives" in policy_index.snapshot("bolt.com", date(2020, 1, 1)).text
    assert policy_index.companies["bolt.com"].days == (date(2020, 1, 1), date(2022, 1, 1))
    assert policy_index.manifest.counts["snapshots"] == 4
    texts = [policy_index.corpus.passage(row).text for row in range(len(policy_index.vectors))]
    assert not any("Bolt sells" in text for text in texts)


def test_the_one_recorded_first_wins_whichever_is_read_again(
    folder: Path, second: Path, empty: Path
) -> None:
    build_index(empty, [Source(folder), Source(second)])
    before = digest(empty)
    build_index(empty, [Source(second)])
    assert digest(empty) == before
    build_index(empty, [Source(folder)])
    assert digest(empty) == before


def test_the_snapshot_of_the_other_source_comes_back_when_the_first_is_removed(
    folder: Path, second: Path, empty: Path
) -> None:
    build_index(empty, [Source(folder), Source(second)])
    build_index(empty, [], remove=[folder])
    assert "Bolt gives" in snapshots(empty)["bolt.com@2020-01-01"].text


def test_the_snapshot_of_the_other_source_comes_back_when_the_first_loses_its_file(
    folder: Path, second: Path, empty: Path
) -> None:
    build_index(empty, [Source(folder), Source(second)])
    (folder / "b1.txt").unlink()
    build_index(empty, [Source(folder)])
    assert "Bolt gives" in snapshots(empty)["bolt.com@2020-01-01"].text


def test_a_file_that_moved_to_another_source_stays_when_the_first_is_read_again(
    folder: Path, second: Path, empty: Path
) -> None:
    build_index(empty, [Source(folder), Source(second)])
    (folder / "a1.txt").rename(second / "a1.txt")
    build_index(empty, [Source(folder), Source(second)])
    build_index(empty, [Source(folder)])
    assert "acme.com@2020-01-01" in snapshots(empty)


# --- Sources --------------------------------------------------------------------------------------


def test_sources_are_recorded_in_the_order_in_which_they_came(
    folder: Path, second: Path, empty: Path
) -> None:
    given_file = Source(folder / "a1.txt", "cord.com", date(2020, 2, 29), "https://cord.com/p")
    build_index(empty, [Source(second)])
    build_index(empty, [Source(folder), given_file])
    build_index(empty, [Source(second)])
    assert recorded_sources(empty) == [Source(second), Source(folder), given_file]


def test_a_source_named_twice_is_recorded_and_read_once(folder: Path, empty: Path) -> None:
    report = build_index(empty, [Source(folder), Source(folder)])
    assert recorded_sources(empty) == [Source(folder)]
    assert report.collapsed == []


def test_a_given_file_is_indexed_for_its_company_and_day(folder: Path, empty: Path) -> None:
    path = folder.parent / "policy.md"
    path.write_text("# Privacy\n\nCord keeps your data.\n", "utf-8")
    source = Source(path, "cord.com", date(2020, 2, 29), "https://cord.com/p")
    build_index(empty, [source])
    snapshot = snapshots(empty)["cord.com@2020-02-29"]
    assert (snapshot.name, snapshot.original_url) == ("Cord", "https://cord.com/p")


def test_a_folder_whose_name_is_no_text_is_indexed_or_refused(
    folder: Path, empty: Path, tmp_path: Path
) -> None:
    strange = tmp_path / os.fsdecode(b"policies\xff")
    try:
        folder.rename(strange)
    except OSError:
        pytest.skip("this file system takes no such names")
    try:
        build_index(empty, [Source(strange)])
    except SourceError as error:
        assert "policies" in str(error)
    else:
        assert recorded_sources(empty) == [Source(strange)]


def test_a_source_that_is_not_read_again_keeps_its_snapshots(
    folder: Path, second: Path, empty: Path
) -> None:
    build_index(empty, [Source(folder)])
    shutil.rmtree(folder)
    build_index(empty, [Source(second)])
    assert "acme.com@2020-01-01" in snapshots(empty)


def test_a_removed_source_takes_its_snapshots_along(
    folder: Path, second: Path, empty: Path
) -> None:
    build_index(empty, [Source(folder), Source(second)])
    report = build_index(empty, [], remove=[second])
    assert report.removed == ["bolt.com@2022-01-01"]
    assert recorded_sources(empty) == [Source(folder)]
    assert "bolt.com@2022-01-01" not in snapshots(empty)


def test_what_is_no_source_cannot_be_removed(folder: Path, second: Path, empty: Path) -> None:
    build_index(empty, [Source(folder)])
    with pytest.raises(SourceError, match="is no source of this index") as error:
        build_index(empty, [], remove=[second])
    assert str(second) in str(error.value)


# --- Names ----------------------------------------------------------------------------------------


def grown_names(store: Path, sources: Sequence[Path]) -> set[str]:
    for path in sources:
        build_index(store, [Source(path)])
    return {s.name for s in snapshots(store).values() if s.company == "acme.com"}


@pytest.mark.parametrize("order", ["old new", "new old"])
def test_all_snapshots_of_a_company_have_the_name_of_the_newest(
    order: str, tmp_path: Path, empty: Path
) -> None:
    paths = {"old": tmp_path / "old.txt", "new": tmp_path / "new.txt"}
    paths["old"].write_text(FILES["a1"], "utf-8")
    paths["new"].write_text(FILES["a2"], "utf-8")
    assert grown_names(empty, [paths[name] for name in order.split()]) == {"Acme Foods"}
    assert open_index(empty).companies["acme.com"].name == "Acme Foods"


def test_a_name_goes_with_the_snapshot_that_brought_it(tmp_path: Path, empty: Path) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text(FILES["a1"], "utf-8")
    new.write_text(FILES["a2"], "utf-8")
    build_index(empty, [Source(old), Source(new)])
    build_index(empty, [], remove=[new])
    assert {snapshot.name for snapshot in snapshots(empty).values()} == {"Acme"}


# --- Refusals -------------------------------------------------------------------------------------


def test_a_build_without_any_policy_is_refused(tmp_path: Path, empty: Path) -> None:
    (tmp_path / "bad.txt").write_text("no header", "utf-8")
    with pytest.raises(SourceError, match="nothing is left to index"):
        build_index(empty, [Source(tmp_path / "bad.txt")])
    assert list(empty.glob("gen-*")) == []


def test_an_index_is_never_emptied(folder: Path, empty: Path) -> None:
    build_index(empty, [Source(folder)])
    before = whole(empty)
    with pytest.raises(SourceError, match="nothing is left to index"):
        build_index(empty, [], remove=[folder])
    assert whole(empty) == before


def test_a_source_that_is_gone_is_refused_and_the_old_index_stays(
    folder: Path, empty: Path
) -> None:
    build_index(empty, [Source(folder)])
    before = whole(empty)
    shutil.rmtree(folder)
    with pytest.raises(SourceError, match="does not exist"):
        build_index(empty, [Source(folder)])
    assert whole(empty) == before


def test_a_heading_that_fills_the_encoder_does_not_stop_a_build(folder: Path, empty: Path) -> None:
    heading = "개인정보 처리방침 안내 문서 전체 각각 " * 7
    words = f"## {heading}\n\nCord keeps your data for ten days.\n"
    (folder / "c.txt").write_text(policy("cord.com", "2020-01-01", words), "utf-8")
    report = build_index(empty, [Source(folder)])
    assert "cord.com@2020-01-01" in report.added
