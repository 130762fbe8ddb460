"""The pages that browsers open; all of them are files of kiosk_ui."""

import re
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from kiosk_ui import ROOT
from kiosk_ui.loading import VERSION_DIGITS, fonts, version
from ticketing.web import app_files, liff
from ticketing.web.access import check_staff_network, give_browser_cookie
from ticketing.web.call import Call
from ticketing.web.heads import sent_page
from ticketing.web.problems import Problem
from ticketing.web.shelf import ASK_FIRST, FOR_GOOD, files
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


class _Fonts(StaticFiles):
    """A font whose address names its content is kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        response.headers["Cache-Control"] = FOR_GOOD if asked == [fonts().get(path)] else ASK_FIRST
        return response


def routes(site: Site) -> list[BaseRoute]:
    return [
        *(Route(path, _page(site, name.removesuffix(".html"), inside)) for path, name, inside in PAGES),
        *liff.routes(site),
        *app_files.routes(site),
        Mount("/static/fonts", _Fonts(directory=ROOT / "fonts")),
        Route("/static/{path:path}", _static),
    ]


def _page(site: Site, name: str, inside: bool) -> Callable[[Request], Awaitable[Response]]:
    page = sent_page(name)

    async def show(request: Request) -> Response:
        call = Call(site, request)
        if inside:
            check_staff_network(site, request)
        if "office" in request.path_params:
            site.desk(request.path_params["office"])
        else:
            give_browser_cookie(call)
        return call.with_cookies(page.answer(request, ASK_FIRST))

    return show


_VERSION = re.compile(rf"([0-9a-f]{{{VERSION_DIGITS}}})/(.+)")
#: What may come from another version without harm: a page that was opened before an upgrade may still ask for it.
_HARMLESS = ("texts/", "images/", "icon")


async def _static(request: Request) -> Response:
    path = request.path_params["path"]
    versioned = _VERSION.fullmatch(path)
    asked, name = versioned.groups() if versioned else (None, path)
    file = files().get(name)
    is_foreign = asked is not None and asked != version()
    if file is None or (is_foreign and not name.startswith(_HARMLESS)):
        raise Problem(404, "unknown_path", "There is nothing at this address.", headers={"Cache-Control": "no-store"})
    return file.answer(request, "no-store" if is_foreign else FOR_GOOD if asked else ASK_FIRST)
