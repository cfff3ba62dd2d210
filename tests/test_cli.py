"""The command line: what it prints, how it ends, and one clear line for what a user can cause."""

import gc
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from chatbot.cli import app
from chatbot.types import Action, Answer, Choice, Citation, Comparison, SnapshotReference

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
OPT_OUT = "how do I opt out of Lumens emails?"
COMMANDS = sorted(get_command(app).commands)
ANSWER_KEYS = {
    "question",
    "behaviour",
    "answer",
    "missing",
    "companies",
    "snapshots",
    "citations",
    "near",
    "comparison",
    "choices",
    "actions",
    "notices",
    "followups",
    "confidence",
    "generation",
}
CITATION_KEYS = {
    "id",
    "quote",
    "display",
    "start",
    "end",
    "section",
    "company",
    "snapshot_date",
    "archived_url",
    "stated_since",
    "stated_until",
}


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:  # noqa: ANN401  # whatever the command wrote as JSON
        """The one JSON document that stands on standard output, and nothing else."""
        return json.loads(self.stdout)


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def run(store: Path) -> Run:
    """Run a command within this process; what it does not catch fails the test."""

    def invoke(*arguments: str, store: Path = store, stdin: str | None = None) -> Ran:
        result = CliRunner().invoke(
            app, [*arguments, "--store", str(store)], input=stdin, catch_exceptions=False
        )
        return Ran(result.exit_code, result.stdout, result.stderr)

    return invoke


def start(*arguments: str | bytes, **environment: str) -> Ran:
    """Run the program as a process of its own."""
    finished = subprocess.run(
        [sys.executable, "-m", "chatbot", *arguments],
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", **environment},
        timeout=60,
        check=False,
    )
    return Ran(finished.returncode, finished.stdout.decode(), finished.stderr.decode())


def assert_refused(ran: Ran, *words: str) -> None:
    """Exit status 1, nothing on standard output, and one line on the other that says why."""
    assert (ran.code, ran.stdout) == (1, ""), ran.stderr
    (line,) = ran.stderr.splitlines()
    assert line.startswith("policychat: ")
    for word in words:
        assert word in line


def assert_wrong_usage(ran: Ran, *words: str) -> None:
    assert (ran.code, ran.stdout) == (2, "")
    assert "Traceback" not in ran.stderr
    for word in words:
        assert word in ran.stderr


@pytest.fixture
def copy(store: Path, tmp_path: Path) -> Path:
    """A copy of the store to damage; its encoder is a link, for it is large."""
    target = tmp_path / "store"
    shutil.copytree(store, target, ignore=shutil.ignore_patterns("encoders", "embeddings"))
    (target / "encoders").symlink_to(store / "encoders")
    return target


# ask


def test_ask_prints_first_what_answers_then_quote_source_and_what_to_do(run: Run) -> None:
    ran = run("ask", OPT_OUT)
    assert (ran.code, ran.stderr) == (0, "")
    text = " ".join(ran.stdout.split())
    assert ran.stdout.startswith("E-mail customerservice@Lumens.com")
    for part in (
        "“Lumens.com gives Customers the ability to opt-out",
        "lumens.com · I. Choice",
        "19 January 2018",
        "https://web.archive.org/web/20180119225254id_/",
        "mailto:customerservice@Lumens.com?subject=Unsubscribe",
        "years ago",
    ):
        assert part in text


def test_ask_as_json_is_one_document_with_every_key(run: Run) -> None:
    ran = run("ask", OPT_OUT, "--json")
    assert (ran.code, ran.stderr) == (0, "")
    answer = ran.document
    assert set(answer) == ANSWER_KEYS
    assert set(answer["citations"][0]) == CITATION_KEYS
    assert set(answer["snapshots"][0]) == {"company", "date", "archived_url", "original_url"}
    assert set(answer["actions"][0]) == {"type", "label", "href", "text", "citation"}
    assert answer["behaviour"] == "answer"
    assert answer["question"] == OPT_OUT


