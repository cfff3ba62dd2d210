"""The command line: ``policychat``. It only reads arguments and renders what the rest returns."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer
from rich.console import Console

from index.errors import UserError
from index.sources import SourceError, parse_company, parse_date

# The commands import what they need: `ask` must not wait for the page, nor `list` for the encoder.
if TYPE_CHECKING:
    from chatbot.types import Answer, Turn

app = typer.Typer(
    name="policychat",
    help="Ask what a company does with your data; get its policy's own words and their date.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Store = Annotated[
    Path, typer.Option("--store", envvar="POLICYCHAT_STORE", help="Folder of the index.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Parsed = TypeVar("Parsed")
DEFAULT_STORE = Path("var/index")
DEFAULT_SOURCE = Path("seeds")
MAX_HISTORY = 1_000_000  # characters of its file
DEFAULT_QUESTIONS = Path("seeds/questions.jsonl")


def main() -> None:
    """Run the command line. Exits 0 when done, 1 when refused or failed, 2 on wrong usage."""
    try:
        app(prog_name="policychat")
    except BrokenPipeError:  # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except ModuleNotFoundError as error:
        # requirements-serve.txt brings what serving needs, and nothing to build an index with.
        typer.echo(
            f"policychat: {error.name} is not installed; this command needs the whole program: "
            "pip install -c constraints.txt .",
            err=True,
        )
        raise SystemExit(1) from None


@contextmanager
def _failing_clearly() -> Iterator[None]:
    """What a user can cause ends in one line on stderr and exit status 1."""
    try:
        yield
    except UserError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or 'input or output'}: {error.strerror}")


def _fail(message: str) -> None:
    typer.echo(f"policychat: {' '.join(message.split())}", err=True)
    raise typer.Exit(1)


def _parsed(parse: Callable[[str], Parsed], value: str | None, option: str) -> Parsed | None:
    """An option's value, or exit status 2 with the reason."""
    try:
        return None if value is None else parse(value)
    except UserError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _print_json(document: Any) -> None:  # noqa: ANN401  # whatever json can write
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


