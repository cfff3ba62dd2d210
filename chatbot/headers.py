"""What the page's part of the server shows: only the paths that the page needs, with safe headers.

Gradio brings many more paths than a question box needs (uploads, a proxy, files, a public API that
runs every handler), sends no security headers, and grants credentials to any origin.
"""

import json
import logging
import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

# Tried with the installed Gradio: loading, asking, and going on after the server was restarted.
NEEDED = re.compile(
    r"/|/(assets|static)/.+|/(gradio_api/)?theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json"
    r"|/gradio_api/(queue/(join|data)|run/predict|heartbeat/\w+|startup-events|reset|cancel)/?"
)
INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL)
PREVIEW = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')  # they advertise Gradio
REFUSED = "This page's server cannot take that."
BUSY = "Too many questions at once; try again in a few seconds."
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class SafeHeaders:
    """Adds to every response the headers that keep a browser careful; a route may set its own."""

    def __init__(self, app: ASGIApp) -> None:  # noqa: D107 - the shape of all middleware
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                caching = {"Cache-Control": "no-store"} if scope["path"].startswith("/api") else {}
                sent = MutableHeaders(scope=message)
                for name, value in {**HEADERS, **caching}.items():
                    sent.setdefault(name, value)
                if "frame-ancestors" in sent.get("content-security-policy", ""):
                    del sent["X-Frame-Options"]  # it can name no sites, so the policy says who may
            await send(message)

        await self.app(scope, receive, send_safely)


class PageGuard:
    """Stands before the Gradio application: closes what is not needed and sets the headers."""

    def __init__(
        self,
        app: ASGIApp,
        head: str = "",
        top: str = "",
        foot: str = "",
        renew: Callable[[], None] = lambda: None,
    ) -> None:
        """Guard ``app``; ``head``, ``top`` and ``foot`` are added to its pages' head and body.

        ``renew`` brings up to date what a page is made from, before each is sent.
        """
        self.app = app
        self.renew = renew
        self.top = f"{top}<gradio-app".encode()
        self.head = f"{head}</head>".encode()
        self.foot = f"{foot}</body>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":  # the page speaks plain HTTP
            await send({"type": "websocket.close"})
            return
        path = scope["path"]
        if not NEEDED.fullmatch(path):
            await PlainTextResponse("Not found.", 404, headers=HEADERS)(scope, receive, send)
            return
        if path == "/":  # its query names other pages and saved states, which there are none of
            scope = {**scope, "query_string": b""}
            await run_in_threadpool(self.renew)
        try:
            await self.app(scope, receive, self._guarded(send))
        except Exception as error:
            # Gradio has answered before it raises; the message may hold what was sent.
            logger.warning("Gradio could not take a request: %s", type(error).__name__)

    def _guarded(self, send: Send) -> Send:
        """Like ``send``, with our headers; a page or an error is held back and written anew."""
        start: Message = {}
        body = bytearray()

        async def guarded(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                for name in [name for name in headers if name.startswith("access-control-")]:
                    del headers[name]
                headers.update(HEADERS)
                start = message
            if not start or not _is_held(start):  # a test's client is told of templates before
                await send(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    written = self._written_anew(start, bytes(body))
                    await send(start)
                    await send({"type": "http.response.body", "body": written})

        return guarded

    def _written_anew(self, start: Message, body: bytes) -> bytes:
        """The page without Gradio's advertisement, or an error without what was sent."""
        headers = MutableHeaders(raw=start["headers"])
        if start["status"] >= 400:
            if start["status"] == 500:  # Gradio looks up what was sent without a check
                start["status"] = 400
            body = json.dumps({"detail": BUSY if start["status"] == 503 else REFUSED}).encode()
            headers["Content-Type"] = "application/json"
        else:
            body = PREVIEW.sub(b"", body)
            body = body.replace(b"</head>", self.head).replace(b"</body>", self.foot)
            body = body.replace(b"<gradio-app", self.top, 1)
            scripts = INLINE_SCRIPT.findall(body)
            headers["Content-Security-Policy"] = content_security_policy(scripts)
            headers["Cache-Control"] = "no-cache"
        headers["Content-Length"] = str(len(body))
        return body


def _is_held(start: Message) -> bool:
    content = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= 400 or content.startswith("text/html")


def content_security_policy(scripts: Sequence[bytes]) -> str:
    """Allow a page nothing from elsewhere, and no script but our files and these inline ones.

    Gradio writes style attributes, hence the unsafe-inline for styles.
    """
    hashes = [f"'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in scripts]
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "base-uri 'self'",
            "form-action 'none'",
            "object-src 'none'",
            "frame-ancestors 'none'",
        ]
    )
