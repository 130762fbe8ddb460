"""uvicorn's WebSocket protocol with a way to write a frame that was encoded once for everybody.

uvicorn takes and frames one message for each client; for a board change that goes to a thousand clients that is most
of the work. This adds to the connection's scope an extension that writes ready bytes to its transport and tells when a
slow connection has drained. The live feed falls back to plain sends on a server without it.
"""

from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "junban.frames"
#: A client that takes nothing has this long to take the close frame; then the connection is cut.
CUT_SECONDS = 3.0


class LiveProtocol(WebSocketsSansIOProtocol):
    """A WebSocket connection whose transport the live feed may write to."""

    #: Called when a connection that was too slow takes data again.
    drained: Callable[[], None] | None = None

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        # The application's task was made but has not run yet, so it finds the extension.
        if self.handshake_initiated and not self.handshake_complete:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[EXTENSION] = self

    def write_frame(self, frame: bytes) -> bool:
        """Writes a complete server frame; False when the connection has too much unsent (64 KiB) or is closing."""
        if self.close_sent or self.disconnected or not self.writable.is_set() or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close" and not self.writable.is_set():
            # uvicorn would wait here until the client takes data again, which it may never do.
            self.writable.set()
            self._cut_later()
        await super().send(message)

    def shutdown(self) -> None:
        super().shutdown()
        self._cut_later()

    def _cut_later(self) -> None:
        self.loop.call_later(CUT_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.drained is not None:
            self.drained()


def text_frame(payload: bytes) -> bytes:
    """A WebSocket text frame as a server sends it: unmasked, in one piece (RFC 6455, section 5.2)."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 1 << 16:
        return b"\x81\x7e" + length.to_bytes(2) + payload
    return b"\x81\x7f" + length.to_bytes(8) + payload
