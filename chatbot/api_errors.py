"""What a client is told when a request cannot be answered: one shape, and nothing it sent."""

import json
import logging
from collections.abc import Mapping
from traceback import format_tb

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatbot.bot import UnknownPolicyError
from chatbot.question import MAX_CONTENT, MAX_QUESTION, MAX_TURNS, QuestionError

LOGGER = logging.getLogger(__name__)
MAX_BODY = 65_536  # bytes, counted while they are read
MAX_COMPANY = 253  # characters, as of a domain name

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
    400: ("bad_request", "the request cannot be read"),
    404: ("not_found", "there is nothing at this path; /docs says what there is"),
    405: ("method_not_allowed", "this path does not take that method; /docs says which"),
    408: ("too_slow", "the body did not arrive in time; send it again"),
    413: ("too_large", f"the body is too large; a question's has at most {MAX_BODY:,} bytes"),
    422: ("invalid", "the body must be a JSON object, sent with Content-Type: application/json"),
    500: ("internal_error", "the server failed; asking again may help"),
}


class AnswerError(RuntimeError):
    """The bot failed for a reason of its own; carries none of the question's words."""


def wants_events(accept: str) -> bool:
    """Whether a client asks for server-sent events."""
    return "text/event-stream" in accept.lower()


def server_sent_event(name: str, data: object) -> str:
    """Write one server-sent event; its JSON has no line break of its own."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


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


async def explain(request: Request, error: Exception) -> Response:
    """Turn whatever was raised into the error that a client sees."""
    match error:
        case RequestValidationError():
            places = [part for issue in error.errors() for part in issue["loc"][1:2]]
            names = [name for name in EXPECTED if name in places]
            return error_response(
                422, message="; ".join(f"{name}: {EXPECTED[name]}" for name in names)
            )
        case QuestionError():
            return error_response(422, error.code, str(error))
        case UnknownPolicyError():
            return error_response(
                404, "unknown_policy", "no policy of that company, or none so early"
            )
        case HTTPException():
            return error_response(error.status_code, headers=error.headers)
    failure = error_response(500)
    if wants_events(request.headers.get("accept", "")):
        body = server_sent_event("error", json.loads(bytes(failure.body)))
        return Response(body, 500, media_type="text/event-stream")
    return failure


def error_response(
    status: int, code: str = "", message: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Write an error in the one shape, by default in the usual words for its status."""
    usual_code, usual_message = ERRORS.get(status, ERRORS[400])
    body = {"error": {"code": code or usual_code, "message": message or usual_message}}
    # What was not read of a body too large or too slow would pass for the next request.
    closing = {"Connection": "close"} if status in (408, 413) else {}
    return JSONResponse(body, status, {**(headers or {}), **closing})


class ErrorsAsJson:
    """Gives the refusals that other middleware writes as plain text the shape of all errors.

    What nobody foresaw is logged without its message, which may repeat what was sent.
    """

    def __init__(self, app: ASGIApp) -> None:  # noqa: D107 - the shape of all middleware
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        replaced = started = False

        async def send_shaped(message: Message) -> None:
            nonlocal replaced, started
            started = True
            if message["type"] == "http.response.start" and message["status"] >= 400:
                headers = Headers(raw=message["headers"])
                replaced = headers.get("content-type", "").startswith("text/plain")
                if replaced:
                    kept = {name: headers[name] for name in headers if name[:8] != "content-"}
                    code, text = _refused_by(scope, message["status"])
                    response = error_response(message["status"], code, text, kept)
                    await response(scope, receive, send)
            if not replaced:
                await send(message)

        try:
            await self.app(scope, receive, send_shaped)
        except Exception as error:
            trace = "".join(format_tb(error.__traceback__))
            LOGGER.error("no answer: %s\n%s", type(error).__name__, trace)
            if scope["type"] == "http" and not started:
                await error_response(500)(scope, receive, send)


def _refused_by(scope: Scope, status: int) -> tuple[str, str]:
    """Code and message for a refusal by host or origin; "" for the usual ones."""
    if status != 400 or scope["type"] != "http":
        return "", ""
    if scope["method"] == "OPTIONS":
        return "origin_not_allowed", "scripts of that site may not call this server"
    return "host_not_allowed", "this server does not answer under that host name"
