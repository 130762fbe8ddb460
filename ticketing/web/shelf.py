"""Every file that browsers load, read once: its address holds the version, so that old and new are never mixed."""

import gzip
import json
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from kiosk_ui import ROOT
from kiosk_ui.loading import fonts, languages_of, names, pages, version, words_of

#: For a file whose address changes whenever it does.
FOR_GOOD = "public, max-age=31536000, immutable"
#: Kept, but asked about each time.
ASK_FIRST = "no-cache"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_PRESSED = {".html", ".css", ".js", ".json", ".svg", ".webmanifest"}
#: Comments that have their lines to themselves. Whatever begins on a line with code stays.
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:(?!\*/).)*\*/|//[^\n]*)[ \t]*$", re.MULTILINE | re.DOTALL)
_FONT_ADDRESS = re.compile(r'url\("\.\./fonts/([^"?]+)"\)')


@dataclass(frozen=True)
class File:
    """What is sent under one address."""

    suffix: str
    content: bytes
    #: Names the content.
    tag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", sha256(self.content).hexdigest()[:32])

    @cached_property
    def pressed(self) -> bytes | None:
        """The content compressed, where that is worth it; nothing secret is ever in a file."""
        if self.suffix not in _PRESSED:
            return None
        pressed = gzip.compress(self.content, 9, mtime=0)
        return pressed if len(pressed) < len(self.content) * 0.9 else None

    def answer(self, request: Request, keep: str) -> Response:
        """The file, or 304 for a browser that has it."""
        takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
        pressed = self.pressed if takes_gzip else None
        headers = {"Cache-Control": keep, "ETag": f'"{self.tag}{"-gz" if pressed else ""}"', "Vary": "Accept-Encoding"}
        if self._is_known(request):
            return Response(status_code=304, headers=headers)
        headers["Content-Type"] = _TYPES[self.suffix]
        if pressed is not None:
            return Response(pressed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(self.content, headers=headers)

    def _is_known(self, request: Request) -> bool:
        known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
        return not known.isdisjoint({f'"{self.tag}"', f'"{self.tag}-gz"'})


@cache
def files() -> dict[str, File]:
    """By path below ``/static``; beside what lies on the disk each page's words in one file a language."""
    found = {name: _read(name) for name in names() if f".{name.rpartition('.')[2]}" in _TYPES}
    for page in pages():
        for language in languages_of(page):
            text = json.dumps(words_of(page, language), ensure_ascii=False, separators=(",", ":"))
            found[f"texts/{page}/{language}.json"] = File(".json", text.encode())
    found["version.json"] = File(".json", json.dumps({"version": version()}).encode())
    return found


def _read(name: str) -> File:
    suffix = f".{name.rpartition('.')[2]}"
    content = (ROOT / name).read_bytes()
    if suffix == ".css":
        return File(suffix, _FONT_ADDRESS.sub(_address_of_font, without_comments(content.decode())).encode())
    return File(suffix, without_comments(content.decode()).encode() if suffix == ".js" else content)


def without_comments(code: str) -> str:
    """A third of a module is types for the checker. Lines keep their numbers, so that errors can be found."""
    return _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), code)


def _address_of_font(match: re.Match[str]) -> str:
    """A font is kept over upgrades that change everything else."""
    return f'url("/static/fonts/{match[1]}?v={fonts().get(match[1], "")}")'
