"""A page as it is sent: with the version in every address, and with all modules named at once.

Without that a browser would find them import by import, one round trip after the other.
"""

import re
from functools import cache

from kiosk_ui.loading import closure, first_modules_of, modules_of, page_html, version
from ticketing.web.shelf import File

#: Pages that somebody may keep as an app on a phone.
INSTALLABLE = ("visitor", "ticket")
#: Runs first: it asks for the words, and for what the page will need of the server.
EARLY = "js/shared/early.js"
#: Needs nothing: it notices that a page does not come up, and keeps it for the next start without a server.
BOOT = "js/boot.js"

_LATER = ' fetchpriority="low"'
_VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
_OWN_SCRIPT = re.compile(r'(?=<script type="module" src="/static/)')


@cache
def sent_page(page: str) -> File:
    """The page with its head completed."""
    html = page_html(page)
    html = html.replace('<html lang="ja"', f'<html lang="ja" data-page="{page}"', 1)
    html = html.replace(_VIEWPORT, "\n".join([_VIEWPORT, *_first(page)]), 1)
    html = _OWN_SCRIPT.sub("".join(f"{line}\n" for line in _preloads(page)), html, count=1)
    return File(".html", html.replace('"/static/', f'"/static/{version()}/').encode())


def _first(page: str) -> list[str]:
    lines = [
        '<meta name="theme-color" content="#1d4568">',
        f'<script type="module" async src="/static/{EARLY}"></script>',
        f'<script async src="/static/{BOOT}"></script>',
    ]
    if page in INSTALLABLE:
        lines += [
            '<link rel="manifest" id="manifest" href="/manifest.webmanifest">',
            '<link rel="apple-touch-icon" href="/static/icon-192.png">',
        ]
    return lines


def _preloads(page: str) -> list[str]:
    of_early, of_page = closure([EARLY]), first_modules_of(page)
    first = [*of_early, *(name for name in of_page if name not in of_early)]
    soon = [name for name in modules_of(page) if name not in first]
    named = [(name, "") for name in first if name not in (EARLY, of_page[0])] + [(name, _LATER) for name in soon]
    return [f'<link rel="modulepreload" href="/static/{name}"{when}>' for name, when in named]
