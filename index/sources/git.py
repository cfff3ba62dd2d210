"""A git repository as an archive: which file had which content when, and the contents.

Read by ``git`` itself: on 42,632 commits it was ten times as fast as the libraries for Python. A
repository is hostile input: none of its settings may start a program, and nothing is fetched.
"""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from index.sources.source import SourceError

REGULAR_FILE = (b"100644", b"100755", b"100664")  # and not a link or a submodule
PIECE = 1 << 16  # bytes
# A repository's own configuration may name programs for all of these.
HARMLESS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "log.showSignature=false"),
    *("-c", "log.mailmap=false"),
    *("-c", "log.diffMerges=off"),
    *("-c", "protocol.allow=never"),
)
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",  # a partial clone would ask another host
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


@dataclass(frozen=True, slots=True)
class Version:
    """One file as one commit left it."""

    path: str  # within the repository; bytes that are no UTF-8 as ``\\xff``
    blob: str  # the name of its content
    time: int  # seconds since 1970, of the author
    order: int  # 0 for the oldest commit: decides between equal times
    subject: str  # the commit's first line


def is_installed() -> bool:
    """Whether there is a git to read with."""
    return shutil.which("git") is not None


def is_repository(path: Path) -> bool:
    """Whether a folder is a git repository, bare or with a work tree (not one below it)."""
    bare = all((path / name).exists() for name in ("HEAD", "objects", "refs"))
    return bare or (path / ".git").exists()


def newest_commit(repository: Path) -> str:
    """The commit at the tip. Raises SourceError when there is none or git cannot read it.

    A bundle's clone may have a HEAD that names a branch that is not there; its one branch is meant.
    """
    head = _git(repository, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", may_fail=True)
    if head:
        return head.decode().strip()
    tips = _git(repository, "for-each-ref", "--format=%(objectname)", "refs/heads").split()
    if len(set(tips)) != 1:
        raise SourceError(
            f"{repository} has {len(tips)} branches and none is checked out; choose one with: "
            "git symbolic-ref HEAD refs/heads/BRANCH"
        )
    return tips[0].decode()


def is_ancestor(repository: Path, older: str, newer: str) -> bool:
    """Whether history goes on from ``older`` to ``newer``; not so where it was rewritten."""
    base = _git(repository, "merge-base", older, newer, may_fail=True)
    return base.decode().strip() == older


def files(repository: Path, commit: str) -> Iterator[str]:
    """The paths of all files of a commit."""
    with _started(repository, "ls-tree", "-r", "-z", "--name-only", commit) as output:
        for path in _fields(output):
            yield path.decode(errors="backslashreplace")


def versions(repository: Path, commit: str, since: str = "") -> Iterator[Version]:
    """Every version of every regular file up to ``commit``, the newest commit first.

    With ``since``, a commit, only what was recorded after it. Merges bring nothing of their own.
    """
    wanted = f"{since}..{commit}" if since else commit
    arguments = "--raw -z --no-abbrev --no-renames --no-color --no-decorate --topo-order".split()
    with _started(repository, "log", *arguments, "--format=%x01%at%x00%s", wanted, "--") as output:
        order, time, subject, meta = 0, 0, "", b""
        for field in _fields(output):
            if field.lstrip(b"\n").startswith(b"\x01"):
                order -= 1
                time = int(field.lstrip(b"\n")[1:])
                subject, meta = "", b""
            elif not meta and field.lstrip(b"\n").startswith(b":"):
                meta = field.lstrip(b"\n")
            elif meta:
                _, mode, _, blob, _ = meta[1:].split(b" ")
                if mode in REGULAR_FILE:
                    path = field.decode(errors="backslashreplace")
                    yield Version(path, blob.decode(), time, order, subject)
                meta = b""
            else:
                subject = field.decode(errors="replace")


@contextmanager
def contents(repository: Path, blobs: Iterable[str], limit: int) -> Iterator[Iterator[bytes | int]]:
    """The contents of ``blobs`` in their order; of one above ``limit`` bytes only its size.

    Raises SourceError when the repository lacks one.
    """
    command = _command(repository, "cat-file", "--batch", "--buffer")
    with subprocess.Popen(  # noqa: S603  # git, on a path that is no option
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    ) as process:
        asked, answered = process.stdin, process.stdout
        if asked is None or answered is None:
            raise AssertionError("both were asked for")

        def ask() -> None:
            try:
                for blob in blobs:
                    asked.write(blob.encode() + b"\n")
                asked.close()
            except BrokenPipeError:
                pass  # the reader has had enough

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        try:
            yield _answers(repository, answered, limit)
        finally:
            process.kill()
            asking.join()


def _answers(repository: Path, answered: IO[bytes], limit: int) -> Iterator[bytes | int]:
    while header := answered.readline().split():
        if len(header) != 3:
            raise SourceError(
                f"{repository} lacks the content {header[0].decode()}; clone it again, whole"
            )
        size = int(header[2])
        if size <= limit:
            yield answered.read(size)
        else:
            for first in range(0, size, PIECE):
                answered.read(min(PIECE, size - first))
            yield size
        answered.read(1)  # the line's end


def _fields(output: IO[bytes]) -> Iterator[bytes]:
    """What stands between NUL bytes, read in pieces."""
    rest = b""
    while piece := output.read(PIECE):
        *whole, rest = (rest + piece).split(b"\0")
        yield from whole
    if rest.strip():
        yield rest


@contextmanager
def _started(repository: Path, *arguments: str) -> Iterator[IO[bytes]]:
    """The output of a git command while it runs. Raises SourceError when it fails."""
    with subprocess.Popen(  # noqa: S603  # git, on a path that is no option
        _command(repository, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
    ) as process:
        if process.stdout is None or process.stderr is None:
            raise AssertionError("both were asked for")
        try:
            yield process.stdout
            said = process.stderr.read()
            if process.wait():
                raise _failed(repository, said)
        finally:
            process.kill()


def _git(repository: Path, *arguments: str, may_fail: bool = False) -> bytes:
    """The output of a short git command; nothing where it fails and may."""
    done = subprocess.run(  # noqa: S603  # git, on a path that is no option
        _command(repository, *arguments),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=_environment(),
        check=False,
    )
    if done.returncode and not may_fail:
        raise _failed(repository, done.stderr)
    return done.stdout if not done.returncode else b""


def _command(repository: Path, *arguments: str) -> list[str]:
    return ["git", *HARMLESS, "-C", str(repository.resolve()), *arguments]


def _environment() -> dict[str, str]:
    """Ours without what points git to another repository or configuration."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**inherited, **ENVIRONMENT}


def _failed(repository: Path, said: bytes) -> SourceError:
    line = said.decode(errors="replace").strip().splitlines()[-1:]
    return SourceError(f"git cannot read {repository}: {' '.join(line)}")
