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
            raise ValueError(f"its text has more than {MAX_TEXT:,} characters")
    return text


def _main() -> None:
    """Read a document from standard input and write its text.

    What the libraries raise for a broken file ends the program; ``extract.py`` reads it off stderr.
    """
    with contextlib.suppress(ImportError, ValueError):  # no such limits on Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    content = sys.stdin.buffer.read()
    text = _from_pdf(content) if sys.argv[1] == ".pdf" else _from_html(content)
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


if __name__ == "__main__":
    _main()
