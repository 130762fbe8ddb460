"""What the pages load: derived from what they name, and never more than a phone on a slow line should carry."""

import re
from pathlib import Path

import pytest

from kiosk_ui import ROOT
from kiosk_ui.loading import closure, first_modules_of, languages_of, modules_of, pages, styles_of, version, words_of
from tests.kiosk_ui.text_files import texts
from ticketing.web.heads import BOOT, EARLY, sent_page
from ticketing.web.shelf import files, without_comments

#: Uncompressed, without fonts, as the design says.
MOST_BYTES = 150_000
_ASKED = re.compile(r'"([a-z][a-z_]*(?:\.[a-z_]+)+)"')
_MADE = re.compile(r"`([a-z_]+\.)(?:[a-z_]+\.)*\$\{")

every_page = pytest.mark.parametrize("page", pages())
page_in_language = pytest.mark.parametrize(
    ("page", "language"), [(p, each) for p in pages() for each in languages_of(p)]
)


def bytes_of(page: str, language: str) -> dict[str, int]:
    """What a browser reads for the page's first view, by kind."""
    shelf = files()
    scripts = {*modules_of(page), *closure([EARLY]), BOOT}
    return {
        "html": len(sent_page(page).content),
        "css": sum(len(shelf[name].content) for name in styles_of(page)),
        "js": sum(len(shelf[name].content) for name in scripts),
        "words": len(shelf[f"texts/{page}/{language}.json"].content),
    }


@page_in_language
def test_page_is_light(page: str, language: str) -> None:
    weights = bytes_of(page, language)

    assert all(weights.values())
    assert sum(weights.values()) < MOST_BYTES, weights


@every_page
def test_every_word_that_a_page_can_ask_for_is_sent(page: str) -> None:
    code = "".join((ROOT / name).read_text("utf-8") for name in modules_of(page))
    code += (ROOT / "pages" / f"{page}.html").read_text("utf-8")
    folders = ["", "staff"] if 'data-texts="staff"' in code else [""]
    all_texts = {key: text for folder in folders for key, text in texts("ja", folder).items()}
    asked = set(_ASKED.findall(code)) & set(all_texts)
    asked |= {key for key in all_texts for family in _MADE.findall(code) if key.startswith(family)}

    sent = words_of(page, "ja")

    assert asked - set(sent) == set()
    assert {key: all_texts[key] for key in sent} == sent


@pytest.mark.parametrize("path", sorted((ROOT / "js").rglob("*.js")), ids=lambda path: path.stem)
def test_leaving_comments_out_leaves_every_line_of_code_in_its_place(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    sent = without_comments("\n".join(lines)).split("\n")
    left_out = [was for was, now in zip(lines, sent, strict=True) if was != now]

    assert all(line.lstrip().startswith(("/*", "*", "//")) for line in left_out)
    assert not any(re.search(r"\*/\s*\S", line) for line in left_out)
    assert all(not now for was, now in zip(lines, sent, strict=True) if was != now)


def test_comment_before_code_stays() -> None:
    code = '/** a */\n  /** @type {X} */ (y).z();\n/**\n * b\n */\nlet c; // d\n  // e\nconst f = "/** g */";\n'

    assert without_comments(code) == '\n  /** @type {X} */ (y).z();\n\n\n\nlet c; // d\n\nconst f = "/** g */";\n'


def test_page_is_spared_the_words_of_others() -> None:
    families = {key.partition(".")[0] for key in words_of("ticket", "ja")}

    assert {"ticket", "called", "state", "error", "away"} <= families
    assert families & {"kiosk", "board", "slip", "visitor", "@@locale"} == set()


def test_modules_are_found_through_their_imports() -> None:
    found = modules_of("visitor")

    assert found[0] == "js/visitor.js"
    assert {"js/shared/api.js", "js/shared/clock.js", "js/shared/messages.js"} <= set(found)
    assert len(found) == len(set(found))


def test_what_comes_after_the_first_view_is_counted_but_named_last() -> None:
    first, every = first_modules_of("ticket"), modules_of("ticket")
    html = sent_page("ticket").content.decode()

    late = every[len(first) :]
    assert every[: len(first)] == first
    assert {"js/ticket/contact.js", "js/ticket/consent.js"} <= set(late)
    assert [f'{name}" fetchpriority="low"' in html for name in late] == [True] * len(late)
    assert html.count("fetchpriority") == len(late)
    assert "js/hall/list.js" not in modules_of("hall")


def test_version_is_of_every_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "pages").mkdir()
    (tmp_path / "fonts").mkdir()
    monkeypatch.setattr("kiosk_ui.loading.ROOT", tmp_path)

    def version_with(name: str, content: str) -> str:
        (tmp_path / name).write_text(content, "utf-8")
        version.cache_clear()
        return version()

    monkeypatch.setattr("kiosk_ui.loading.fonts", dict)
    try:
        versions = [
            version_with("js/a.js", "1"), version_with("js/a.js", "2"), version_with("pages/a.html", "1"),
            version_with("js/b.js", "1"), version_with("js/b.js", "1"),
        ]  # fmt: skip
    finally:
        version.cache_clear()

    assert len(set(versions)) == 4
    assert versions[3] == versions[4]
