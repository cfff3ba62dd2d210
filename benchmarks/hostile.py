"""What a hostile file costs: each is indexed beside a good one, and refused or read within seconds.

    python benchmarks/hostile.py [words of a name …]

Each file comes by the doors it can come by: a folder of headed files, one page or document with its
company and day, a version in a git archive. The time is that of the whole of ``policychat index``
but for loading the encoder, so an input that is indexed has been split, embedded and written too;
beside it, what it computed, which other programs on the machine do not lengthen.
"""

import os
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from machine import machine

import index.build
from index.build import build_index
from index.encode import Encoder, ensure_encoder
from index.sources import MAX_BYTES, Source
from index.sources.text import MAX_CHARACTERS, MAX_LINES

ROOT = Path(__file__).parent.parent
LIMIT = 5.0  # seconds
HEADER = (
    "> *The following text is extracted and transformed from the {0} privacy policy that was "
    "archived on 2020-01-01. Please check the [original snapshot on the Wayback Machine]"
    "(https://web.archive.org/web/20200101000000id_/http%3A//{0}/privacy) for the most accurate "
    "reproduction.*\n\n"
)
PROSE = (
    "We collect the information that you give us when you use our service, and we keep it for as "
    "long as your account is open. You can ask us to delete it at any time, and we will do so.\n\n"
)
ROOM = MAX_BYTES - 2_000  # bytes of a page: the most that is not refused for its size
LINE = 150_000  # characters of a line, likewise
WHITE = {
    "spaces": " ",
    "line ends": "\n",
    "Windows line ends": "\r\n",
    "tabs": "\t",
    "ideographic spaces": "\u3000",
    "zero-width spaces": "\u200b",
    "soft hyphens": "\u00ad",
    "combining accents": "\u0301",
    "bidi marks": "\u202e",
    "spaced line ends": " \n",
}
MARKDOWN = {
    "quotes": "> ",
    "bullets": "* ",
    "numbers": "1. ",
    "headings": "# ",
    "headings, a line each": "# a\n",
    "brackets": "[",
    "link ends": "](",
    "links": "[a](b) ",
    "nested links": "[a](",
    "images": "![",
    "asterisks": "*",
    "underscores": "_",
    "back ticks": "`",
    "backslashes": "\\",
    "pipes": "|",
    "table rows": "|a|b|\n",
    "rulers": "---\n",
    "ampersands": "&",
    "entities": "&amp;",
    "angle brackets": "<",
    "tags": "<div>",
    "comments": "<!--",
    "addresses": "http://a.b/",
    "at signs": "a@",
    "full stops": "a.",
    "digits": "1",
    "one word": "a",
}


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file that somebody means ill with."""

    name: str
    write: Callable[[Path], Source]  # into an empty folder


def headed(name: str, content: bytes) -> Hostile:
    """A file in a folder of headed ones, beside a good one."""

    def write(folder: Path) -> Source:
        (folder / "a.txt").write_bytes(content)
        return beside_a_good_one(folder)

    return Hostile(f"{name} (folder)", write)


def beside_a_good_one(folder: Path) -> Source:
    (folder / "good.txt").write_text(HEADER.format("good.com") + PROSE * 4, "utf-8")
    return Source(folder)


def given(name: str, suffix: str, content: bytes) -> Hostile:
    """One page or document whose company and day the user gives."""

    def write(folder: Path) -> Source:
        path = folder / f"a{suffix}"
        path.write_bytes(content)
        return Source(path, "hostile.com", date(2020, 1, 1))

    return Hostile(f"{name} ({suffix})", write)


def committed(name: str, content: bytes) -> Hostile:
    """A version in an Open Terms Archive, beside a good one."""

    def write(folder: Path) -> Source:
        for service, text in (("Hostile", content), ("Good", PROSE.encode() * 4)):
            (folder / service).mkdir()
            (folder / service / "Privacy Policy.md").write_bytes(text)
        identity = {f"GIT_{w}_{x}": "a@b.c" for w in ("AUTHOR", "COMMITTER") for x in NAMED}
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "First record of all"]):
            command = ["git", "-c", "commit.gpgsign=false", "-C", str(folder), *arguments]
            subprocess.run(command, env={**os.environ, **identity}, check=True)
        return Source(folder)

    return Hostile(f"{name} (git)", write)


NAMED = ("NAME", "EMAIL")


def linked(name: str, target: str, *, of: str = "a.txt") -> Hostile:
    """A link in a folder of headed files."""

    def write(folder: Path) -> Source:
        (folder / of).symlink_to(target)
        return beside_a_good_one(folder)

    return Hostile(f"link to {name} (folder)", write)


def piped(folder: Path) -> Source:
    os.mkfifo(folder / "a.txt")
    return beside_a_good_one(folder)


def strangely_named(folder: Path) -> Source:
    for name in (b"\xff\xfe.txt", b"..\\..\\x.txt", b"a\nb.txt", b"-rf.txt", b"\x1b[31m.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(b"no policy")
    return beside_a_good_one(folder)


def filled(unit: str) -> bytes:
    """As many of a unit as are not refused for their size, between two paragraphs."""
    many = unit * (MAX_LINES - 50)
    if not unit.endswith("\n"):
        line = unit * (LINE // len(unit))
        many = "\n".join([line] * ((MAX_CHARACTERS - 5_000) // len(line)))
    return f"{HEADER.format('hostile.com')}{PROSE * 4}{many}\n\n{PROSE}".encode()


def hostile_inputs() -> Iterator[Hostile]:
    """One after the other: some are large."""
    policy = HEADER.format("hostile.com") + PROSE * 4
    yield headed("UTF-16", policy.encode("utf-16"))
    yield headed("UTF-16 without NUL", ("我们不出售" * 99).encode("utf-16"))
    yield headed("noise", os.urandom(ROOM))
    yield headed("NUL", policy.encode() + b"\0" + PROSE.encode())
    yield headed("path for a company", HEADER.format("../../etc/passwd").encode() + b"x")
    yield linked("/etc/passwd", "/etc/passwd")
    yield linked("endless zeros", "/dev/zero")
    yield linked("itself", "a.txt")
    yield linked("its own folder", ".", of="sub")
    yield linked("all files", "/", of="sub")
    yield Hostile("pipe (folder)", piped)
    yield Hostile("names (folder)", strangely_named)
    hundred = policy.encode() + PROSE.encode() * (100_000_000 // len(PROSE))
    yield headed("100 MB", hundred)
    for suffix in (".md", ".html", ".pdf"):
        yield given("100 MB", suffix, hundred)
    yield committed("100 MB", hundred)
    yield committed("noise", os.urandom(ROOM))
    yield headed("a million lines", policy.encode() + b"\n" * 1_000_000)
    yield headed("a line without end", policy.encode() + b"a" * 4_000_000)
    for name, unit in {**WHITE, **MARKDOWN}.items():
        yield headed(name, filled(unit))
    for name, unit in WHITE.items():
        yield committed(name, filled(unit)[len(HEADER) :])
    yield from hostile_pages()
    yield from hostile_documents()


def hostile_pages() -> Iterator[Hostile]:
    """Web pages."""
    start = f"<html><body><article><h1>Privacy</h1><p>{PROSE * 4}</p>"
    units = {
        "open divs": "<div>",
        "open tables": "<table><tr><td>",
        "open links": "<a href=x>",
        "open bold": "<b>",
        "open lists": "<ul><li>",
        "angle brackets": "<",
        "comments": "<!--",
        "character data": "<![CDATA[",
        "entities": "&amp;",
        "wrong entities": "&x",
        "links": "<a href='http://a.b/c'>word</a> ",
        "paragraphs": "<p>word ",
        "scripts": "<script>a</script>",
        "frames": "<iframe src=a>",
        "spaces": " ",
        "line ends": "\n",
        "non-breaking spaces": "&nbsp;",
        "attributes": "<p a=b>",
    }
    for name, unit in units.items():
        yield given(name, ".html", (start + unit * (ROOM // len(unit) - 1_000)).encode())
    yield given("one long attribute", ".html", f"{start}<p title='{'a' * ROOM}'>b</p>".encode())
    yield given("many attributes", ".html", f"{start}<p {' a=b' * (ROOM // 5)}>b</p>".encode())
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    laughs = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e0 "ha">{entities}]>{start}&e11;'
    yield given("a billion laughs", ".html", laughs.encode())
    outside = f'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>{start}&x;'
    yield given("an entity from a file", ".html", outside.encode())


def pdf_of(objects: list[bytes], root: int = 1) -> bytes:
    """A document of numbered objects, beginning with 1."""
    document, offsets = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        document
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root %d 0 R >>\nstart"
        % (
            len(objects) + 1,
            table,
            len(objects) + 1,
            root,
        )
        + b"xref\n%d\n%%%%EOF" % len(document)
    )


FONT = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"


def stream(content: bytes, more: bytes = b"", times: int = 1) -> bytes:
    """A stream that is compressed so many times."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    filters = b"/FlateDecode " * times
    return b"<< /Length %d /Filter [ %s] %s >>\nstream\n%s\nendstream" % (
        len(content),
        filters,
        more,
        content,
    )


