"""The WebSocket of the live feed: who may connect, and the one message that a client may send."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from ticketing.journal.base import JournalUnavailable
from ticketing.live import BAD_SECRET, Connection, Feed, Watcher
from ticketing.live_protocol import EXTENSION, LiveProtocol
from ticketing.orders import Unavailable
from ticketing.web.access import check_origin, holder
from ticketing.web.call import Call
from ticketing.web.problems import Problem, as_problem, problem_response
from ticketing.web.site import Site

MOST_MESSAGE_BYTES = 1024
MOST_WATCHERS = 50_000
#: Close codes beside those of ``ticketing.live``.
BAD_MESSAGE, TRY_AGAIN_LATER = 4400, 1013


class TicketMessage(msgspec.Struct, forbid_unknown_fields=True):
    """Which ticket to follow; empty: the one in the browser's cookie."""

    ticket: str


_message = msgspec.json.Decoder(TicketMessage)


class _DirectConnection:
    """A connection whose transport takes frames that were encoded once for everybody."""

    def __init__(self, websocket: WebSocket, protocol: LiveProtocol) -> None:
        self._websocket = websocket
        self._protocol = protocol
        self._closing: asyncio.Task[None] | None = None

    def offer(self, frame: bytes) -> bool:
        return self._protocol.write_frame(frame)

    def close(self, code: int) -> None:
        self._closing = asyncio.create_task(_close(self._websocket, code))


class PlainConnection:
    """A connection of any server: one send at a time; what comes meanwhile is refused, so nothing piles up."""

    def __init__(self, websocket: WebSocket, drained: Callable[[], None]) -> None:
        self._websocket = websocket
        self._drained = drained
        self._sending: asyncio.Task[None] | None = None

    def offer(self, frame: bytes) -> bool:
        if self._sending is not None:
            return False
        self._sending = asyncio.create_task(self._send(frame))
        return True

    async def _send(self, frame: bytes) -> None:
        try:
            await self._websocket.send_text(payload_of(frame))
        except (RuntimeError, WebSocketDisconnect):
            return
        self._sending = None
        self._drained()

    def close(self, code: int) -> None:
        self._sending = asyncio.create_task(_close(self._websocket, code))


def payload_of(frame: bytes) -> str:
    """The text in a frame that ``text_frame`` made."""
    skip = {126: 4, 127: 10}.get(frame[1], 2)
    return frame[skip:].decode()


async def _close(websocket: WebSocket, code: int) -> None:
    try:
        await websocket.close(code)
    except (RuntimeError, WebSocketDisconnect):
        return


def endpoint(site: Site) -> Callable[[WebSocket], Awaitable[None]]:
    """The handler of ``/api/v1/offices/{office}/live``."""

    async def live(websocket: WebSocket) -> None:
        try:
            check_origin(site, websocket)
            feed = _feed(site, websocket)
        except (Problem, Unavailable) as error:
            await websocket.send_denial_response(problem_response(as_problem(error)))
            return
        await websocket.accept()
        await _watch(site, feed, websocket)

    return live


async def upgrade_needed(call: Call) -> Response:
    """What a plain request to the same path gets."""
    call.site.desk(call.path("office"))
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    raise Problem(426, "upgrade_required", "This path is a WebSocket.", headers=headers)


def _feed(site: Site, websocket: WebSocket) -> Feed:
    feed = site.live.feed(websocket.path_params["office"])
    if feed is None:
        raise Problem(404, "unknown_office", "There is no such office.")
    # Somebody new would take what may be old for the truth.
    feed.desk.check_heard()
    if site.live.watcher_count >= MOST_WATCHERS:
        raise Problem(503, "too_many_watchers", "Too many people watch at the moment.", headers={"Retry-After": "30"})
    return feed


async def _watch(site: Site, feed: Feed, websocket: WebSocket) -> None:
    watcher = Watcher(_connection(feed, websocket, lambda: feed.caught_up(watcher)))
    feed.join(watcher)
    try:
        code = await _converse(site, feed, watcher, websocket)
        if code is not None:
            feed.leave(watcher)
            await _close(websocket, code)
    finally:
        feed.leave(watcher)


def _connection(feed: Feed, websocket: WebSocket, drained: Callable[[], None]) -> Connection:
    protocol = websocket.scope.get("extensions", {}).get(EXTENSION)
    if protocol is None:
        return PlainConnection(websocket, drained)
    protocol.drained = drained
    return _DirectConnection(websocket, protocol)


async def _converse(site: Site, feed: Feed, watcher: Watcher, websocket: WebSocket) -> int | None:
    """Until the client goes away (None) or must be sent away (the close code)."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        if watcher.number is not None or text is None or len(text.encode()) > MOST_MESSAGE_BYTES:
            return BAD_MESSAGE
        try:
            secret = _message.decode(text).ticket
        except msgspec.MsgspecError:
            return BAD_MESSAGE
        try:
            held = await holder(site, websocket, secret or None)
        except Problem:
            return BAD_SECRET
        except JournalUnavailable:
            return TRY_AGAIN_LATER
        if held.desk is not feed.desk:
            return BAD_SECRET
        await site.live.follow(feed, watcher, held.ref.day, held.ref.number)
