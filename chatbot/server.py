"""Page and HTTP interface in one process, with no access log: a question is nobody's business."""

import errno
import logging
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from chatbot.api import create_app
from chatbot.bot import Chatbot
from chatbot.follow import following
from chatbot.page import mount_page
from index.errors import UserError

SHUTDOWN_SECONDS = 10
BACKLOG = 512  # connections that wait to be taken


class ServeError(UserError):
    """The server cannot start; the message says why and what to do."""


def run(
    store: Path, host: str, port: int, allow_origins: Sequence[str], allow_hosts: Sequence[str]
) -> None:
    """Serve until a signal ends it. Raises StoreError, EncoderError or ServeError."""
    listener = _listen(host, port)
    with listener:
        app = create_app(Chatbot.open(store), allow_origins=allow_origins, allow_hosts=allow_hosts)
        mount_page(app)
        address = f"http://{host if ':' not in host else f'[{host}]'}:{listener.getsockname()[1]}"
        sys.stdout.write(f"policychat answers at {address} ({app.state.bot.generation})\n")
        sys.stdout.flush()
        config = uvicorn.Config(
            app,
            access_log=False,
            log_level=logging.WARNING,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        )
        with following(store, app):
            uvicorn.Server(config).run(sockets=[listener])


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
