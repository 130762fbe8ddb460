"""Every word a person sees is in a text file, in each language, and nothing else is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk_ui import ROOT

LANGUAGES = ("ja", "en")
#: Keys made at run time, for example by a ticket's state or a refusal's code.
_MADE = re.compile(r"`((?:[a-z_]+\.)+)\$\{")
#: Keys written out: in a call, in a choice, or as a value of a table.
_WRITTEN = re.compile(r'"([a-z][a-z_]*(?:\.[a-z_]+)*)"')
_IN_PAGES = re.compile(r'data-(?:text|label|hint)="([^"]+)"')
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
#: In Japanese a reader sees 人 after the count on the board; in English nothing.
_MAY_BE_EMPTY = {"board.people"}


def flat(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, str) or "other" in value:
            yield prefix + name, value
        else:
            yield from flat(value, f"{prefix}{name}.")


def texts(language: str) -> dict[str, Any]:
    return dict(flat(json.loads((ROOT / "texts" / f"{language}.json").read_text("utf-8"))))


def sources(folder: str, suffix: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / folder).rglob(f"*{suffix}")))


def forms(text: Any) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def test_languages_have_the_same_keys() -> None:
    assert sorted(texts("ja")) == sorted(texts("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_not_empty(language: str) -> None:
    empty = {key for key, text in texts(language).items() if not all(forms(text))}

    assert empty - _MAY_BE_EMPTY == set()


def test_languages_have_the_same_placeholders() -> None:
    japanese, english = texts("ja"), texts("en")

    def names(text: Any) -> set[str]:
        return {name for form in forms(text) for name in _PLACEHOLDER.findall(form)}

    assert {key: names(text) for key, text in japanese.items()} == {key: names(text) for key, text in english.items()}


def test_keys_in_pages_exist() -> None:
    used = set(_IN_PAGES.findall(sources("pages", ".html")))

    assert used - set(texts("ja")) == set()


def test_keys_in_modules_exist() -> None:
    known = set(texts("ja"))
    groups = {key.split(".")[0] for key in known if "." in key}
    scripts = sources("js", ".js")

    used = {key for key in _WRITTEN.findall(scripts) if "." in key and key.split(".")[0] in groups}
    made = {prefix for prefix in _MADE.findall(scripts) if not any(key.startswith(prefix) for key in known)}

    assert used - known - {"junban.language", "junban.counter"} == set()
    assert made == set()


def test_no_key_is_unused() -> None:
    scripts = sources("js", ".js")
    used = set(_IN_PAGES.findall(sources("pages", ".html"))) | set(_WRITTEN.findall(scripts))
    made = tuple(_MADE.findall(scripts))

    assert {key for key in texts("ja") if key not in used and not key.startswith(made)} == set()


def test_refusals_have_words() -> None:
    refusals = Path(ROOT.parent, "ticketing", "hall", "refusals.py").read_text("utf-8")
    codes = set(re.findall(r'^    code = "(\w+)"', refusals, re.MULTILINE)) - {"refused"}

    assert {code for code in codes if f"error.{code}" not in texts("ja")} == set()
