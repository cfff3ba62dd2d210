"""What stands between the public and the bot: whole bodies in time, a fair share, a short queue.

Counts are kept in memory only, for as long as their window lasts. A client is an IPv4 address or
the /64 of an IPv6 address; behind a reverse proxy the address is the one that it forwards, where
uvicorn trusts it (docs/operations.md).
"""

import asyncio
import re
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import time

from limits import RateLimitItem, RateLimitItemPerDay, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatbot.api_errors import error_response
from index.errors import UserError

RATE = "60/minute"  # requests of one client, unless the owner says otherwise
BODY_SECONDS = 10  # from the head of a request to the end of its body
AT_ONCE = 4  # requests worked on at the same time; more only share the same cores
WAITING = 64  # requests that may wait for their turn
WAIT_SECONDS = 10  # for a turn; whoever would wait longer is better told so
BUSY_SECONDS = 2  # after which a queue that was full has most likely moved on
# Each of these makes the bot, or the page's server, work.
COUNTED = re.compile(r"/api/.*|/gradio_api/(queue/join|run/predict)/?", re.DOTALL)
QUESTION = re.compile(r"/api/v1/(ask|diff/.*)|/gradio_api/queue/join/?", re.DOTALL)


class LimitError(UserError):
    """A limit that cannot be understood."""


def parse_rates(text: str) -> tuple[RateLimitItem, ...]:
    """Numbers of requests in a time, such as 60/minute or 5/second;500/day; none for ``off``.

    Raises LimitError.
    """
    if text.strip().lower() == "off":
        return ()
    try:
        rates = tuple(parse_many(text))
    except ValueError:
        rates = ()
    if not rates or any(rate.amount < 1 for rate in rates):
        raise LimitError(f"{text!r} is no rate; write it like 60/minute, 5/second;500/day, or off")
    return rates


def check_origin(text: str) -> str:
    """A site as browsers name it, such as https://shop.example. Raises LimitError."""
    if not re.fullmatch(r"https?://[^\s/:@?#*]+(:\d+)?", text):
        raise LimitError(
            f"{text!r} is no origin; write it like https://shop.example, without a path or *"
        )
    return text.lower()


def check_host(text: str) -> str:
    """A host name without scheme, port or path; *.example for all below. Raises LimitError."""
    if not re.fullmatch(r"(\*\.)?[\w.-]+|\[[0-9a-f:.]+\]", text, re.IGNORECASE):
        raise LimitError(f"{text!r} is no host name; write it like policies.example")
    return text.lower()


class Limits:
    """Middleware that refuses what is too slow, too often or too much at once.

    A body is read whole before anything is counted or done, so that a slow client keeps nobody
    from being answered. Stands inside the middleware that limits a body's size.
    """

    def __init__(
        self, app: ASGIApp, rates: Sequence[RateLimitItem] = (), daily_cap: int | None = None
    ) -> None:
        """Limit one client to ``rates`` and all together to ``daily_cap`` questions in 24 hours."""
        self.app = app
        self._rates = rates
        self._daily_cap = RateLimitItemPerDay(daily_cap) if daily_cap else None
        self._windows = FixedWindowRateLimiter(MemoryStorage())
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _whole_body(receive)
        except TimeoutError:
            await error_response(408)(scope, receive, send)
            return
        if body is None:  # the client has gone
            return
        refusal = await self._refusal(scope)
        if refusal:
            await refusal(scope, receive, send)
            return
        read = False

        async def receive_again() -> Message:
            nonlocal read
            if read:
                return await receive()  # nothing can come but the end of the connection
            read = True
            return {"type": "http.request", "body": body, "more_body": False}

        if scope["path"].startswith("/api/"):
            await self._in_turn(scope, receive, receive_again, send)
        else:  # health must not wait, and the page has a queue of its own
            await self.app(scope, receive_again, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        """Count a request; what its client is told if that was one too many."""
        path = scope["path"]
        if COUNTED.fullmatch(path):
            client = client_of(scope)
            wait = max([await self._wait_for(rate, client) for rate in self._rates], default=0)
            if wait:
                return _refused(path, 429, "too_many_requests", _too_many(wait), wait)
        if self._daily_cap and QUESTION.fullmatch(path):
            wait = await self._wait_for(self._daily_cap)
            if wait:
                message = (
                    "This server has answered as many questions as it may in a day; "
                    f"try again in {_spoken(wait)}."
                )
                return _refused(path, 429, "daily_cap", message, wait)
        return None

    async def _wait_for(self, limit: RateLimitItem, *who: str) -> int:
        """Count one; seconds until the next is allowed, 0 when this one is."""
        if await self._windows.hit(limit, *who):
            return 0
        stats = await self._windows.get_window_stats(limit, *who)
        return max(1, ceil(stats.reset_time - time()))

    async def _in_turn(
        self, scope: Scope, receive: Receive, receive_again: Receive, send: Send
    ) -> None:
        """Go on when it is this request's turn, which ends when there is an answer to send."""
        if self._waiting >= WAITING or not await self._turn_came(receive):
            message = _too_many(BUSY_SECONDS)
            await _refused(scope["path"], 503, "busy", message, BUSY_SECONDS)(scope, receive, send)
            return
        working = True

        def end_turn() -> None:
            nonlocal working
            if working:
                working = False
                self._turns.release()

        async def send_after_turn(message: Message) -> None:
            end_turn()  # however slowly the client reads, the next one is served
            await send(message)

        try:
            await self.app(scope, receive_again, send_after_turn)
        finally:
            end_turn()

    async def _turn_came(self, receive: Receive) -> bool:
        """Wait for a turn; False when that takes too long or the client goes meanwhile."""
        if not self._turns.locked():
            return await self._turns.acquire()
        self._waiting += 1
        turn = asyncio.ensure_future(self._turns.acquire())
        gone = asyncio.ensure_future(receive())  # after the body, only the client's leaving comes
        came = False
        try:
            await asyncio.wait({turn, gone}, timeout=WAIT_SECONDS, return_when="FIRST_COMPLETED")
            came = turn.done() and not gone.done()
        finally:
            self._waiting -= 1
            gone.cancel()
            if not came and not turn.cancel():  # it came too late: the next one has it
                self._turns.release()
        return came


async def _whole_body(receive: Receive) -> bytes | None:
    """Read a body to its end; None when the client goes before."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def client_of(scope: Scope) -> str:
    """Whose share a request counts to: an IPv4 address, or the /64 that one household has."""
    host: str = scope["client"][0] if scope.get("client") else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ip_network((int(address), 64), strict=False))
    return host


def _refused(path: str, status: int, code: str, message: str, wait: int) -> Response:
    headers = {"Retry-After": str(wait)}
    if path.startswith("/api/"):
        return error_response(status, code, message, headers)
    return JSONResponse({"detail": message}, status, headers)  # where Gradio looks for it


def _too_many(wait: int) -> str:
    return f"Too many questions at once; try again in {_spoken(wait)}."


def _spoken(seconds: int) -> str:
    """A time as people say it: seconds, minutes from two of them on, hours likewise."""
    for length, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= 2 * length:
            return f"{ceil(seconds / length)} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
