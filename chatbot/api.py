"""The HTTP interface: questions, policies and comparisons under /api, health, and /docs.

Nothing that a client sends is repeated in an error or written to a log.
"""

import logging
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from traceback import format_tb
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, Query
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from limits import RateLimitItem
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.routing import Route

from chatbot.api_errors import (
    EXPLAINED,
    MAX_BODY,
    MAX_COMPANY,
    AnswerError,
    ErrorsAsJson,
    UnknownPath,
    explain,
    server_sent_event,
    wants_events,
)
from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.embed import router as embed_router
from chatbot.headers import SafeHeaders
from chatbot.limits import Limits
from chatbot.question import MAX_CONTENT, MAX_QUESTION, MAX_TURNS, QuestionError
from chatbot.types import Answer, Turn
from index.sources import SourceError, parse_date
from index.types import Company, Snapshot

DOCUMENTATION = Path(__file__).parent / "static" / "docs.html"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]", "testserver")
LOGGER = logging.getLogger(__name__)


def _read_day(value: object) -> date:
    """Take YYYY-MM-DD only; pydantic alone would also take numbers and times."""
    try:
        return parse_date(value if isinstance(value, str) else "")
    except SourceError:
        raise ValueError("not a day") from None


def _refuse_unwritable(value: str) -> str:
    """Refuse what is no text: NUL, and halves of characters alone (lone surrogates)."""
    if "\0" in value:
        raise ValueError("NUL")
    value.encode()  # raises UnicodeEncodeError, a ValueError
    return value


def _refuse_blank(value: str) -> str:
    """Refuse a text that says nothing."""
    if not value.strip():
        raise ValueError("blank")
    return value


Day = Annotated[date, BeforeValidator(_read_day)]
Text = Annotated[str, AfterValidator(_refuse_unwritable)]


class HistoryTurn(BaseModel):
    """An earlier message of the conversation; only the user's own are believed."""

    model_config = ConfigDict(strict=True)

    role: Literal["user", "assistant"]
    content: Annotated[Text, Field(max_length=MAX_CONTENT)]


class AskRequest(BaseModel):
    """A question, and what is known about it beside its words."""

    model_config = ConfigDict(strict=True)

    question: Annotated[Text, Field(max_length=MAX_QUESTION), AfterValidator(_refuse_blank)]
    company: Annotated[Text, Field(max_length=MAX_COMPANY)] | None = None
    as_of: Day | None = None
    only_company: bool = False
    history: Annotated[list[HistoryTurn], Field(max_length=MAX_TURNS)] = []


class ErrorBody(BaseModel):
    """What every error says: a code for programs, a message for people."""

    error: dict[Literal["code", "message"], str]


async def _opened_bot(request: Request) -> Chatbot:
    """Find the bot that this application was created with."""
    bot: Chatbot = request.app.state.bot
    return bot


Bot = Annotated[Chatbot, Depends(_opened_bot)]
ANSWER: dict[int | str, dict[str, Any]] = {200: {"model": Answer}}
router = APIRouter(responses={"4XX": {"model": ErrorBody}})


@router.post("/api/v1/ask", responses=ANSWER)
def ask(request: AskRequest, bot: Bot, accept: Annotated[str, Header()] = "") -> Response:
    """Answer a question: one JSON document, or events with Accept: text/event-stream."""
    with _private_failures():
        answer = bot.ask(
            request.question,
            company=request.company,
            as_of=request.as_of,
            only_company=request.only_company,
            history=[Turn(turn.role, turn.content) for turn in request.history],
        )
    if not wants_events(accept):
        return JSONResponse(asdict(answer))
    # A proxy must not hold events back until there are many.
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_events(answer), headers=headers, media_type="text/event-stream")


@contextmanager
def _private_failures() -> Iterator[None]:
    """Log where the bot failed, but not the error's message: it may quote the question."""
    try:
        yield
    except (QuestionError, UnknownPolicyError):
        raise
    except Exception as error:
        LOGGER.error("%s\n%s", type(error).__name__, "".join(format_tb(error.__traceback__)))
        raise AnswerError from None


