"""Page and HTTP interface in one process, with no access log: a question is nobody's business."""

import errno
import inspect
import logging
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from limits import RateLimitItem

from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.connections import PatientProtocol
from chatbot.follow import following
from index.errors import UserError

SHUTDOWN_SECONDS = 10
BACKLOG = 512  # connections that wait to be taken
# Seconds after which a thread that computes lets another one compute; 0.005 by default, for which
# the loop that reads and sends waits each time: with 20 users a tenth fewer answers.
SWITCH_SECONDS = 0.0005


class ServeError(UserError):
    """The server cannot start; the message says why and what to do."""


def run(
    store: Path,
    host: str,
    port: int,
    *,
    allow_origins: Sequence[str] = (),
    allow_hosts: Sequence[str] = (),
    rates: Sequence[RateLimitItem] = (),
    daily_cap: int | None = None,
    page: bool = True,
) -> None:
    """Serve until a signal ends it. Raises StoreError, EncoderError or ServeError.

    The limits are those of ``create_app``; without ``page`` only HTTP and the widget are served,
    and Gradio need not be installed.
    """
    if page and not find_spec("gradio"):
        raise ServeError(
            "the page needs gradio, which is not installed; install requirements-serve.txt, "
            "or leave the page out: --no-page"
        )
    listener = _listen(host, port)
    with listener:
        app = create_app(
            Chatbot.open(store),
            allow_origins=allow_origins,
            allow_hosts=allow_hosts,
            rates=rates,
            daily_cap=daily_cap,
        )
        if page:
            app = _with_page(app)
        address = f"http://{host if ':' not in host else f'[{host}]'}:{listener.getsockname()[1]}"
        sys.stdout.write(f"policychat answers at {address} ({app.state.bot.generation})\n")
        sys.stdout.flush()
        if host not in ("127.0.0.1", "localhost", "::1") and not allow_hosts:
            sys.stderr.write(
                "policychat: only requests to localhost are answered; name the host under which "
                "this server is known: --allow-host or POLICYCHAT_ALLOW_HOST\n"
            )
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            access_log=False,
            log_level=logging.WARNING,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        sys.setswitchinterval(SWITCH_SECONDS)
        with following(store, app):
            uvicorn.Server(config).run(sockets=[listener])


def _with_page(app: FastAPI) -> FastAPI:
    """Add the page; imported here because it takes as long as all the rest together."""
    with _no_stub_files():
        from chatbot.page import mount_page

    return mount_page(app)


@contextmanager
def _no_stub_files() -> Iterator[None]:
    """Keep Gradio from writing type stubs beside its own source.

    It does so whenever it is imported, which is nearly half of the time that a start takes, and a
    server has nothing to write there. It writes none for a class whose file is not known.
    """
    whole = inspect.getfile

    def without_gradio(item: Any) -> str:  # noqa: ANN401  # as inspect has it
        if isinstance(item, type) and item.__module__.startswith("gradio."):
            raise OSError
        return whole(item)

    inspect.getfile = without_gradio  # type: ignore[assignment]  # the same but for its names
    try:
        yield
    finally:
        inspect.getfile = whole


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket, before anything slow is loaded."""
    listener: socket.socket | None = None
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # Named as TCP, so that asyncio turns Nagle's delay off: it costs 40 ms an answer.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)  # whoever comes early waits instead of being turned away
    except OSError as error:
        if listener:
            listener.close()
        reason = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
        raise ServeError(
            f"cannot listen on {host} port {port}: {reason}; choose another with --port or PORT"
        ) from None
    return listener
