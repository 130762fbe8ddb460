"""The pages that browsers open; all of them are files of kiosk_ui."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from kiosk_ui import ROOT
from ticketing.web import liff
from ticketing.web.access import check_staff_network, give_browser_cookie
from ticketing.web.call import Call
from ticketing.web.site import Site

#: Path, file, and whether only the offices' networks may open it.
PAGES = (
    ("/", "visitor.html", False),
    ("/t", "ticket.html", False),
    ("/kiosk/{office}", "kiosk.html", False),
    ("/board/{office}", "board.html", False),
    ("/counter/{office}", "counter.html", True),
    ("/hall/{office}", "hall.html", True),
    ("/sign-in", "sign-in.html", True),
    ("/enrol", "enrol.html", False),
)


class _Static(StaticFiles):
    """Files that browsers keep but ask about each time, so that an upgrade is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def routes(site: Site) -> list[BaseRoute]:
    pages: list[BaseRoute] = [Route(path, _page(site, ROOT / "pages" / name, inside)) for path, name, inside in PAGES]
    folders = ("css", "js", "texts", "fonts", "images")
    static = [
        Mount(f"/static/{folder}", _Static(directory=ROOT / folder)) for folder in folders if (ROOT / folder).is_dir()
    ]
    files = [
        Route(f"/static/{path.name}", _file(path)) for path in sorted(ROOT.glob("*.*")) if path.suffix in _MEDIA_TYPES
    ]
    return [*pages, *liff.routes(site), *static, *files]


_MEDIA_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json"}


def _page(site: Site, path: Path, inside: bool) -> Callable[[Request], Awaitable[Response]]:
    html = path.read_bytes()

    async def show(request: Request) -> Response:
        call = Call(site, request)
        if inside:
            check_staff_network(site, request)
        if "office" in request.path_params:
            site.desk(request.path_params["office"])
        else:
            give_browser_cookie(call)
        response = Response(html, media_type="text/html", headers={"Cache-Control": "no-cache"})
        return call.with_cookies(response)

    return show


def _file(path: Path) -> Callable[[Request], Awaitable[Response]]:
    content = path.read_bytes()

    async def show(request: Request) -> Response:
        headers = {"Cache-Control": "no-cache"}
        return Response(content, media_type=_MEDIA_TYPES[path.suffix], headers=headers)

    return show
