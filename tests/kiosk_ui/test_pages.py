"""The pages work under a strict content security policy and are well-formed in the basics."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kiosk_ui import ROOT

PAGES = sorted((ROOT / "pages").glob("*.html"))
SCRIPTS = sorted((ROOT / "js").rglob("*.js"))
VOID = {"meta", "link", "input", "br", "img", "hr"}
FIELDS = {"input", "select", "textarea"}
_NEEDED_ID = re.compile(r'byId\("([\w-]+)"\)')
_KEEPS = re.compile(r"localStorage|sessionStorage|document\.cookie")


class Page(HTMLParser):
    """One page's elements, and whether they are closed in order."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.inline: list[str] = []
        self.words: list[str] = []
        self.feed(path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in {"script", "style"} and data.strip():
            self.inline.append(data)
        elif data.strip() and "noscript" not in self.open and "title" not in self.open:
            self.words.append(data.strip())

    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]


every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


def test_every_page_of_the_design_is_there() -> None:
    names = ["board", "counter", "enrol", "hall", "kiosk", "line", "sign-in", "ticket", "visitor"]

    assert [path.stem for path in PAGES] == names


@every_page
def test_page_is_well_formed(path: Path) -> None:
    page = Page(path)

    assert page.open == []
    assert len(page.ids()) == len(set(page.ids()))


@every_page
def test_page_has_nothing_inline(path: Path) -> None:
    page = Page(path)
    handlers = [name for _, attrs in page.elements for name in attrs if name.startswith("on") or name == "style"]

    assert page.inline == []
    assert handlers == []
    assert [tag for tag, _ in page.elements if tag == "style"] == []


@every_page
def test_page_keeps_its_words_in_the_text_files(path: Path) -> None:
    assert Page(path).words == []


@every_page
def test_page_says_its_language_and_has_landmarks(path: Path) -> None:
    page = Page(path)
    tags = [tag for tag, _ in page.elements]

    assert page.elements[0][0] == "html"
    assert page.elements[0][1]["lang"] == "ja"
    assert tags.count("main") == 1
    assert "h1" in tags
    assert "title" in tags


@every_page
def test_fields_and_dialogs_are_labelled(path: Path) -> None:
    page = Page(path)
    labelled = {attrs["for"] for tag, attrs in page.elements if tag == "label"}
    unlabelled = [attrs.get("id") for tag, attrs in page.elements if tag in FIELDS and attrs.get("id") not in labelled]
    nameless = [attrs.get("id") for tag, attrs in page.elements if tag == "dialog" and "aria-labelledby" not in attrs]
    points = {attrs[name] for _, attrs in page.elements for name in ("aria-labelledby", "for") if name in attrs}

    assert unlabelled == []
    assert nameless == []
    assert points - set(page.ids()) == set()


@every_page
def test_files_of_the_page_exist(path: Path) -> None:
    page = Page(path)
    files = [attrs[name] for _, attrs in page.elements for name in ("src", "href") if name in attrs]
    own = [name.removeprefix("/static/") for name in files if name.startswith("/static/")]
    missing = [name for name in own if not (ROOT / name).is_file()]
    foreign = {name for name in files if not name.startswith(("/", "#"))}

    assert own != []
    assert missing == []
    assert foreign - {"https://terms.line.me/line_terms"} == set()


@every_page
def test_elements_that_the_page_module_needs_are_there(path: Path) -> None:
    needed = {name for script in modules(path) for name in _NEEDED_ID.findall(script.read_text("utf-8"))}
    made_by_module = {name for name in needed if name.startswith("verb-")}

    assert needed - made_by_module - set(Page(path).ids()) == set()


def modules(path: Path) -> list[Path]:
    """The page's own module with the parts in its folder, and staff where it imports it."""
    own = ROOT / "js" / f"{path.stem}.js"
    staff = ROOT / "js" / "shared" / "staff.js"
    parts = sorted((ROOT / "js" / path.stem).glob("*.js"))
    return [own, *parts, *([staff] if "shared/staff.js" in own.read_text("utf-8") else [])]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_imports_of_the_module_exist(path: Path) -> None:
    imported = re.findall(r'^import .* from "([^"]+)";', path.read_text("utf-8"), re.MULTILINE)

    assert [name for name in imported if not (path.parent / name).is_file()] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_module_makes_no_markup_from_text(path: Path) -> None:
    text = path.read_text("utf-8")

    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|\.style\b", text) == []


def test_secret_is_never_kept_in_the_browser() -> None:
    keeping = [path.stem for path in SCRIPTS if _KEEPS.search(path.read_text("utf-8"))]

    # Presses and questions wait with a random key each: worth nothing without the session or the browser's own cookie,
    # and nothing a second time.
    assert keeping == ["announcer", "sound", "desk", "presses", "pending", "early", "texts", "last_known", "unanswered"]
