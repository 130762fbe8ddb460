"""The access log: what was asked for and how it was answered, without who asked."""

import logging
import re
import time
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ticketing.masking import mask

_log = logging.getLogger("junban.access")
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")


def keep_access_log(folder: Path, days: int) -> None:
    """Writes ``access.log`` in a folder; begins a new file each midnight (UTC), removes those older than ``days``."""
    handler = TimedRotatingFileHandler(folder / "access.log", when="midnight", backupCount=days, utc=True, delay=True)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    for old in _log.handlers:
        old.close()
    _log.handlers = [handler]
    _log.setLevel(logging.INFO)
    _log.propagate = False


class AccessLog:
    """Logs method, path, status and milliseconds; no query, no token, no address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note_status)
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            _log.info("%s %s %d %.1f", scope["method"], loggable_path(scope), status, milliseconds)


def loggable_path(scope: Scope) -> str:
    """The path as the log may keep it: a token is ``*``, and nothing breaks the line."""
    path: str = scope["path"]
    token = scope.get("path_params", {}).get("token")
    if token or path.startswith("/u/"):
        path = "/u/*"
    # A stranger wrote it: somebody may put a ticket's secret or an address there. Before the status stands beside it,
    # whose digits would be taken for more of a phone number.
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", mask(path[:200]))[:200]