@app.command()
def index(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Folders or files of policies.")
    ] = None,
    store: Store = DEFAULT_STORE,
    company: Annotated[
        str | None, typer.Option(help="Domain of the company, for a file without a header.")
    ] = None,
    date_: Annotated[
        str | None, typer.Option("--date", help="Day on which the file's text stood: YYYY-MM-DD.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where the file's text was published.")] = None,
    form: Annotated[
        Literal["auto", "seed", "ota", "princeton", "file"],
        typer.Option("--format", help="How an archive is laid out; told by looking, by default."),
    ] = "auto",
    only: Annotated[
        str | None, typer.Option(help="Of an archive, only this domain or service.")
    ] = None,
    terms_type: Annotated[
        str, typer.Option("--type", help="Of an Open Terms Archive, this type of terms.")
    ] = "Privacy Policy",
    since: Annotated[str | None, typer.Option(help="Of an archive, from this day on.")] = None,
    until: Annotated[str | None, typer.Option(help="Of an archive, up to this day.")] = None,
    remove: Annotated[
        list[Path] | None, typer.Option(help="Forget this folder or file and all that it brought.")
    ] = None,
) -> None:
    """Add or refresh policies; without a path, read all known folders and archives again.

    Example: policychat index my-policies/ archive.git
    """
    from chatbot.terminal import print_report, progress_shown
    from index.build import build_index, recorded_sources
    from index.sources import Source

    domain = _parsed(parse_company, company, "--company")
    day = _parsed(parse_date, date_, "--date")
    if (domain is None) != (day is None):
        raise typer.BadParameter("--company and --date go together", param_hint="--company")
    if domain and (not paths or len(paths) != 1 or paths[0].is_dir()):
        raise typer.BadParameter("--company goes with exactly one file", param_hint="--company")
    first, last = _parsed(parse_date, since, "--since"), _parsed(parse_date, until, "--until")
    if form == "file" and domain is None:
        raise typer.BadParameter("a file needs --company and --date", param_hint="--format")
    if not paths and (only or first or last or form != "auto" or terms_type != "Privacy Policy"):
        raise typer.BadParameter("these choose from a PATH; name one", param_hint="--only")
    if first and last and first > last:
        raise typer.BadParameter("--since lies after --until", param_hint="--since")
    with _failing_clearly(), progress_shown() as progress:
        if paths:
            sources = [
                Source(path.resolve(), domain, day, url, form, only, terms_type, first, last)
                for path in paths
            ]
        elif remove:
            sources = []
        else:
            recorded = recorded_sources(store)
            sources = [source for source in recorded if source.company is None]
            if recorded and not sources:
                raise SourceError(
                    "all that this index has are single files, each of a day; name the new text "
                    "and its day: policychat index policy.md --company "
                    f"{recorded[0].company} --date YYYY-MM-DD"
                )
            sources = sources or [Source(DEFAULT_SOURCE.resolve())]
        gone = [path.resolve() for path in remove or []]
        report = build_index(store, sources, remove=gone, progress=progress)
    print_report(report)
    if paths and report.refused and not (report.added or report.changed or report.unchanged):
        _fail("nothing was taken; see what was refused, and why, above")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In your own words; - reads standard input.")],
    store: Store = DEFAULT_STORE,
    company: Annotated[
        str | None, typer.Option(help="Domain; a company named in the question goes first.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The policy in force that day.")] = None,
    history: Annotated[
        Path | None, typer.Option(help='JSON: [{"role": "user", "content": "…"}, …]')
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer one question from the policies.

    Example: policychat ask "how do I opt out of Lumens emails?"
    """
    from chatbot.bot import Chatbot

    day = _parsed(parse_date, as_of, "--as-of")
    with _failing_clearly():
        turns = _read_history(history) if history else []
        text = sys.stdin.read(100_000) if question == "-" else question
        answer = Chatbot.open(store).ask(text, company=company, as_of=day, history=turns)
    if as_json:
        _print_json(asdict(answer))
    else:
        _print_answer(answer)


def _read_history(path: Path) -> "list[Turn]":
    from chatbot.question import MAX_CONTENT, MAX_TURNS
    from chatbot.types import Turn

    try:
        with path.open(encoding="utf-8") as file:
            written = file.read(MAX_HISTORY + 1)
        if len(written) > MAX_HISTORY:
            raise SourceError(f"{path} is over {MAX_HISTORY:,} characters; shorten the history")
        loaded = json.loads(written)
        if not isinstance(loaded, list):
            raise TypeError
        turns = [Turn(turn["role"], turn["content"]) for turn in loaded]
        if not all(
            turn.role in ("user", "assistant") and isinstance(turn.content, str) for turn in turns
        ):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SourceError(
            f'{path} is no history; it should read [{{"role": "user", "content": "…"}}, …]'
        ) from None
    if len(turns) > MAX_TURNS or any(len(turn.content) > MAX_CONTENT for turn in turns):
        raise SourceError(
            f"{path} is too long a history; it may have {MAX_TURNS} turns of at most "
            f"{MAX_CONTENT:,} characters each"
        )
    return turns


def _print_answer(answer: "Answer") -> None:
    """The answer as a page shows it, in plain text that fits the terminal."""
    from chatbot.terminal import render_answer

    console = Console(highlight=False)
    for part in render_answer(answer):
        console.print(part, soft_wrap=bool(getattr(part, "no_wrap", False)))


@app.command()
def diff(
    company: Annotated[str, typer.Argument(help="Domain of the company.")],
    date1: Annotated[str | None, typer.Argument(help="One day; the oldest by default.")] = None,
    date2: Annotated[str | None, typer.Argument(help="Another; the newest by default.")] = None,
    store: Store = DEFAULT_STORE,
    topic: Annotated[str, typer.Option(help="Only sentences about these words.")] = "",
    as_json: Json = False,
) -> None:
    """What a policy says differently on two days.

    Example: policychat diff bellacor.com 2009-11-27 2012-10-23 --topic affiliates
    """
    from chatbot.bot import Chatbot

    first, second = _parsed(parse_date, date1, "DATE1"), _parsed(parse_date, date2, "DATE2")
    with _failing_clearly():
        answer = Chatbot.open(store).compare(company, first, second, topic=topic)
    if as_json:
        _print_json(asdict(answer))
    else:
        _print_answer(answer)


@app.command("list")
def list_(store: Store = DEFAULT_STORE, as_json: Json = False) -> None:
    """The companies in the index and the days of their policies.

    Example: policychat list
    """
    from index.policy_index import open_index

    with _failing_clearly():
        policy_index = open_index(store)
    companies = [
        {
            "company": company.company,
            "name": company.name,
            "snapshots": [day.isoformat() for day in company.days],
        }
        for company in policy_index.companies.values()
    ]
    if as_json:
        _print_json({"companies": companies, "generation": policy_index.name})
        return
    from rich.table import Table

    table = Table("Company", "Name", "Snapshots", box=None, padding=(0, 2, 0, 0))
    for row in companies:
        table.add_row(str(row["company"]), str(row["name"]), ", ".join(row["snapshots"]))
    Console().print(table)


@app.command()
def show(
    company: Annotated[str, typer.Argument(help="Domain of the company.")],
    day: Annotated[
        str | None, typer.Argument(metavar="DATE", help="The policy in force that day.")
    ] = None,
    store: Store = DEFAULT_STORE,
    as_json: Json = False,
) -> None:
    """The text of a policy as archived.

    Example: policychat show bellacor.com 2010-06-01
    """
    from chatbot.bot import Chatbot

    wanted = _parsed(parse_date, day, "DATE")
    with _failing_clearly():
        snapshot = Chatbot.open(store).policy(company, wanted)
    if as_json:
        document = asdict(snapshot)
        _print_json({**document, "captured_on": snapshot.captured_on.isoformat()})
    else:
        typer.echo(snapshot.text)


@app.command()
def evaluate(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="JSON Lines, a BEIR folder, TREC topics, LegalBench-RAG JSON or CSV.",
        ),
    ],
    qrels: Annotated[
        Path | None, typer.Option(help="Relevance judgements (TREC or BEIR) to judge by.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write run, judgements and report there.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(metavar="RUN", help="An earlier run's --out folder to beat.")
    ] = None,
    run: Annotated[
        Path | None, typer.Option(help="Score this TREC run, made elsewhere, instead of ours.")
    ] = None,
    store: Store = DEFAULT_STORE,
    as_json: Json = False,
) -> None:
    """Measure retrieval and answers against labelled questions.

    Example: policychat evaluate seeds/questions.jsonl
    """
    from chatbot.evaluation.compare import compare_runs, read_earlier
    from chatbot.evaluation.files import evaluate_files
    from chatbot.evaluation.output import check_folder, per_question, summary, write_report
    from chatbot.evaluation.shown import render, render_comparison
    from chatbot.terminal import progress_shown

    with _failing_clearly():
        earlier = read_earlier(compare) if compare else None  # before the time is spent
        if out:
            inputs = [path for path in (*files, qrels, run) if path]
            check_folder(out, [*inputs, *(path / "qrels.trec" for path in files)])
        with progress_shown() as progress:
            report = evaluate_files(files, store, qrels=qrels, run=run, progress=progress)
        comparison = compare_runs(report, earlier) if earlier is not None else None
        written = write_report(report, out, comparison) if out else []
    if as_json:
        document = summary(report) | {"questions": per_question(report)}
        _print_json(document | ({"comparison": asdict(comparison)} if comparison else {}))
        return
    for problem in report.problems:
        typer.echo(problem, err=True)
    Console().print(render(report))
    if comparison:
        Console().print(render_comparison(comparison))
    for path in written:
        typer.echo(path)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write; new or empty.")],
    form: Annotated[
        Literal["beir", "trec"], typer.Option("--format", help="Whose files to write.")
    ] = "beir",
    questions: Annotated[
        list[Path] | None,
        typer.Option(help=f"A question set in JSON Lines; {DEFAULT_QUESTIONS} by default."),
    ] = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Write passages, questions and relevance judgements for other retrieval tools.

    Example: policychat export exported/ --format trec
    """
    from chatbot.evaluation.export import export as write
    from chatbot.evaluation.labelled import read_sets
    from index.policy_index import open_index

    with _failing_clearly():
        policy_index = open_index(store)
        read, problems = read_sets(questions or [DEFAULT_QUESTIONS])
        done = write(policy_index, read, folder, form)
    for problem in problems:
        typer.echo(problem, err=True)
    for name in done.unjudged:
        typer.echo(f"{name}: no single passage holds its quote: it has no judgement", err=True)
    for path, number in done.lines.items():
        typer.echo(f"{path}: {number:,} lines")


@app.command()
def serve(
    store: Store = DEFAULT_STORE,
    host: Annotated[str, typer.Option(envvar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535)] = 7860,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            envvar="POLICYCHAT_ALLOW_ORIGIN",
            help="A site whose scripts may call the API, such as https://shop.example; else none.",
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            envvar="POLICYCHAT_ALLOW_HOST",
            help="A host name to answer under, such as policies.example, beside localhost.",
        ),
    ] = None,
    rate: Annotated[
        str,
        typer.Option(
            envvar="POLICYCHAT_RATE", help="Requests of one client, such as 5/second; off."
        ),
    ] = "60/minute",
    daily_cap: Annotated[
        int | None,
        typer.Option(
            envvar="POLICYCHAT_DAILY_CAP", min=1, help="Questions of all clients in 24 hours."
        ),
    ] = None,
    page: Annotated[bool, typer.Option(help="Serve the page, which needs gradio.")] = True,
) -> None:
    """Serve the page and the HTTP interface.

    Example: policychat serve --port 8000
    """
    from chatbot.limits import check_host, check_origin, parse_rates
    from chatbot.server import run

    origins = [_parsed(check_origin, each, "--allow-origin") or "" for each in allow_origin or []]
    hosts = [_parsed(check_host, each, "--allow-host") or "" for each in allow_host or []]
    rates = _parsed(parse_rates, rate, "--rate") or ()
    with _failing_clearly():
        run(
            store,
            host,
            port,
            allow_origins=origins,
            allow_hosts=hosts,
            rates=rates,
            daily_cap=daily_cap,
            page=page,
        )


