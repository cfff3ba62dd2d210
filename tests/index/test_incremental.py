"""An archive read in two steps makes the index that reading it at once makes."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import index.build
import index.durable
import index.store
from index.aliases import FILE as ALIASES
from index.build import build_index
from index.encode import DIMENSIONS
from index.sources import Source
from index.store import Manifest, current_generation, verify_generation
from index.types import FloatMatrix

FIRST_DAY = 1_577_880_000  # 2020-01-01, 12:00 UTC
DAY = 86_400  # seconds
PROSE = (
    "We collect the information that you give us when you use our service, and we keep it for as "
    "long as your account is open. You can ask us to delete it at any time, and we will do so. "
) * 4
CONTENTS = {
    "A": PROSE,
    "A again": f"{PROSE}\n",  # the same words
    "B": f"{PROSE}\n\nWe sell it.",
    "C": f"{PROSE}\n\nWe never sell it.",
    "refused": "Log in to continue.",
}
SERVICES = ("Acme", "Bolt Foods", "Cord\\377")  # the last as git quotes a byte that is no UTF-8


@dataclass(frozen=True)
class Commit:
    """One version of one policy, or its deletion."""

    service: str
    content: str | None
    day: int  # after the first one; not always later than that of the commit before
    subject: str


COMMITS = st.builds(
    Commit,
    st.sampled_from(SERVICES),
    st.sampled_from([*CONTENTS, None]),
    st.integers(0, 24),
    st.sampled_from(["Record new changes of", "Record new changes of", "Refilter"]),
)


class StandIn:
    """An encoder whose vectors cost nothing: what is compared here is not what they mean."""

    def fits(self, text: str) -> bool:
        """Whether a text is short enough."""
        return len(text) < 1_000

    def encode(self, texts: Sequence[str]) -> FloatMatrix:
        """A unit vector a text, (texts, 384)."""
        seeds = [int.from_bytes(sha256(text.encode()).digest()[:4], "big") for text in texts]
        rows = np.array([np.random.default_rng(seed).normal(size=DIMENSIONS) for seed in seeds])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module", autouse=True)
def _cheap_builds() -> Iterator[None]:
    """Neither the real encoder nor waiting for the disk: hundreds of builds are made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index.build, "ensure_encoder", lambda encoders: encoders)
        patch.setattr(index.build, "Encoder", lambda folder, **threads: StandIn())
        for module in (index.durable, index.store):
            patch.setattr(module, "sync", lambda path: None)
        yield


@pytest.fixture(scope="module")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was computed, for all stores."""
    return tmp_path_factory.mktemp("embeddings")


def record(archive: Path, commits: Sequence[Commit], *, anew: bool) -> None:
    """Append commits to the archive's history, or put them in its place."""
    stream = ["feature done\n"]
    for number, commit in enumerate(commits):
        path = f'"{commit.service}/Privacy Policy.md"'
        moment = FIRST_DAY + commit.day * DAY
        stream.append(
            "commit refs/heads/main\n"
            f"author a <a@example.org> {moment} +0000\ncommitter a <a@example.org> {moment} +0000\n"
            f"data {len(commit.subject) + 3}\n{commit.subject} it\n"
        )
        if number == 0 and not anew:
            stream.append("from refs/heads/main^0\n")
        if commit.content is None:
            stream.append(f"D {path}\n")
        else:
            text = CONTENTS[commit.content]
            stream.append(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n")
    stream.append("done\n")
    command = ["git", "-C", str(archive), "fast-import", "--quiet", "--force"]
    subprocess.run(command, input="".join(stream).encode(), check=True)


def built(store: Path, archive: Path, aliases: str) -> Manifest:
    """The manifest of the generation that a build publishes, every file compared with it."""
    (store / ALIASES).write_text(aliases, "utf-8")
    build_index(store, [Source(archive)])
    return verify_generation(current_generation(store))


ALWAYS = Commit("Always There", "A", 0, "First record of")  # an index is never emptied


@given(
    first=st.lists(COMMITS, max_size=6),
    then=st.lists(COMMITS, min_size=1, max_size=4),
    anew=st.booleans(),
    aliases=st.sampled_from(["", "", "acme.com,Acme\n", "acme.com,Acme Inc.,Acme; Bolt Foods\n"]),
)
@settings(max_examples=100, deadline=None, derandomize=True, phases=[Phase.generate])
def test_an_archive_read_in_two_steps_makes_the_index_of_one_reading(
    first: list[Commit],
    then: list[Commit],
    anew: bool,
    aliases: str,
    embeddings: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Between the two, history goes on or is rewritten, and names may become one company."""
    folder = tmp_path_factory.mktemp("history")
    archive, grown, at_once = (folder / name for name in ("archive.git", "grown", "at_once"))
    for store in (grown, at_once):
        store.mkdir()
        (store / "embeddings").symlink_to(embeddings)
    command = ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(archive)]
    subprocess.run(command, check=True)
    record(archive, [ALWAYS, *first], anew=True)
    built(grown, archive, "")
    record(archive, [ALWAYS, *then] if anew else then, anew=anew)
    step_by_step, whole = built(grown, archive, aliases), built(at_once, archive, aliases)
    assert step_by_step == whole
    assert current_generation(grown).name == current_generation(at_once).name


def test_a_damaged_generation_is_repaired_by_reading_on_from_the_one_before(
    embeddings: Path, tmp_path: Path
) -> None:
    archive, store = tmp_path / "archive.git", tmp_path / "store"
    store.mkdir()
    (store / "embeddings").symlink_to(embeddings)
    command = ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(archive)]
    subprocess.run(command, check=True)
    record(archive, [ALWAYS], anew=True)
    built(store, archive, "")
    before = current_generation(store)
    record(archive, [Commit("Acme", "B", 3, "Record new changes of")], anew=False)
    whole = built(store, archive, "")
    corpus = current_generation(store) / "corpus.sqlite"
    corpus.write_bytes(corpus.read_bytes()[:-1])
    report = build_index(store, [])
    assert report.repaired == f"{corpus} is damaged or missing: went on from {before.name}"
    assert report.added == ["acme@2020-01-04"]
    assert report.versions == 1  # only what came after
    assert verify_generation(current_generation(store)) == whole