async def _events(answer: Answer) -> AsyncIterator[str]:
    """Stream the citations, the answer's text word by word, then everything once more."""
    whole = asdict(answer)
    yield server_sent_event(
        "citations", {key: value for key, value in whole.items() if key != "answer"}
    )
    for piece in re.findall(r"\S+\s*|\s+", answer.answer):
        yield server_sent_event("token", {"text": piece})
    yield server_sent_event("done", whole)


@router.get("/api/v1/policies")
def list_policies(bot: Bot) -> dict[str, object]:
    """List every company and the days on which its policy was kept."""
    entries = [_entry(company) for company in bot.policies()]
    return {"companies": entries, "generation": bot.generation}


@router.get("/api/v1/policies/{company}")
def show_company(company: str, bot: Bot) -> dict[str, object]:
    """List one company's days, with where each policy was archived and where it stood."""
    name = bot.policy(company).company  # as the index spells it
    found = next(entry for entry in bot.policies() if entry.company == name)
    sources = [_source(bot.policy(name, day)) for day in found.days]
    return {**_entry(found), "sources": sources}


@router.get("/api/v1/policies/{company}/{day}")
def show_policy(company: str, day: Day, bot: Bot) -> dict[str, object]:
    """Show the policy in force that day, with its text; 404 before the first."""
    policy = bot.policy(company, day)
    named = {"company": policy.company, "name": policy.name, "title": policy.title}
    return {**named, **_source(policy), "text": policy.text}


def _entry(company: Company) -> dict[str, object]:
    """Describe a company as every list does."""
    days = [day.isoformat() for day in company.days]
    return {"company": company.company, "name": company.name, "snapshots": days}


def _source(policy: Snapshot) -> dict[str, str | None]:
    """Say when and where a policy stood."""
    urls = {"archived_url": policy.archived_url, "original_url": policy.original_url}
    return {"date": policy.captured_on.isoformat(), **urls}


@router.get("/api/v1/diff/{company}", responses=ANSWER)
def show_changes(
    company: str,
    bot: Bot,
    first: Annotated[Day | None, Query(alias="from")] = None,
    second: Annotated[Day | None, Query(alias="to")] = None,
    topic: Annotated[Text, Query(max_length=MAX_QUESTION)] = "",
) -> Response:
    """Compare two days, by default the oldest and the newest."""
    with _private_failures():
        return JSONResponse(asdict(bot.compare(company, first, second, topic=topic)))


@router.get("/healthz")
async def health() -> dict[str, str]:
    """Say that the server is alive."""
    return {"status": "alive"}


@router.get("/readyz")
async def readiness(bot: Bot) -> dict[str, str]:
    """Name the open generation; a bot opens none that it has not verified."""
    return {"status": "ready", "generation": bot.generation}


@router.get("/docs", include_in_schema=False)
async def documentation() -> FileResponse:
    """Describe these paths for people, without anything from elsewhere."""
    return FileResponse(DOCUMENTATION, media_type="text/html")


def create_app(
    bot: Chatbot,
    *,
    allow_origins: Sequence[str] = (),
    allow_hosts: Sequence[str] = (),
    rates: Sequence[RateLimitItem] = (),
    daily_cap: int | None = None,
) -> FastAPI:
    """Build the HTTP interface of ``bot``; it takes every path under /api, others are free.

    ``allow_origins`` are the sites whose scripts may call it. Requests to local host names are
    always answered; ``allow_hosts`` adds those under which the server is known. ``rates`` limit
    each client, ``daily_cap`` the questions of all together in 24 hours.
    """
    hosts = [*LOCAL_HOSTS, *allow_hosts]
    app = FastAPI(
        title="policychat",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        middleware=[  # a request passes them in this order
            Middleware(SafeHeaders),
            Middleware(ErrorsAsJson),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
            Middleware(
                CORSMiddleware,
                allow_origins=list(allow_origins),
                allow_methods=["GET", "POST"],
                allow_headers=["content-type"],
                allow_credentials=False,
                expose_headers=["Retry-After"],
            ),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY),
            Middleware(Limits, rates=rates, daily_cap=daily_cap),
        ],
        exception_handlers=dict.fromkeys(EXPLAINED, explain),
    )
    app.state.bot = bot
    app.state.allow_origins = list(allow_origins)
    app.include_router(router)
    app.include_router(embed_router)
    app.router.routes.extend(
        Route(path, UnknownPath(), include_in_schema=False) for path in ("/api", "/api/{rest:path}")
    )
    return app
