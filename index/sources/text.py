"""Bytes → text, decoded strictly: a wrong guess would forge the policy's words."""

from pathlib import Path

from index.sources.source import SourceError

MAX_BYTES = 5_000_000  # of a file; a web page has much that is no text
# Of the 983 texts of two real archives, none has more than 800,000 characters, 6,900 lines, 7,500
# characters in a line or 2,200 links. What is far beyond is no policy, and costs minutes to read.
MAX_CHARACTERS = 2_000_000
MAX_LINES = 20_000
MAX_LINE = 200_000  # characters
MAX_LINKS = 20_000
MAX_MARKS = 100_000  # asterisks and backslashes; real ones have 4,600


def decoded(content: bytes | int) -> str:
    """The text of ``content``; an int is the size of one too long to be read.

    Raises SourceError when it is no text in UTF-8, is empty or too long.
    """
    size = content if isinstance(content, int) else len(content)
    if isinstance(content, int) or size > MAX_BYTES:
        raise SourceError(f"it has {size:,} bytes; a policy has at most {MAX_BYTES:,}")
    if b"\0" in content:
        raise SourceError("it holds NUL bytes, so it is no text in UTF-8; convert it first")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"it is not UTF-8 (byte {error.object[error.start]:#04x} at {error.start:,}); "
            "convert it first"
        ) from None
    if not text.strip():
        raise SourceError("it is empty")
    check_size(text)
    return text


def check_size(text: str) -> None:
    """Raises SourceError for a text larger, in any way, than a policy is."""
    lines = text.splitlines()
    longest = max(map(len, lines), default=0)
    for what, size, limit in (
        ("{:,} characters", len(text), MAX_CHARACTERS),
        ("{:,} lines", len(lines), MAX_LINES),
        ("a line of {:,} characters", longest, MAX_LINE),
        ("{:,} links", text.count("]("), MAX_LINKS),
        ("{:,} asterisks and backslashes", text.count("*") + text.count("\\"), MAX_MARKS),
    ):
        if size > limit:
            raise SourceError(f"it has {what.format(size)}; a policy has at most {limit:,}")


def read_bytes(path: Path, folder: Path) -> bytes | int:
    """What stands in a regular file below ``folder``, or its size where it is too long.

    Raises SourceError for a link that leads elsewhere and for what is no file, OSError when it
    cannot be read.
    """
    try:
        inside = path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        raise SourceError("it is a link that leads nowhere; copy the file itself there") from None
    if not inside:
        raise SourceError("it is a link out of its folder; copy the file itself there")
    if path.exists() and not path.is_file():
        raise SourceError("it is no regular file")
    size = path.stat().st_size
    return size if size > MAX_BYTES else path.read_bytes()