def test_the_types_have_the_keys_of_the_contract() -> None:
    names = {
        kind: {field.name for field in fields(kind)}
        for kind in (Answer, Citation, Action, Choice, Comparison, SnapshotReference)
    }
    assert names == {
        Answer: ANSWER_KEYS,
        Citation: CITATION_KEYS,
        Action: {"type", "label", "href", "text", "citation"},
        Choice: {"company", "name"},
        Comparison: {"kind", "before", "after"},
        SnapshotReference: {"company", "date", "archived_url", "original_url"},
    }


def test_ask_reads_a_question_from_standard_input(run: Run) -> None:
    ran = run("ask", "-", "--json", stdin=f"{OPT_OUT}\n")
    assert ran.document["question"] == OPT_OUT


def test_ask_takes_a_company_and_a_day(run: Run) -> None:
    question = "do you share information with affiliates?"
    ran = run("ask", question, "--company", "bellacor.com", "--as-of", "2010-01-01", "--json")
    assert [s["date"] for s in ran.document["snapshots"]] == ["2009-11-27"]


def test_ask_goes_on_from_a_history(run: Run, tmp_path: Path) -> None:
    history = tmp_path / "history.json"
    turns = [
        {"role": "user", "content": "does Bellacor sell my data?"},
        {"role": "assistant", "content": "Ask Lumens."},
    ]
    history.write_text(json.dumps(turns), "utf-8")
    ran = run("ask", "and what are cookies used for?", "--history", str(history), "--json")
    assert ran.document["companies"] == ["bellacor.com"]


def test_an_unknown_company_is_an_answer_and_no_failure(run: Run) -> None:
    ran = run("ask", "do you sell it?", "--company", "nobody.example", "--json")
    assert ran.code == 0
    assert ran.document["behaviour"] == "unknown_company"


def test_choices_of_a_company_are_printed(run: Run) -> None:
    ran = run("ask", "do they sell my data?")
    assert ran.stdout.startswith("Which company do you mean?")
    assert "Lumens (lumens.com)" in ran.stdout


def test_marks_in_a_question_are_no_colours(run: Run) -> None:
    ran = run("ask", "[red]do you sell it?[/red]", "--company", "[bold]x[/bold]")
    assert ran.code == 0
    assert "[bold]x[/bold]" in ran.stdout


@pytest.mark.parametrize("question", ["", "   ", "?!"])
def test_an_empty_question_is_refused(run: Run, question: str) -> None:
    assert_refused(run("ask", question), "type a question")


def test_a_question_of_1001_characters_is_refused(run: Run) -> None:
    assert_refused(run("ask", "x" * 1001), "1,000 characters")


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("ask", OPT_OUT, "--as-of", "2018-02-30"), "--as-of"),
        (("ask", OPT_OUT, "--as-of", "yesterday"), "--as-of"),
        (("ask", OPT_OUT, "--as-of", ""), "--as-of"),
        (("show", "lumens.com", "2018-1-19"), "DATE"),
        (("diff", "bellacor.com", "2009"), "DATE1"),
        (("diff", "bellacor.com", "2009-11-27", "now"), "DATE2"),
    ],
)
def test_a_date_that_is_none_is_wrong_usage(
    run: Run, arguments: tuple[str, ...], place: str
) -> None:
    assert_wrong_usage(run(*arguments), place, "is not a date")


NO_HISTORIES = {
    "not-json": b"does Lumens sell it?",
    "not-utf-8": b"\xff\xfe[]",
    "empty": b"",
    "null": b"null",
    "a-number": b"5",
    "a-text": b'"abc"',
    "an-object": b'{"role": "user", "content": "x"}',
    "an-empty-object": b"{}",
    "texts": b'["x"]',
    "another-role": b'[{"role": "system", "content": "x"}]',
    "a-role-that-is-a-list": b'[{"role": ["user"], "content": "x"}]',
    "no-content": b'[{"role": "user"}]',
    "content-that-is-a-number": b'[{"role": "user", "content": 5}]',
    "nested-too-deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", NO_HISTORIES.values(), ids=NO_HISTORIES.keys())
