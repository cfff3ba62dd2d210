"""What the figures of a benchmark are of: the machine and the commit."""

import os
import platform
import subprocess
from pathlib import Path


def machine() -> str:
    """Such as ``x86_64, 2 cores, Python 3.11.7, commit 5a4af21``; ``-dirty`` where files differ."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607  # git, wherever it is
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    ).stdout.strip()
    cores, python = os.cpu_count(), platform.python_version()
    return f"{platform.machine()}, {cores} cores, Python {python}, commit {commit}"
