"""Start the server: open the index (build it from ``seeds/`` first if there is none) and serve.

``make run`` runs this; ``policychat serve`` does the same for an index that exists.
"""

import os
import subprocess
import sys
from pathlib import Path

from chatbot.cli import main
from index.store import CURRENT

if __name__ == "__main__":
    store = Path(os.environ.get("POLICYCHAT_STORE") or "var/index")
    if not (store / CURRENT).exists():
        # In a child process, so that torch is gone from memory when the server answers.
        built = subprocess.run([sys.executable, "-m", "chatbot", "index", "--store", str(store)])  # noqa: S603  # our own program
        if built.returncode:
            sys.exit(built.returncode)
    sys.argv = ["policychat", "serve", "--store", str(store), *sys.argv[1:]]
    main()