def test_a_file_that_is_no_history_is_refused_by_name(
    run: Run, tmp_path: Path, content: bytes
) -> None:
    history = tmp_path / "turns.json"
    history.write_bytes(content)
    assert_refused(run("ask", "and cookies?", "--history", str(history)), str(history))


@pytest.mark.parametrize(
    "turns",
    [
        [{"role": "user", "content": "x" * 4001}],
        [{"role": "user", "content": "does Lumens sell it?"}] * 51,
        [{"role": "user", "content": "x" * 1_000_000}],
    ],
    ids=["a-long-turn", "many-turns", "a-large-file"],
)
def test_a_history_that_is_too_long_is_refused_by_name(
    run: Run, tmp_path: Path, turns: list[dict[str, str]]
) -> None:
    history = tmp_path / "turns.json"
    history.write_text(json.dumps(turns), "utf-8")
    ran = run("ask", "and cookies?", "--history", str(history))
    assert_refused(ran, str(history))
    assert len(ran.stderr) < 500


def test_half_a_character_in_a_history_breaks_nothing(run: Run, tmp_path: Path) -> None:
    history = tmp_path / "turns.json"
    history.write_text('[{"role": "user", "content": "is Lumens safe? \\ud800"}]')
    ran = run("ask", "and what are cookies used for?", "--history", str(history))
    assert ran.code in (0, 1)
    assert ran.stdout or len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_history_that_cannot_be_read_is_refused_by_name(
    run: Run, tmp_path: Path, name: str
) -> None:
    path = str(tmp_path / name)
    assert_refused(run("ask", "and cookies?", "--history", path), path)


# list, show, diff


def test_list_as_json_has_the_shape_of_the_contract(run: Run, store: Path) -> None:
    document = run("list", "--json").document
    assert set(document) == {"companies", "generation"}
    assert (store / document["generation"] / "manifest.json").is_file()
    assert document["companies"] == [
        {
            "company": "bellacor.com",
            "name": "Bellacor",
            "snapshots": ["2009-11-27", "2012-10-23"],
        },
        {"company": "betseyjohnson.com", "name": "Betsey Johnson", "snapshots": ["2006-12-20"]},
        {"company": "helzberg.com", "name": "Helzberg Diamonds", "snapshots": ["2011-10-07"]},
        {"company": "lumens.com", "name": "Lumens", "snapshots": ["2018-01-19"]},
    ]


def test_list_prints_every_company_with_its_days(run: Run) -> None:
    ran = run("list")
    assert ran.code == 0
    for words in ("bellacor.com", "Betsey Johnson", "2009-11-27", "2012-10-23", "2018-01-19"):
        assert words in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (("lumens.com",), "lumens.com_2018-01-19.txt"),
        (("bellacor.com",), "bellacor.com_2012-10-23.txt"),
        (("bellacor.com", "2010-06-01"), "bellacor.com_2009-11-27.txt"),
    ],
)
def test_show_prints_the_policy_in_force_as_archived(
    run: Run, arguments: tuple[str, ...], file: str
) -> None:
    ran = run("show", *arguments)
    assert ran.code == 0
    assert ran.stdout.rstrip("\n") == (SEEDS / file).read_text("utf-8").rstrip("\n")


def test_show_as_json_has_the_text_and_its_day(run: Run) -> None:
    document = run("show", "lumens.com", "--json").document
    assert document["company"] == "lumens.com"
    assert document["captured_on"] == "2018-01-19"
    assert document["text"] == (SEEDS / "lumens.com_2018-01-19.txt").read_text("utf-8")


@pytest.mark.parametrize("command", ["show", "diff", "check"])
def test_a_company_that_is_not_in_the_index_is_refused(run: Run, command: str) -> None:
    assert_refused(run(command, "nobody.example"), "no policy")


@pytest.mark.parametrize("command", ["show", "diff"])
def test_a_day_before_the_first_policy_is_refused(run: Run, command: str) -> None:
    assert_refused(run(command, "bellacor.com", "2009-11-26"), "27 November 2009")


