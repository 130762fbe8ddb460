"""What each page loads: its modules, found by following their imports, and the words that they can ask for."""

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

from kiosk_ui import ROOT

#: Of the hexadecimal hash of everything below; it is part of every file's address.
VERSION_DIGITS = 16
#: Folders with files that browsers load. Fonts have addresses of their own, for they change once in years.
FOLDERS = ("css", "js", "texts", "images")
#: Files of the root that browsers load.
LOOSE = (".svg", ".png")

_IMPORT = re.compile(r'^(?:import|export)\b[^"\n]* from "(\.[^"]+)";', re.MULTILINE)
#: A module that is loaded for every visitor, but after what they came for; imports inside functions are on demand.
_IMPORT_SOON = re.compile(r'^const \w+ = import\("(\.[^"]+)"\);', re.MULTILINE)
_MODULE = re.compile(r'<script type="module" src="/static/(js/[^"]+)"')
_STYLE = re.compile(r'<link rel="stylesheet" href="/static/(css/[^"]+)"')
_FAMILY = re.compile(r"[\"'`]([a-z_]+)\.")
_STAFF = re.compile(r'<html[^>]* data-texts="staff"')


def names() -> list[str]:
    """Every file that browsers load but fonts, by its path below ``/static``."""
    loose = [path for path in ROOT.iterdir() if path.suffix in LOOSE]
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted(path.relative_to(ROOT).as_posix() for path in (*loose, *inside))


@cache
def fonts() -> dict[str, str]:
    """Every font's name, with a hash of what is in it."""
    paths = sorted((ROOT / "fonts").glob("*.woff2"))
    return {path.name: sha256(path.read_bytes()).hexdigest()[:VERSION_DIGITS] for path in paths}


@cache
def version() -> str:
    """The same for the same files, another one as soon as a single byte differs."""
    whole = sha256()
    for name in [*names(), *(f"pages/{path.name}" for path in sorted((ROOT / "pages").glob("*.html")))]:
        whole.update(f"{name}\0".encode())
        whole.update(sha256((ROOT / name).read_bytes()).digest())
    whole.update(json.dumps(fonts()).encode())
    return whole.hexdigest()[:VERSION_DIGITS]


def page_html(page: str) -> str:
    """The page as it lies on the disk."""
    return (ROOT / "pages" / f"{page}.html").read_text("utf-8")


def styles_of(page: str) -> list[str]:
    """The page's style sheets."""
    return _STYLE.findall(page_html(page))


def modules_of(page: str) -> list[str]:
    """The page's modules and all that they import, nearest first; those that come soon after are the last."""
    first = first_modules_of(page)
    soon = [other for name in first for other in _imported(name, _IMPORT_SOON)]
    return [*first, *(name for name in closure(soon) if name not in first)]


def first_modules_of(page: str) -> list[str]:
    """The modules that must be there before the page can draw anything."""
    return closure(_MODULE.findall(page_html(page)))


def closure(begun: list[str]) -> list[str]:
    """These modules and all that they import."""
    found = list(begun)
    for name in found:
        found += [other for other in _imported(name, _IMPORT) if other not in found]
    return found


def _imported(name: str, form: re.Pattern[str]) -> list[str]:
    folder = (ROOT / name).parent
    targets = form.findall((ROOT / name).read_text("utf-8"))
    return [Path(folder, target).resolve().relative_to(ROOT.resolve()).as_posix() for target in dict.fromkeys(targets)]


def is_staff(page: str) -> bool:
    """Does the page speak to staff, in their words too?"""
    return _STAFF.search(page_html(page)) is not None


def words_of(page: str, language: str) -> dict[str, str]:
    """The texts of one language that the page can ask for.

    A family of keys (``kiosk.`` …) is left out when neither the page nor a module of it names one; a phone
    on a slow line needs no words of the board.
    """
    code = page_html(page) + "".join((ROOT / name).read_text("utf-8") for name in modules_of(page))
    used = set(_FAMILY.findall(code))
    files = [ROOT / "texts" / f"{language}.json"]
    if is_staff(page):
        files.append(ROOT / "texts" / "staff" / f"{language}.json")
    texts = {key: text for file in files for key, text in json.loads(file.read_text("utf-8")).items()}
    return {key: text for key, text in texts.items() if _is_asked_for(key, used)}


def _is_asked_for(key: str, used: set[str]) -> bool:
    family, dot, _ = key.partition(".")
    return not key.startswith("@@") and (not dot or family in used)


def languages_of(page: str) -> list[str]:
    """The languages that the page may be read in."""
    offered = re.search(r'<html[^>]* data-languages="([^"]+)"', page_html(page))
    return offered[1].split() if offered else sorted(path.stem for path in (ROOT / "texts").glob("*.json"))


def pages() -> list[str]:
    """The names of all pages."""
    return sorted(path.stem for path in (ROOT / "pages").glob("*.html"))