def page(contents: bytes = b"4 0 R", resources: bytes = FONT) -> bytes:
    return (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %s /Resources << %s >> >>"
        % (contents, resources)
    )


def hostile_documents() -> Iterator[Hostile]:
    """PDF files."""
    text = b"BT /F1 12 Tf 72 700 Td (We keep your data for a year.) Tj ET "
    one = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    yield given("broken", ".pdf", b"%PDF-1.4\nbroken")
    yield given("noise", ".pdf", b"%PDF-1.4\n" + os.urandom(ROOM))
    long = b"BT /F1 12 Tf (" + b"x" * 50_000_000 + b") Tj ET"
    yield given("50 MB in 50 KB", ".pdf", pdf_of([CATALOG, one, page(), stream(long)]))
    nested = stream(b" " * 1_000_000_000, times=2)
    yield given("1 GB packed twice", ".pdf", pdf_of([CATALOG, one, page(), nested]))
    many = stream(text * 200_000)
    yield given("200,000 lines", ".pdf", pdf_of([CATALOG, one, page(), many]))
    kids = b"<< /Type /Pages /Kids [%s] /Count 100000 >>" % (b"3 0 R " * 100_000)
    yield given("one page 100,000 times", ".pdf", pdf_of([CATALOG, kids, page(), stream(text)]))
    ring = b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"
    yield given("pages in a ring", ".pdf", pdf_of([CATALOG, ring, page(), stream(text)]))
    again = b"/XObject << /X 5 0 R >> " + FONT
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"
    drawn = [CATALOG, one, page(resources=again), stream(b"/X Do "), stream(b"/X Do /X Do ", form)]
    yield given("a drawing of itself", ".pdf", pdf_of(drawn))
    deep = b"[" * 1_000_000 + b"]" * 1_000_000
    yield given("a million brackets", ".pdf", pdf_of([CATALOG, one, page(deep), stream(text)]))
    claimed = pdf_of([CATALOG, one, page(), stream(text)]).replace(b"/Size 5", b"/Size 999999999")
    yield given("a size that is not so", ".pdf", claimed)