def test_diff_prints_what_is_gone_and_what_is_new(run: Run) -> None:
    ran = run("diff", "bellacor.com")
    assert ran.code == 0
    text = " ".join(ran.stdout.split())
    assert "may share information with subsidiaries and affiliates" in text
    assert "Providing chat functions" in text
    assert "do not sell it to others" not in text


def test_diff_as_json_has_every_key_and_its_points(run: Run) -> None:
    ran = run("diff", "bellacor.com", "2009-11-27", "2012-10-23", "--topic", "affiliates", "--json")
    document = ran.document
    assert set(document) == ANSWER_KEYS
    assert document["behaviour"] == "compare"
    assert {point["kind"] for point in document["comparison"]} >= {"only_then"}
    assert all(set(point) == {"kind", "before", "after"} for point in document["comparison"])


def test_a_topic_of_1001_characters_is_refused(run: Run) -> None:
    assert run("diff", "bellacor.com", "--topic", "x" * 1000).code == 0
    ran = run("diff", "bellacor.com", "--topic", "x" * 1001)
    assert_refused(ran, "That topic is over 1,000 characters; please shorten it.")


# what a site's owner asks


def test_embed_code_prints_the_line_and_what_the_site_has_to_allow(run: Run) -> None:
    ran = run("embed-code", "--host", "https://ask.lumens.example", "--company", "www.lumens.com")
    assert ran.code == 0
    lines = ran.stdout.splitlines()
    assert lines[0] == (
        '<script src="https://ask.lumens.example/widget.js" data-company="lumens.com" defer>'
        "</script>"
    )
    assert "script-src https://ask.lumens.example" in lines
    assert "connect-src https://ask.lumens.example" in lines


def test_embed_code_pins_the_version_and_its_hash(run: Run) -> None:
    ran = run("embed-code", "--company", "lumens.com", "--pin")
    assert "/widget-v1.js" in ran.stdout
    assert 'integrity="sha384-' in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "several companies are here; name one with --company: bellacor.com"),
        (("--company", "nobody.example"), "no policy of nobody.example here"),
        (("--company", "lumens.com", "--host", "ask.lumens.example"), "is no address of a server"),
    ],
)
def test_embed_code_that_would_not_work_is_refused(
    run: Run, arguments: tuple[str, ...], reason: str
) -> None:
    assert_refused(run("embed-code", *arguments), reason)


def test_check_prints_what_to_write_what_contradicts_and_whom_to_ask(run: Run) -> None:
    ran = run("check", "lumens.com")
    assert ran.code == 0
    text = " ".join(ran.stdout.split())
    assert text.startswith("Lumens: policy of 19 January 2018, asked about 37 topics")
    assert "whether and when you tell people that their information was stolen" in text
    assert "Yes and no to “do you share my information with third parties?”" in text
    assert "customerservice@Lumens.com" in text


def test_check_as_json_is_one_document(run: Run) -> None:
    document = run("check", "helzberg.com", "--json").document
    assert set(document) == {
        "company",
        "name",
        "date",
        "topics",
        "contradictions",
        "contacts",
        "links",
    }
    assert {one["behaviour"] for one in document["topics"]} <= {"answer", "partly", "not_stated"}


# verify and what is served damaged


def test_verify_says_that_a_store_is_whole(run: Run, store: Path) -> None:
    ran = run("verify")
    assert (ran.code, ran.stderr) == (0, "")
    assert json.loads((store / "CURRENT").read_text())["generation"] in ran.stdout


DAMAGED = ["vectors.npy", "vectors.faiss", "sentences.npy", "corpus.sqlite", "manifest.json"]


@pytest.mark.parametrize("name", DAMAGED)
def test_verify_names_the_damaged_file(run: Run, copy: Path, name: str) -> None:
    (file,) = copy.glob(f"gen-*/{name}")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert_refused(run("verify", store=copy), str(file))


@pytest.mark.parametrize("name", DAMAGED)
def test_verify_names_the_missing_file(run: Run, copy: Path, name: str) -> None:
    (file,) = copy.glob(f"gen-*/{name}")
    file.unlink()
    assert_refused(run("verify", store=copy), str(file))


