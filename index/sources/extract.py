"""HTML and PDF → text, in a program of its own, so that a hostile file costs a few seconds."""

import subprocess
import sys

from index.sources.source import SourceError

SUFFIXES = (".html", ".htm", ".pdf")
PATIENCE = 20  # seconds altogether, for a machine that is busy with other things


def extracted(content: bytes, suffix: str) -> str:
    """The policy's text in a page or document. Raises SourceError when none can be found."""
    command = [sys.executable, "-m", "index.sources.documents", suffix]
    try:
        done = subprocess.run(  # noqa: S603  # our own program
            command, input=content, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceError(f"no text was found in it within {PATIENCE} s") from None
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode == 1 and b"ImportError" in done.stderr:
        raise SourceError("trafilatura or pypdf is not installed; run: make run")
    if done.returncode or not text.strip():
        raise SourceError("no text was found in it; save it as Markdown or text")
    return text
