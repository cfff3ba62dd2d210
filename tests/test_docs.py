"""The documentation names what there is."""

import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from chatbot.cli import app

ROOT = Path(__file__).parent.parent
COMMANDS = sorted(get_command(app).commands)


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_named_in_the_readme(readme: str, command: str) -> None:
    assert re.search(rf"\bpolicychat {command}\b", readme)


def test_the_readme_names_no_command_that_is_not_there(readme: str) -> None:
    named = set(re.findall(r"`policychat ([a-z-]+)", readme))
    assert named
    assert named <= set(COMMANDS)


def test_every_option_in_the_readme_is_one_of_a_command(readme: str) -> None:
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", readme))
    helps = "".join(
        CliRunner().invoke(app, [command, "--help"], catch_exceptions=False).stdout
        for command in COMMANDS
    )
    assert options
    assert [option for option in sorted(options) if option not in helps] == []


def test_every_file_that_the_readme_points_to_is_there(readme: str) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    links += re.findall(r"`((?:docs/)?[\w-]+(?:/[\w-]+)*\.(?:md|txt|toml|jsonl))`", readme)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
