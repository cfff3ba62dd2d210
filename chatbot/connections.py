"""Connections that do not wait for ever: for a request that never comes, a reader that never reads.

uvicorn has a time-out only for connections that are idle after an answer.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_SECONDS = 10  # from the connection, or the last answer, to the end of a request's head
READ_SECONDS = 30  # in which a client must take some of the answer that waits for it
CONNECTIONS = 800  # below the 1,024 open files that a process may usually have
ENDLESS = "/gradio_api/heartbeat/"  # by which Gradio notices that a page was closed
FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 88\r\n\r\n"
    b'{"error": {"code": "busy", "message": "Too many connections; try again in 5 seconds."}}\n'
)


class PatientProtocol(H11Protocol):
    """HTTP/1.1 with an end to its patience."""

    _patience: asyncio.TimerHandle | None = None  # until the head of a request is there
    _reading: asyncio.TimerHandle | None = None  # until the client reads on

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for a request, or refuse when too many wait already."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            transport.write(FULL)
            transport.close()
            return
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Read on; a request whose head is there has its time from then on."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        super().connection_lost(exc)
        for timer in (self._patience, self._reading):
            if timer:
                timer.cancel()

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read."""
        super().pause_writing()
        self._reading = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        super().resume_writing()
        if self._reading:
            self._reading.cancel()

    def shutdown(self) -> None:
        """Let an answer be finished, but no stream that has no end."""
        super().shutdown()
        if self._is_busy() and self.scope["path"].startswith(ENDLESS):
            self.transport.close()

    def _is_busy(self) -> bool:
        # Typed as always there by uvicorn, which sets None at first.
        return bool(self.cycle) and not self.cycle.response_complete

    def _watch(self) -> None:
        if self._patience and (self._is_busy() or self.transport.is_closing()):
            self._patience.cancel()
            self._patience = None
        elif not self._patience and not self._is_busy() and not self.transport.is_closing():
            self._patience = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)