def test_verify_names_the_damaged_encoder(run: Run, copy: Path, store: Path) -> None:
    (copy / "encoders").unlink()
    shutil.copytree(store / "encoders", copy / "encoders")
    (file,) = copy.glob("encoders/*/tokenizer.json")
    file.write_bytes(file.read_bytes() + b" ")
    assert_refused(run("verify", store=copy), str(file))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"garbage", id="not-json"),
        pytest.param(b"\xff", id="not-utf-8"),
        pytest.param(b"[1]", id="a-list"),
        pytest.param(b"{}", id="no-keys"),
        pytest.param(b'{"generation": 5, "manifest_sha256": "x"}', id="a-number"),
        pytest.param(b'{"generation": "gen-0", "manifest_sha256": "x"}', id="none-of-that-name"),
        pytest.param(b'{"generation": "../gen-0", "manifest_sha256": "x"}', id="outside"),
        pytest.param(b"[" * 100_000, id="nested-too-deep"),
    ],
)
def test_verify_refuses_a_damaged_current(run: Run, copy: Path, content: bytes) -> None:
    (copy / "CURRENT").write_bytes(content)
    assert_refused(run("verify", store=copy), str(copy))


ON_A_STORE = [
    ("ask", OPT_OUT),
    ("list",),
    ("show", "lumens.com"),
    ("diff", "bellacor.com"),
    ("verify",),
    ("evaluate", str(SEEDS / "questions.jsonl")),
    ("serve", "--port", "0"),
]


