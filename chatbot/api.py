"""The HTTP interface: questions, policies and comparisons under /api, health, and /docs.

Nothing that a client sends is repeated in an error or written to a log.
"""

import json
import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from traceback import format_tb
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, Query
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatbot.bot import Chatbot, UnknownPolicyError
from chatbot.question import MAX_QUESTION, QuestionError
from chatbot.types import Answer, Turn
from index.sources import SourceError, parse_date
from index.types import Company, Snapshot

MAX_BODY = 65_536  # bytes under /api, counted while they are read
MAX_PAGE_BODY = 1_000_000  # bytes elsewhere: the page sends its conversation back
MAX_COMPANY = 253  # characters, as of a domain name
MAX_TURNS = 50
MAX_CONTENT = 4000  # characters of one turn
DOCUMENTATION = Path(__file__).parent / "static" / "docs.html"
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]", "testserver")
LOGGER = logging.getLogger(__name__)

EXPECTED = {  # what each field must be, said without repeating what it was
    "question": f"a text of 1 to {MAX_QUESTION} characters, not all of them white space",
    "company": f"a company such as lumens.com, of at most {MAX_COMPANY} characters",
    "only_company": "true or false",
    "history": (
        f'a list of at most {MAX_TURNS} turns {{"role": "user" or "assistant", "content": '
        f"a text of at most {MAX_CONTENT} characters}}"
    ),
    "topic": f"a text of at most {MAX_QUESTION} characters",
    **dict.fromkeys(("as_of", "day", "from", "to"), "a day written YYYY-MM-DD"),
}
ERRORS = {
    400: ("bad_request", "the request cannot be read, or its Host or Origin is not allowed here"),
    404: ("not_found", "there is nothing at this path; /docs says what there is"),
    405: ("method_not_allowed", "this path does not take that method; /docs says which"),
    413: ("too_large", f"the body is too large; a question's has at most {MAX_BODY:,} bytes"),
    422: ("invalid", "the body must be a JSON object, sent with Content-Type: application/json"),
    500: ("internal_error", "the server failed; asking again may help"),
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class AnswerError(RuntimeError):
    """The bot failed for a reason of its own; carries none of the question's words."""


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
router = APIRouter(responses={"4XX": {"model": ErrorBody}}, max_body_size=MAX_BODY)


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
    if not _wants_events(accept):
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


def _wants_events(accept: str) -> bool:
    return "text/event-stream" in accept.lower()


async def _events(answer: Answer) -> AsyncIterator[str]:
    """Stream the citations, the answer's text word by word, then everything once more."""
    whole = asdict(answer)
    yield _event("citations", {key: value for key, value in whole.items() if key != "answer"})
    for piece in re.findall(r"\S+\s*|\s+", answer.answer):
        yield _event("token", {"text": piece})
    yield _event("done", whole)


def _event(name: str, data: object) -> str:
    """Write one server-sent event; its JSON has no line break of its own."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


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


class UnknownPath:
    """What answers under /api when no route does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with 405 where only the method is wrong, else with 404."""
        for route in scope["app"].router.routes:
            match, child_scope = route.matches(scope)
            if match is Match.PARTIAL:
                scope.update(child_scope)
                await route.handle(scope, receive, send)  # raises 405 with the methods allowed
        raise HTTPException(404)


EXPLAINED: tuple[type[Exception], ...] = (
    RequestValidationError,
    QuestionError,
    UnknownPolicyError,
    HTTPException,
    AnswerError,
    Exception,
)


async def _explain(request: Request, error: Exception) -> Response:
    """Turn whatever was raised into the error that a client sees."""
    match error:
        case RequestValidationError():
            places = [part for issue in error.errors() for part in issue["loc"][1:2]]
            names = [name for name in EXPECTED if name in places]
            return _error(422, message="; ".join(f"{name}: {EXPECTED[name]}" for name in names))
        case QuestionError():
            return _error(422, error.code, str(error))
        case UnknownPolicyError():
            return _error(404, "unknown_policy", "no policy of that company, or none so early")
        case HTTPException():
            return _error(error.status_code, headers=error.headers)
    failure = _error(500)
    if _wants_events(request.headers.get("accept", "")):
        event = _event("error", json.loads(bytes(failure.body)))
        return Response(event, 500, media_type="text/event-stream")
    return failure


def _error(
    status: int, code: str = "", message: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Write an error in the one shape, by default in the usual words for its status."""
    usual_code, usual_message = ERRORS.get(status, ERRORS[400])
    body = {"error": {"code": code or usual_code, "message": message or usual_message}}
    # What was not read of a body too large would pass for the next request.
    closing = {"Connection": "close"} if status == 413 else {}
    return JSONResponse(body, status, {**(headers or {}), **closing})


class SafeHeaders:
    """Adds to every response the headers that keep a browser careful; a route may set its own."""

    def __init__(self, app: ASGIApp) -> None:  # noqa: D107 - the shape of all middleware
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                caching = {"Cache-Control": "no-store"} if scope["path"].startswith("/api") else {}
                for name, value in {**HEADERS, **caching}.items():
                    MutableHeaders(scope=message).setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_safely)


class ErrorsAsJson:
    """Gives the refusals that other middleware writes as plain text the shape of all errors."""

    def __init__(self, app: ASGIApp) -> None:  # noqa: D107 - the shape of all middleware
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        replaced = False

        async def send_shaped(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] >= 400:
                headers = Headers(raw=message["headers"])
                replaced = headers.get("content-type", "").startswith("text/plain")
                if replaced:
                    kept = {name: headers[name] for name in headers if name[:8] != "content-"}
                    await _error(message["status"], headers=kept)(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(scope, receive, send_shaped)


def create_app(
    bot: Chatbot, *, allow_origins: Sequence[str] = (), allow_hosts: Sequence[str] = ()
) -> FastAPI:
    """Build the HTTP interface of ``bot``; it takes every path under /api, others are free.

    ``allow_origins`` are the sites whose scripts may call it. Requests to local host names are
    always answered; ``allow_hosts`` adds those under which the server is known.
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
            ),
            Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_PAGE_BODY),
        ],
        exception_handlers=dict.fromkeys(EXPLAINED, _explain),
    )
    app.state.bot = bot
    app.include_router(router)
    app.router.routes.extend(
        Route(path, UnknownPath(), include_in_schema=False) for path in ("/api", "/api/{rest:path}")
    )
    return app