def main() -> None:
    print(machine())
    print(f"{'input':<36} {'seconds':>7} {'computing':>9}  becomes")
    slow = slow_computing = count = 0
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        encoders = ensure_encoder(store / "encoders")
        encoder = Encoder(encoders, threads=1, workers=min(4, os.cpu_count() or 1))
        index.build.ensure_encoder = lambda encoders: encoders
        index.build.Encoder = lambda folder, **threads: encoder
        for hostile in hostile_inputs():
            if not all(word in hostile.name for word in sys.argv[1:]):
                continue
            with tempfile.TemporaryDirectory(dir=folder) as place:
                seconds, computing, becomes = indexed(store, hostile.write(Path(place)))
            count += 1
            slow += seconds > LIMIT
            slow_computing += computing > LIMIT
            print(f"{hostile.name:<36} {seconds:>7.1f} {computing:>9.1f}  {becomes}", flush=True)
    print(f"{count} inputs; longer than {LIMIT:.0f} s: {slow} took, {slow_computing} computed")


def indexed(store: Path, source: Source) -> tuple[float, float, str]:
    """How long a build with this source took and computed, and what became of its bad file."""
    base = build_index(store, [Source(ROOT / "seeds" / "lumens.com_2018-01-19.txt")])
    started, computed = time.perf_counter(), sum(os.times()[:4])
    report = build_index(store, [source])
    seconds, computing = time.perf_counter() - started, sum(os.times()[:4]) - computed
    good = [snapshot for snapshot in report.added if snapshot.startswith("good")]
    if source.company is None and not good:
        raise RuntimeError("the good file beside it was lost")
    reasons = {refusal.reason for refusal in report.refused}
    becomes = f"{report.passages - base.passages} passages"
    if reasons:
        becomes = f"refused: {'; '.join(sorted(reasons))}"
    build_index(store, [], remove=[source.path])
    return seconds, computing, becomes


if __name__ == "__main__":
    main()
