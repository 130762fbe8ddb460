"""What makes the pages an app: the service worker, and the manifest by language."""

import json
from collections.abc import Awaitable, Callable
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kiosk_ui import ROOT
from kiosk_ui.loading import version
from ticketing.web.answering import CONTENT_SECURITY_POLICY
from ticketing.web.shelf import ASK_FIRST, File
from ticketing.web.site import Site

_ICONS = (
    ("icon.svg", "any", "image/svg+xml", "any"),
    ("icon-192.png", "192x192", "image/png", "any"),
    ("icon-512.png", "512x512", "image/png", "any"),
    ("icon-maskable-192.png", "192x192", "image/png", "maskable"),
    ("icon-maskable-512.png", "512x512", "image/png", "maskable"),
)


def routes(site: Site) -> list[BaseRoute]:
    worker = _worker(is_on=site.config.server.service_worker)
    return [Route("/service-worker.js", worker), Route("/manifest.webmanifest", _show_manifest)]


def _worker(is_on: bool) -> Callable[[Request], Awaitable[Response]]:
    """The worker; switched off, one that removes whatever an earlier one has kept, and itself."""
    name = "service-worker.js" if is_on else "no-service-worker.js"
    file = File(".js", (ROOT / name).read_bytes())

    async def show(request: Request) -> Response:
        answer = file.answer(request, ASK_FIRST)
        # A worker is ruled by the policy that it came with.
        answer.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return answer

    return show


async def _show_manifest(request: Request) -> Response:
    return _manifest(request.query_params.get("language", "")).answer(request, ASK_FIRST)


def _manifest(language: str) -> File:
    known = {path.stem for path in (ROOT / "texts").glob("*.json")}
    return _manifest_in(language if language in known else "ja")


@cache
def _manifest_in(language: str) -> File:
    words = json.loads((ROOT / "texts" / f"{language}.json").read_text("utf-8"))
    manifest = {
        "id": "/t",
        "start_url": "/t",
        "scope": "/",
        "display": "standalone",
        "lang": language,
        "dir": "auto",
        "name": _plain(words["app.name"]),
        "short_name": _plain(words["app.short_name"]),
        "description": _plain(words["app.description"]),
        "theme_color": "#1d4568",
        "background_color": "#f4f3ef",
        "icons": [
            {"src": f"/static/{version()}/{name}", "sizes": sizes, "type": kind, "purpose": purpose}
            for name, sizes, kind, purpose in _ICONS
        ],
    }
    return File(".webmanifest", json.dumps(manifest, ensure_ascii=False).encode())


def _plain(text: str) -> str:
    """Without readings above kanji."""
    while "《" in text:
        before, _, rest = text.partition("《")
        text = before + rest.partition("》")[2]
    return text
