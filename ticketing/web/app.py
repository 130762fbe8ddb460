"""The wiring of routes."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from ticketing import __version__
from ticketing.web import live_socket, one_click, pages
from ticketing.config import Config
from ticketing.web.access import check_origin
from ticketing.web.access_log import AccessLog, keep_access_log
from ticketing.web.api import OPERATIONS
from ticketing.web.call import Call
from ticketing.web.headers import SecurityHeaders
from ticketing.web.operations import Endpoint, document
from ticketing.web.problems import HANDLED, answer_problem
from ticketing.web.site import Site


def make_app(site: Site, more_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """The application over a site; ``more_routes`` are the demonstration's."""
    routes: list[BaseRoute] = [
        *(operation.route(site) for operation in OPERATIONS),
        WebSocketRoute("/api/v1/offices/{office}/live", live_socket.endpoint(site)),
        Route("/openapi.json", _openapi(site)),
        _form_route(site, "/u/{token}", one_click.show, "GET"),
        _form_route(site, "/u/{token}", one_click.erase, "POST"),
        *pages.routes(site),
        *more_routes,
    ]
    return Starlette(
        routes=routes,
        middleware=_middleware(site.config),
        exception_handlers={kind: answer_problem for kind in (*HANDLED, Exception)},
    )


def _middleware(config: Config) -> list[Middleware]:
    middleware = [Middleware(SecurityHeaders, is_secure=config.server.is_secure)]
    if config.retention.access_log_days:
        keep_access_log(config.data_dir, config.retention.access_log_days)
        middleware.insert(0, Middleware(AccessLog))
    return middleware


def _form_route(site: Site, path: str, endpoint: Endpoint, method: str) -> Route:
    async def handle(request: Request) -> Response:
        check_origin(site, request)
        return await endpoint(Call(site, request))

    return Route(path, handle, methods=[method])


def _openapi(site: Site) -> Callable[[Request], Awaitable[Response]]:
    text = msgspec.json.encode(document(OPERATIONS, __version__, site.config.server.public_url))

    async def show(request: Request) -> Response:
        return Response(text, media_type="application/json")

    return show