@pytest.mark.parametrize("arguments", ON_A_STORE, ids=lambda arguments: arguments[0])
def test_a_missing_store_is_refused_with_what_to_do(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    missing = tmp_path / "none"
    assert_refused(run(*arguments, store=missing), str(missing), "policychat index")
    assert not missing.exists()


@pytest.mark.parametrize("arguments", ON_A_STORE, ids=lambda arguments: arguments[0])
def test_a_damaged_store_is_refused_with_the_file(
    run: Run, copy: Path, arguments: tuple[str, ...]
) -> None:
    (file,) = copy.glob("gen-*/vectors.npy")
    file.write_bytes(file.read_bytes()[:-1])
    assert_refused(run(*arguments, store=copy), str(file), "policychat index")


@pytest.mark.parametrize("arguments", ON_A_STORE, ids=lambda arguments: arguments[0])
def test_a_store_that_is_a_file_is_refused(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    assert_refused(run(*arguments, store=file), str(file))


# index


@pytest.fixture(scope="module")
def built(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of its own, made from one good policy and two that are refused."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "store").mkdir()
    shutil.copytree(store / "encoders", folder / "store" / "encoders")
    shutil.copytree(store / "embeddings", folder / "store" / "embeddings")
    policies = folder / "policies"
    policies.mkdir()
    shutil.copy(SEEDS / "helzberg.com_2011-10-07.txt", policies)
    (policies / "plain.txt").write_text("We sell nothing.", "utf-8")
    (policies / "latin.md").write_bytes(b"caf\xe9")
    return folder


def test_index_tells_what_was_added_and_what_was_refused_and_why(run: Run, built: Path) -> None:
    ran = run("index", str(built / "policies"), store=built / "store")
    assert ran.code == 0
    lines = ran.stdout.splitlines()
    assert "added: helzberg.com@2011-10-07" in lines
    (plain,) = [line for line in lines if line.startswith("refused: ") and "plain.txt" in line]
    (latin,) = [line for line in lines if line.startswith("refused: ") and "latin.md" in line]
    assert "header" in plain
    assert "UTF-8" in latin
    assert lines[-1].startswith("3 versions read: 1 added, 0 changed, 0 unchanged")
    assert "2 refused" in lines[-1]


def test_index_again_changes_nothing(run: Run, built: Path) -> None:
    run("index", str(built / "policies"), store=built / "store")
    before = (built / "store" / "CURRENT").read_bytes()
    ran = run("index", store=built / "store")
    assert ran.code == 0
    assert "0 added, 0 changed, 1 unchanged" in ran.stdout
    assert (built / "store" / "CURRENT").read_bytes() == before


def test_index_adds_one_file_with_its_company_and_day_and_removes_it(run: Run, built: Path) -> None:
    run("index", str(built / "policies"), store=built / "store")
    file = str(built / "policies" / "plain.txt")
    given = ("--company", "shop.com", "--date", "2026-11-01", "--url", "https://shop.com/privacy")
    assert "added: shop.com@2026-11-01" in run("index", file, *given, store=built / "store").stdout
    shown = run("show", "shop.com", "--json", store=built / "store").document
    assert (shown["text"], shown["archived_url"]) == ("We sell nothing.", None)
    assert shown["original_url"] == "https://shop.com/privacy"
    ran = run("index", "--remove", file, store=built / "store")
    assert "removed: shop.com@2026-11-01" in ran.stdout
    assert_refused(run("show", "shop.com", store=built / "store"))


def test_a_shops_new_text_takes_one_command_and_keeps_the_older(
    run: Run, store: Path, tmp_path: Path
) -> None:
    encoders, store = store / "encoders", tmp_path / "store"
    shutil.copytree(encoders, store / "encoders")
    policy = tmp_path / "policy.md"
    for day, years in (("2026-11-01", "two"), ("2026-11-20", "three")):
        policy.write_text(f"# Policy\n\nWe keep your address for {years} years.\n", "utf-8")
        ran = run("index", str(policy), "--company", "shop.com", "--date", day, store=store)
        assert f"added: shop.com@{day}" in ran.stdout
    listed = run("list", "--json", store=store).document["companies"]
    assert listed == [
        {"company": "shop.com", "name": "Shop", "snapshots": ["2026-11-01", "2026-11-20"]}
    ]
    assert "two years" in run("show", "shop.com", "2026-11-01", store=store).stdout
    assert run("diff", "shop.com", store=store).stdout.startswith(
        "Shop's words differ between 1 November 2026 and 20 November 2026."
    )
    # The seeds, which lie at hand, are no part of a shop's own index.
    assert_refused(run("index", store=store), "policychat index policy.md --company shop.com")
    assert 'data-company="shop.com"' in run("embed-code", store=store).stdout


@pytest.mark.parametrize("arguments", [("{}/missing",), ("--remove", "{}/missing")])
def test_index_of_a_path_that_is_not_there_is_refused(
    run: Run, built: Path, arguments: tuple[str, ...]
) -> None:
    run("index", str(built / "policies"), store=built / "store")
    ran = run("index", *(part.format(built) for part in arguments), store=built / "store")
    assert_refused(ran, str(built / "missing"))


def test_index_of_a_folder_without_a_policy_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("index", str(tmp_path / "empty"), store=tmp_path / "store")
    assert_refused(ran, str(tmp_path / "empty"))


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (("a.txt", "--company", "shop.com"), "--company"),
        (("a.txt", "--date", "2026-11-01"), "--company"),
        (("a.txt", "--company", "no domain", "--date", "2026-11-01"), "--company"),
        (("a.txt", "--company", "shop.com", "--date", "2026-11-31"), "--date"),
        (("a.txt", "b.txt", "--company", "shop.com", "--date", "2026-11-01"), "--company"),
    ],
)
def test_options_of_index_that_do_not_fit_are_wrong_usage(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], place: str
) -> None:
    assert_wrong_usage(run("index", *arguments, store=tmp_path / "store"), place)
    assert not (tmp_path / "store").exists()


# evaluate


def some_questions(folder: Path, *more: str) -> Path:
    lines = (SEEDS / "questions.jsonl").read_text("utf-8").splitlines()
    path = folder / "questions.jsonl"
    path.write_text("\n".join([*lines[:3], *more]), "utf-8")
    return path


def test_evaluate_as_json_is_one_document(run: Run, tmp_path: Path) -> None:
    ran = run("evaluate", str(some_questions(tmp_path)), "--json")
    assert ran.code == 0
    document = ran.document
    assert document["problems"] == []
    assert [asked["id"] for asked in document["questions"]] == [
        "lumens-opt-out",
        "lumens-friend-removal",
        "lumens-takeover",
    ]
    assert document["measures"]["valid citations"]["value"] == 1


