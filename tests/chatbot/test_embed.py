"""The snippet for a site, and what the server sends for it."""

import re
from base64 import b64encode
from hashlib import sha384

import pytest
from starlette.testclient import TestClient

from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.embed import NEWEST, STATIC, EmbedError, chosen_company, embed_code

SHOP = "https://shop.example"


@pytest.fixture(scope="module")
def client(bot: Chatbot) -> TestClient:
    return TestClient(create_app(bot, allow_origins=[SHOP]))


@pytest.mark.parametrize("path", ["/widget.js", "/widget-v1.js"])
@pytest.mark.parametrize("origin", [SHOP, "https://stranger.example"])
def test_any_site_gets_the_script(client: TestClient, path: str, origin: str) -> None:
    reply = client.get(path, headers={"Origin": origin, "Accept-Encoding": "gzip"})
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/javascript")
    assert reply.headers["access-control-allow-origin"] in ("*", origin)
    assert reply.headers["content-encoding"] == "gzip"
    assert int(reply.headers["content-length"]) <= 5_000
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == reply.content


def test_the_pinned_file_is_kept_long_and_the_newest_is_not(client: TestClient) -> None:
    assert "immutable" in client.get("/widget-v1.js").headers["cache-control"]
    assert client.get("/widget.js").headers["cache-control"] == "public, max-age=300"


def test_the_pinned_hash_is_that_of_the_file_which_is_sent(client: TestClient) -> None:
    code = embed_code("https://ask.shop.example/", "lumens.com", pin=True)
    content = client.get("/widget-v1.js", headers={"Accept-Encoding": "identity"}).content
    assert f'integrity="sha384-{b64encode(sha384(content).digest()).decode()}"' in code
    assert 'src="https://ask.shop.example/widget-v1.js"' in code
    assert 'crossorigin="anonymous"' in code


def test_every_version_is_served_with_the_hash_that_is_recorded(client: TestClient) -> None:
    """One that fails here was changed after it was recorded: see static/widget-hashes.txt."""
    lines = (STATIC / "widget-hashes.txt").read_text("utf-8").splitlines()
    recorded = dict(line.split() for line in lines if not line.startswith("#"))
    assert sorted(recorded) == sorted(path.name for path in STATIC.glob("widget-v*.js"))
    assert NEWEST in recorded
    for name, hash_ in recorded.items():
        content = client.get(f"/{name}", headers={"Accept-Encoding": "identity"}).content
        assert f"sha384-{b64encode(sha384(content).digest()).decode()}" == hash_, name
    newest = client.get("/widget.js", headers={"Accept-Encoding": "identity"}).content
    assert newest == (STATIC / NEWEST).read_bytes()
    assert recorded[NEWEST] in embed_code("https://ask.shop.example", "lumens.com", pin=True)


def test_the_snippet_is_one_line_and_two_for_the_content_security_policy() -> None:
    lines = embed_code("https://ask.shop.example", "lumens.com").splitlines()
    assert lines[0] == (
        '<script src="https://ask.shop.example/widget.js" data-company="lumens.com" defer></script>'
    )
    assert "script-src https://ask.shop.example" in lines
    assert "connect-src https://ask.shop.example" in lines


@pytest.mark.parametrize(
    "host", ["", "ask.shop.example", "ftp://x.example", 'https://x.example/"><b>']
)
def test_what_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(EmbedError, match="no address"):
        embed_code(host, "lumens.com")


def test_a_company_is_named_where_there_are_several(bot: Chatbot) -> None:
    companies = bot.policies()
    assert chosen_company(companies, "www.Lumens.com") == "lumens.com"
    assert chosen_company(companies[:1], None) == companies[0].company
    with pytest.raises(EmbedError, match="several"):
        chosen_company(companies, None)
    with pytest.raises(EmbedError, match=r"no policy of nobody\.example"):
        chosen_company(companies, "nobody.example")


def test_the_page_for_an_iframe_is_framed_by_allowed_sites_only(client: TestClient) -> None:
    headers = client.get("/embed", params={"company": "lumens.com"}).headers
    assert f"frame-ancestors 'self' {SHOP}" in headers["content-security-policy"]
    assert "x-frame-options" not in headers
    assert client.get("/docs").headers["x-frame-options"] == "DENY"


def test_nothing_in_its_address_becomes_markup(client: TestClient) -> None:
    hostile = '"><script>alert(1)</script>'
    params = {
        "company": "lumens.com",
        "greeting": hostile,
        "text-ask": hostile,
        f"text-{hostile}": "x",
    }
    page = client.get("/embed", params=params).text
    assert len(re.findall("<script", page)) == 1
    assert hostile not in page


@pytest.mark.parametrize("company", ["", "nobody.example", "x" * 300])
def test_a_page_of_no_company_is_refused(client: TestClient, company: str) -> None:
    assert client.get("/embed", params={"company": company}).status_code in (404, 422)
