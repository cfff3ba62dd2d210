"""What the page's part of the server shows: only the paths that the page needs, with safe headers.

Gradio brings many more paths than a question box needs (uploads, a proxy, files, a public API that
runs every handler), sends no security headers, and grants credentials to any origin.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Tried with the installed Gradio: loading, asking, and going on after the server was restarted.
NEEDED = re.compile(
    r"/|/(assets|static)/.+|/(gradio_api/)?theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json"
    r"|/gradio_api/(queue/(join|data)|heartbeat/\w+|startup-events|reset|cancel)/?"
)
INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc\s*=)[^>]*>(.*?)</script>", re.DOTALL)
PREVIEW = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')  # they advertise Gradio
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class PageGuard:
    """Stands before the Gradio application: closes what is not needed and sets the headers."""

    def __init__(self, app: ASGIApp) -> None:
        """Guard ``app``."""
        self.app = app

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
        await self.app(scope, receive, _guarded(send))


def _guarded(send: Send) -> Send:
    """Like ``send``, with our headers; a page is held back until its scripts are known."""
    start: Message = {}
    page: list[bytes] = []

    async def guarded(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name in [name for name in headers if name.startswith("access-control-")]:
                del headers[name]
            headers.update(HEADERS)
            start = message
            if not _is_page(start):
                await send(start)
            return
        if not _is_page(start):
            await send(message)
            return
        page.append(message.get("body", b""))
        if message.get("more_body"):
            return
        body = PREVIEW.sub(b"", b"".join(page))
        headers = MutableHeaders(raw=start["headers"])
        headers["Content-Security-Policy"] = content_security_policy(INLINE_SCRIPT.findall(body))
        headers["Cache-Control"] = "no-cache"
        if "content-length" in headers and body:
            headers["Content-Length"] = str(len(body))
        await send(start)
        await send({"type": "http.response.body", "body": body})

    return guarded


def _is_page(start: Message) -> bool:
    return Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


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
