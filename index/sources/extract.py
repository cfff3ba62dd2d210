"""HTML and PDF → text, in a program of its own, so that a hostile file costs a few seconds."""

import signal
import subprocess
import sys

from index.sources.source import SourceError

SUFFIXES = (".html", ".htm", ".pdf")
OUT_OF_TIME = getattr(signal, "SIGXCPU", 0)  # sent at the limit on computing; Windows has none
TOO_LONG = "reading it takes too long; save it as Markdown or text"
PATIENCE = 20  # seconds altogether, for a machine that is busy with other things


def extracted(content: bytes, suffix: str) -> str:
    """The policy's text in a page or document. Raises SourceError when none can be found."""
    command = [sys.executable, "-m", "index.sources.documents", suffix]
    try:
        done = subprocess.run(  # noqa: S603  # our own program
            command, input=content, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceError(TOO_LONG) from None
    if done.returncode:
        raise SourceError(_why(done.returncode, done.stderr.decode("utf-8", "replace")))
    text = done.stdout.decode("utf-8", "replace")
    if not text.strip():
        raise SourceError("no text was found in it; save it as Markdown or text")
    return text


def _why(status: int, said: str) -> str:
    """What ended the program, for people: the last line of a traceback names the exception."""
    last = (said.strip().splitlines() or [""])[-1].strip()
    if last.startswith(("ImportError", "ModuleNotFoundError")):
        return f"what reads it is not installed ({last}); run: make run"
    if last.startswith("MemoryError"):
        return "reading it takes too much memory; save it as Markdown or text"
    if status == -OUT_OF_TIME:
        return TOO_LONG
    reason = f"signal {-status}" if status < 0 else last[:200]
    return f"it cannot be read ({reason}); save it as Markdown or text"
