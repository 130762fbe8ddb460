"""The wiring of routes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from ticketing import __version__
from ticketing.config import Config
from ticketing.web import live_socket, one_click, pages, printers
from ticketing.web.access import check_origin
from ticketing.web.access_log import AccessLog, keep_access_log
from ticketing.web.answering import Answering
from ticketing.web.api import OPERATIONS
from ticketing.web.call import Call
from ticketing.web.operations import document
from ticketing.web.operations import routes as api_routes
from ticketing.web.site import Site


def make_app(site: Site, more_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The application over a site; ``more_routes`` are the demonstration's."""
    routes: list[BaseRoute] = [
        *api_routes(site, OPERATIONS),
        WebSocketRoute("/api/v1/offices/{office}/live", live_socket.endpoint(site)),
        Route("/openapi.json", _openapi(site)),
        Route("/u/{token}", _one_click(site), methods=["GET", "POST"]),
        *printers.routes(site),
        *pages.routes(site),
        *more_routes,
    ]
    return _App(site.config, routes=routes)


class _App(Starlette):
    """Starlette's routes, with headers, errors and log around them in our own way."""

    def __init__(self, config: Config, **options: Any) -> None:
        super().__init__(**options)
        # A path with a slash too many is unknown; nobody is sent to wherever the Host header says.
        self.router.redirect_slashes = False
        self._config = config

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = Answering(self.router, self._config.server.is_secure)
        if not self._config.retention.access_log_days:
            return app
        keep_access_log(self._config.data_dir, self._config.retention.access_log_days)
        return AccessLog(app)


def _one_click(site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        check_origin(site, request)
        endpoint = one_click.erase if request.method == "POST" else one_click.show
        return await endpoint(Call(site, request))

    return handle


def _openapi(site: Site) -> Callable[[Request], Awaitable[Response]]:
    text = msgspec.json.encode(document(OPERATIONS, __version__, site.config.server.public_url, site.cookie))

    async def show(request: Request) -> Response:
        return Response(text, media_type="application/json")

    return show
