"""What strangers send before it is a request or a message: bounded in size and time."""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ticketing.live_protocol import LiveProtocol
from ticketing.web.problems import Problem, problem_response

#: A request's first line and headers.
MOST_HEAD_BYTES = 64 * 1024
#: A whole request; bodies have limits of their own far below.
MOST_REQUEST_BYTES = 2 * 1024 * 1024
#: After its answer, when the client has not read that its body is too large and still sends.
MOST_BYTES_AFTER_ANSWER = 64 * 1024 * 1024
#: What the WebSocket library takes of a handshake; beyond it, it would end the connection without a word.
MOST_HANDSHAKE_HEADERS, MOST_HANDSHAKE_LINE_BYTES = 120, 8000
#: What is written of an answer before the end of a turn of the event loop only beyond this.
MOST_KEPT_BYTES = 16 * 1024
#: For a whole request, from its first byte (and from connecting, for the first one).
MOST_REQUEST_SECONDS = 30.0
#: What one WebSocket client may leave unread before its pings are no longer answered but end the connection.
MOST_UNREAD_BYTES = 64 * 1024


class _Output:
    """Hands a connection's answers to its transport at the end of a turn of the event loop.

    uvicorn writes head and body one after the other, and answers that one commit makes ready come together. Waking a
    client for each part takes longer than making the answer; written one behind the other, they find it awake.
    """

    __slots__ = ("_bytes", "_loop", "_parts", "transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._bytes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    def is_closing(self) -> bool:
        return self.transport.is_closing()

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)
        self._bytes += len(data)
        # The transport knows when a client does not read; that must not be hidden from whoever makes a long answer.
        if self._bytes > MOST_KEPT_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._parts:
            self.transport.write(b"".join(self._parts))
            self._parts.clear()
            self._bytes = 0

    def close(self) -> None:
        self._flush()
        self.transport.close()


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, which by itself takes heads of any length and waits for ever."""

    _is_open = True
    _bytes = 0
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._output = self.transport = _Output(transport, self.loop)  # type: ignore[assignment]
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._is_open = True
        super().data_received(data)
        # Most requests come in one piece and are complete by now.
        if self._is_open:
            self._count(len(data))

    def on_message_complete(self) -> None:
        self._is_open = False
        self._bytes = 0
        if self._deadline is not None:
            self._end_deadline()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._is_open = False
        self._end_deadline()
        longest = max((len(name) + len(value) for name, value in self.headers), default=0)
        if len(self.headers) > MOST_HANDSHAKE_HEADERS or max(longest, len(self.url)) > MOST_HANDSHAKE_LINE_BYTES:
            self._refuse(Problem(431, "head_too_large", "The headers are too many or too long for a WebSocket."))
            return
        self.transport = self._output.transport
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        self._refuse(Problem(400, "not_http", "This is not a request that HTTP knows."))

    def _count(self, more: int) -> None:
        if self._deadline is None:
            self._start_deadline()
        self._bytes += more
        if self._is_in_head and self._bytes > MOST_HEAD_BYTES:
            self._refuse(Problem(431, "head_too_large", f"The headers are larger than {MOST_HEAD_BYTES} bytes."))
        elif self._bytes > (MOST_BYTES_AFTER_ANSWER if self._is_answered else MOST_REQUEST_BYTES):
            self._refuse(Problem(413, "too_large", f"The request is larger than {MOST_REQUEST_BYTES} bytes."))

    @property
    def _is_in_head(self) -> bool:
        return self.cycle is None or self.cycle.scope is not self.scope

    @property
    def _is_answered(self) -> bool:
        return self.cycle is not None and self.cycle.response_complete

    def _start_deadline(self) -> None:
        self._deadline = self.loop.call_later(MOST_REQUEST_SECONDS, self._too_slow)

    def _end_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._refuse(Problem(408, "too_slow", f"The request did not arrive within {MOST_REQUEST_SECONDS:.0f} seconds."))

    def _refuse(self, problem: Problem) -> None:
        """Answers, unless another answer is on its way, and ends the connection."""
        self._end_deadline()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_answer(problem))
        self.transport.close()


def _answer(problem: Problem) -> bytes:
    response = problem_response(problem)
    status = HTTPStatus(problem.status)
    head = [b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode())]
    head += [b"%s: %s\r\n" % header for header in response.raw_headers]
    return b"".join([*head, b"connection: close\r\n\r\n", bytes(response.body)])


class SocketProtocol(LiveProtocol):
    """The live feed's WebSocket protocol, against clients that only want to hurt."""

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            # A refusal is a complete answer; without this uvicorn logs it as a fault of ours.
            self.handshake_complete = True

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text" and not _is_utf8(b"".join(self.frames)):
            # As a text it would be logged with a traceback; as bytes it is a message that nobody may send.
            self.curr_msg_data_type = "bytes"
        super().send_receive_event_to_app()

    def handle_ping(self) -> None:
        if self.transport.get_write_buffer_size() > MOST_UNREAD_BYTES:
            self.transport.abort()
            return
        super().handle_ping()


def _is_utf8(data: Any) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
