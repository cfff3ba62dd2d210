"""Before the tests: get the browser that ``tests/browser`` drives, where that can be done."""

import os
import shutil
import subprocess
import sys

if not shutil.which("chromium"):
    if shutil.which("apt-get") and os.geteuid() == 0:
        for command in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-y", "-q", "chromium"],
        ):
            if subprocess.run(command, stdout=subprocess.DEVNULL).returncode:
                sys.exit(f"{' '.join(command)} failed; the browser tests need Chromium")
    else:
        sys.stderr.write(
            "WARNING: there is no `chromium` and it cannot be installed here (needs Debian and "
            "root): THE BROWSER TESTS WILL BE SKIPPED\n"
        )
