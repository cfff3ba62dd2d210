"""The structure that DESIGN promises: one direction, and no workshop in the shop."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def test_index_never_imports_chatbot() -> None:
    for path in (ROOT / "index").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(module.split(".")[0] == "chatbot" for module in modules), path


@pytest.mark.parametrize("command", [["ask", "how do I opt out of Lumens emails?"], ["list"]])
def test_asking_imports_neither_torch_nor_gradio(command: list[str], store: Path) -> None:
    program = (
        "import sys; from chatbot.cli import app\n"
        f"app({[*command, '--store', str(store)]!r}, standalone_mode=False)\n"
        "heavy = {'torch', 'gradio', 'transformers', 'sentence_transformers', 'langchain_core'}\n"
        "sys.exit(str(sorted(heavy & set(sys.modules))) if heavy & set(sys.modules) else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