def test_evaluate_prints_its_measures(run: Run, tmp_path: Path) -> None:
    ran = run("evaluate", str(some_questions(tmp_path)))
    assert ran.code == 0
    assert "valid citations" in ran.stdout


def test_evaluate_names_a_line_that_it_cannot_read(run: Run, tmp_path: Path) -> None:
    path = some_questions(tmp_path, "nonsense")
    ran = run("evaluate", str(path), "--json")
    assert len(ran.document["questions"]) == 3
    (problem,) = ran.document["problems"]
    assert problem.startswith(f"{path}: line 4: ")


def test_evaluate_of_a_file_that_is_not_there_is_refused(run: Run, tmp_path: Path) -> None:
    assert_refused(run("evaluate", str(tmp_path / "none.jsonl")), str(tmp_path / "none.jsonl"))


def test_evaluate_of_a_file_without_a_question_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text("nonsense\n")
    assert run("evaluate", str(path)).code == 1


# Usage, help, and the program as a process


@pytest.mark.parametrize(
    "arguments", [["nosuch"], ["ask"], ["ask", "a", "b"], ["list", "--nosuch"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert_wrong_usage(Ran(result.exit_code, result.stdout, result.stderr), "Usage: ")


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"], catch_exceptions=False)
    assert result.exit_code == 0
    assert {"ask", "diff", "evaluate", "index", "list", "serve", "show", "verify"} <= set(COMMANDS)
    for command in COMMANDS:
        assert f"\n  {command} " in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_and_a_store(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"], catch_exceptions=False)
    assert result.exit_code == 0
    assert f"Example: policychat {command}" in result.stdout
    assert "--store" in result.stdout


def test_the_program_runs_as_a_module_and_reads_its_store_from_the_environment(
    store: Path,
) -> None:
    ran = start("list", "--json", POLICYCHAT_STORE=str(store))
    assert (ran.code, ran.stderr) == (0, "")
    assert len(ran.document["companies"]) == 4


def test_json_is_utf_8_wherever_it_is_printed(store: Path) -> None:
    ran = start("ask", OPT_OUT, "--store", str(store), "--json", PYTHONIOENCODING="utf-8")
    assert (ran.code, ran.stderr) == (0, "")
    assert "“" in ran.document["answer"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param((b"does Lumens sell it \xff",), id="question"),
        pytest.param((b"do you sell it?", b"--company", b"\xff"), id="company"),
        pytest.param((b"do you sell it?", b"--as-of", b"\xff"), id="date"),
        pytest.param((b"do you sell it?", b"--history", b"\xff"), id="history"),
    ],
)
def test_bytes_that_are_no_text_end_without_a_traceback(
    store: Path, arguments: tuple[bytes, ...]
) -> None:
    ran = start("ask", *arguments, "--store", str(store), PYTHONIOENCODING="utf-8:strict")
    assert "Traceback" not in ran.stderr
    assert ran.code in (0, 1, 2)


def test_a_reader_that_goes_away_is_no_failure_to_trace(store: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "chatbot", "show", "lumens.com", "--store", str(store)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.wait(60) in (0, 1)
        assert program.stderr.read() == b""


def test_serve_on_a_port_that_is_taken_is_refused(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert_refused(run("serve", "--port", port), port, "taken", "--port")
    gc.collect()  # a socket that was left open warns here


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_serve_on_a_port_that_is_none_is_wrong_usage(run: Run, port: str) -> None:
    assert_wrong_usage(run("serve", "--port", port), "--port")


def test_indexing_only_what_is_refused_fails(store: Path, tmp_path: Path) -> None:
    shutil.copytree(store / "encoders", tmp_path / "store" / "encoders")
    (tmp_path / "policy.md").write_text("We keep it.\n", "utf-8")
    policy, store_option = str(tmp_path / "policy.md"), str(tmp_path / "store")
    done = subprocess.run(
        [sys.executable, "-m", "chatbot", "index", "--store", store_option, policy],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