@app.command("embed-code")
def embed_code(
    store: Store = DEFAULT_STORE,
    host: Annotated[
        str, typer.Option(metavar="URL", help="Where the server is known to browsers.")
    ] = "http://127.0.0.1:7860",
    company: Annotated[
        str | None, typer.Option(help="Domain of the shop; needed where several are in the index.")
    ] = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Name the version, and have browsers check its hash.")
    ] = False,
) -> None:
    """The line that puts the widget on a site, and what the site has to allow.

    Example: policychat embed-code --host https://ask.lumens.com --company lumens.com
    """
    from chatbot import embed
    from index.policy_index import open_index

    with _failing_clearly():
        companies = list(open_index(store).companies.values())
        code = embed.embed_code(host, embed.chosen_company(companies, company), pin=pin)
    typer.echo(code, nl=False)


@app.command()
def check(
    company: Annotated[str, typer.Argument(help="Domain of the company.")],
    store: Store = DEFAULT_STORE,
    as_json: Json = False,
) -> None:
    """What visitors will ask and a policy does not say, and what in it looks wrong.

    Example: policychat check lumens.com
    """
    from chatbot.bot import Chatbot
    from chatbot.check import check_policy
    from chatbot.terminal import render_check
    from index.encode import Encoder
    from index.policy_index import open_index
    from index.store import encoder_folder

    with _failing_clearly():
        policy_index = open_index(store)
        bot = Chatbot(policy_index, Encoder(encoder_folder(store, policy_index.manifest)))
        checked = check_policy(policy_index, bot, company)
    if as_json:
        _print_json(asdict(checked))
        return
    console = Console(highlight=False)
    for part in render_check(checked):
        console.print(part, soft_wrap=bool(getattr(part, "no_wrap", False)))


@app.command()
def verify(store: Store = DEFAULT_STORE) -> None:
    """Compare every file of the index with its recorded hash.

    Example: policychat verify
    """
    from index import store as stores

    with _failing_clearly():
        manifest = stores.verify(store)
    counts = ", ".join(f"{number:,} {what}" for what, number in manifest.counts.items())
    typer.echo(f"whole: {stores.current_generation(store).name}: {counts}")
