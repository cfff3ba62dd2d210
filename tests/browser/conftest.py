"""Chromium and a real server: the page as a reader has it."""

import asyncio
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from limits import RateLimitItem
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.page import mount_page

QUIET = [  # the browser itself must ask nobody for anything
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 15_000  # ms; shared machines are slow
expect.set_options(timeout=PATIENCE)


@contextmanager
def serving(
    bot: Chatbot, port: int = 0, rates: Sequence[RateLimitItem] = (), daily_cap: int | None = None
) -> Iterator[str]:
    """Serve ``bot`` on this machine; yields the address."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    started: list[uvicorn.Server] = []

    async def serve() -> None:
        app = create_app(bot, rates=rates, daily_cap=daily_cap)
        app = mount_page(app)  # where a loop runs, or Gradio leaves loops unclosed
        config = uvicorn.Config(
            app, log_level="critical", access_log=False, timeout_graceful_shutdown=1
        )
        started.append(uvicorn.Server(config))
        await started[0].serve(sockets=[listener])

    thread = threading.Thread(target=asyncio.run, args=[serve()])
    thread.start()
    try:
        while not (started and started[0].started):
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for server in started:
            server.should_exit = True
        thread.join()
        listener.close()


Serving = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def served() -> Serving:
    """Serves any bot on any port while a ``with`` block lasts."""
    return serving


@pytest.fixture(scope="module")
def server(bot: Chatbot) -> Iterator[str]:
    with serving(bot) as address:
        yield address


@pytest.fixture(scope="module")  # while Playwright is open no other test can run a loop
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path or not Path(path).exists():
        pytest.skip("NO CHROMIUM: the page is NOT tested; install it or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser) -> Iterator[Opened]:
    """Opens an address; afterwards nothing may have been asked elsewhere or blocked."""
    asked: list[str] = []
    complaints: list[str] = []
    hosts: list[str] = []
    contexts = []

    def note(request: Request) -> None:
        if not request.url.startswith("data:"):
            asked.append(request.url)

    def note_errors(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def open_page(address: str, width: int = 1280, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.on("request", note)
        page = context.new_page()
        page.on("console", note_errors)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        hosts.append("://".join(urlsplit(address)[:2]))
        page.goto(address)
        page.locator("#question textarea").wait_for(state="attached")  # unseen in other views
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert asked
    assert [url for url in asked if not url.startswith(tuple(f"{host}/" for host in hosts))] == []
    expected = ("net::ERR_", "status of 429")  # of the tests that stop the server or ask too much
    unexpected = [text for text in complaints if not any(part in text for part in expected)]
    assert unexpected == []
