"""The program that ``extract.py`` starts: ``python -m index.sources.documents .html < FILE``."""

import contextlib
import io
import sys

import trafilatura
from pypdf import PdfReader

SECONDS = 4  # of computing
MAX_MEMORY = 2_000_000_000  # bytes of address space; a hostile PDF unpacks to any size
MAX_TEXT = 5_000_000  # characters


def _from_html(content: bytes) -> str:
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
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    content = sys.stdin.buffer.read()
    # A library that is not installed is no fault of the document: it must be seen.
    read = _from_pdf if sys.argv[1] == ".pdf" else _from_html
    try:
        text = read(content)
    except Exception:  # whatever the libraries raise for a broken file
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
