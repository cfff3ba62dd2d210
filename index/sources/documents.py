"""HTML and PDF → text. Run as a program of its own, so that a hostile file costs a few seconds.

python -m index.sources.documents .html < FILE
"""

import contextlib
import io
import subprocess
import sys

from index.sources.source import SourceError

SUFFIXES = (".html", ".htm", ".pdf")
SECONDS = 5
MAX_MEMORY = 2_000_000_000  # bytes of address space; a hostile PDF unpacks to any size
MAX_TEXT = 5_000_000  # characters


def extracted(content: bytes, suffix: str) -> str:
    """The policy's text in a page or document. Raises SourceError when none can be found."""
    command = [sys.executable, "-m", "index.sources.documents", suffix]
    try:
        done = subprocess.run(  # noqa: S603  # our own program
            command, input=content, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"no text was found in it within {SECONDS} s") from None
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode or not text.strip():
        raise SourceError("no text was found in it; save it as Markdown or text")
    return text


def _from_html(content: bytes) -> str:
    import trafilatura

    found = trafilatura.extract(
        content,
        output_format="markdown",
        include_links=True,
        include_tables=True,
        include_formatting=True,
        include_comments=False,
        favor_recall=True,
        deduplicate=False,
    )
    return found or ""


def _from_pdf(content: bytes) -> str:
    from pypdf import PdfReader

    text = ""
    for page in PdfReader(io.BytesIO(content)).pages:
        text += page.extract_text() + "\n\n"
        if len(text) > MAX_TEXT:
            raise ValueError("too long")
    return text


def _main() -> int:
    """Read a document from standard input and write its text; 1 when it holds none."""
    with contextlib.suppress(ImportError, ValueError):  # no such limits on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    content = sys.stdin.buffer.read()
    try:
        text = _from_pdf(content) if sys.argv[1] == ".pdf" else _from_html(content)
    except Exception:  # whatever the libraries raise for a broken file
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
