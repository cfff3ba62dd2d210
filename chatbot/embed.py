"""What a shop puts on its site: the widget's script, a page for an iframe, and the snippet.

The script is sent to any site; only the HTTP interface obeys the list of allowed origins, so that
a site that is not on it shows why. A released script never changes, for sites pin it by its hash,
which ``static/widget-hashes.txt`` records: what comes next is ``widget-v2.js``, and ``/widget.js``
is always the newest.
"""

import gzip
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256, sha384
from html import escape
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Header, Query
from fastapi.responses import HTMLResponse, Response
from starlette.requests import Request

from chatbot.bot import UnknownPolicyError
from index.errors import UserError
from index.types import Company

NEWEST = "widget-v1.js"
STATIC = Path(__file__).parent / "static"
FIVE_MINUTES, ONE_YEAR = "public, max-age=300", "public, max-age=31536000, immutable"
OPTIONS = ("theme", "accent", "lang", "greeting", "questions")  # of an iframe's address
MAX_OPTION = 500  # characters
STYLE = "body{margin:0}policy-chat{min-height:100vh}:root{color-scheme:light dark}"

router = APIRouter(include_in_schema=False)


class EmbedError(UserError):
    """The snippet cannot be written; the message says why."""


@cache
def _script(name: str = NEWEST) -> tuple[bytes, bytes]:
    """A version of the script as it is, and compressed."""
    content = (STATIC / name).read_bytes()
    return content, gzip.compress(content, mtime=0)


@router.api_route("/widget.js", methods=["GET", "HEAD"])
async def newest_widget(accept_encoding: Annotated[str, Header()] = "") -> Response:
    """Send the newest script, which browsers ask for anew every five minutes."""
    return _script_response(NEWEST, accept_encoding, FIVE_MINUTES)


@router.api_route("/widget-v1.js", methods=["GET", "HEAD"])
async def first_widget(accept_encoding: Annotated[str, Header()] = "") -> Response:
    """Send the script that a site may pin by its hash."""
    return _script_response("widget-v1.js", accept_encoding, ONE_YEAR)


def _script_response(name: str, accept_encoding: str, caching: str) -> Response:
    content, compressed = _script(name)
    headers = {
        "Cache-Control": caching,
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",  # a pinned script is compared only if it may be read
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if "gzip" in accept_encoding:
        headers["Content-Encoding"] = "gzip"
        content = compressed
    return Response(content, headers=headers, media_type="text/javascript")


@router.get("/embed")
async def embedded_page(
    request: Request, company: Annotated[str, Query(max_length=253)] = ""
) -> HTMLResponse:
    """Send a page with nothing but the widget, to be framed by the allowed sites."""
    domain = _only(request.app.state.bot.policies(), company)
    if domain is None:
        raise UnknownPolicyError("there is no policy of that company here")
    given = {
        name: value[:MAX_OPTION]
        for name, value in request.query_params.items()
        if name in OPTIONS or (name.startswith("text-") and name.replace("-", "").isalpha())
    }
    attributes = {"company": domain, "mode": "inline", **given}
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in attributes.items())
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Privacy questions</title><style>{STYLE}</style>"
        f'<body><main><script src="{NEWEST}" {data}></script></main>'
        f'<noscript><a href="./">Ask about privacy policies</a></noscript></body></html>'
    )
    hash_ = b64encode(sha256(STYLE.encode()).digest()).decode()
    origins = " ".join(["'self'", *request.app.state.allow_origins])
    policy = (
        f"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'sha256-{hash_}'; "
        f"base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
        f"frame-ancestors {origins}"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


def _only(companies: Sequence[Company], company: str) -> str | None:
    """The domain of ``company``; without one, that of the only company that there is."""
    domain = company.strip().lower().removeprefix("www.")
    known = [one.company for one in companies]
    if not domain and len(known) == 1:
        return known[0]
    return domain if domain in known else None


def chosen_company(companies: Sequence[Company], company: str | None) -> str:
    """The domain that a snippet is for. Raises EmbedError when it is not clear or not here."""
    domain = _only(companies, company or "")
    if domain is None:
        here = ", ".join(one.company for one in companies[:6])
        why = f"there is no policy of {company} here" if company else "several companies are here"
        raise EmbedError(f"{why}; name one with --company: {here}")
    return domain


def embed_code(host: str, company: str, *, pin: bool = False) -> str:
    """The line for a site, and what its Content-Security-Policy has to allow.

    ``host`` is the server's address, such as ``https://ask.lumens.com``. Raises EmbedError when it
    is none.
    """
    address = host.rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or escape(address) != address:
        raise EmbedError(f"{host!r} is no address of a server such as https://ask.lumens.com")
    source = f'src="{address}/{NEWEST if pin else "widget.js"}"'
    if pin:
        digest = b64encode(sha384(_script()[0]).digest()).decode()
        source += f' integrity="sha384-{digest}" crossorigin="anonymous"'
    origin = f"{parts.scheme}://{parts.netloc}"
    return (
        f'<script {source} data-company="{escape(company)}" defer></script>\n\n'
        "If the site sends a Content-Security-Policy, it has to allow:\n"
        f"script-src {origin}\nconnect-src {origin}\n\n"
        "The server answers only the sites that it is told of:\n"
        "policychat serve --allow-origin https://www.your-shop.example\n"
    )
