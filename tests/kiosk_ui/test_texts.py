"""Every word a person sees is in a text file, in each language, and nothing else is."""

import re
from pathlib import Path

import pytest

from kiosk_ui import ROOT
from tests.kiosk_ui.text_files import LANGUAGES, STAFF_LANGUAGES, TEXTS, arguments, file_of, sources, texts
from ticketing.config.office import LANGUAGES as OFFERED

#: Keys made at run time, for example by a ticket's state or a refusal's code.
_MADE = re.compile(r"`((?:[a-z_]+\.)+)\$\{")
#: Keys written out: in a call, in a choice, or as a value of a table.
_WRITTEN = re.compile(r'"([a-z][a-z_]*(?:\.[a-z_]+)*)"')
_IN_PAGES = re.compile(r'data-(?:text|label|hint)="([^"]+)"')
#: In Japanese a reader sees 人 after the count on the board; in English nothing.
_MAY_BE_EMPTY = {"board.people"}
#: Names and signs, the same in every language; and the button that opens the list of languages.
_THE_SAME = {"alerts.way.line", "alerts.channel.line", "alerts.way.sms", "brand", "language.choose", "list_separator"}
#: The server writes them into the manifest.
_IN_MANIFEST = {"app.name", "app.short_name", "app.description"}
#: Made of arguments only.
_FRAMES = re.compile(r"(?:\{\w+\}|[\s()|:,.+–-])*")
_KANJI = re.compile(r"[\u4e00-\u9fff々]+")
_READING = re.compile(r"([\u4e00-\u9fff][\u4e00-\u9fff々]*)《([ぁ-ゖァ-ヺー]+)》")

every_translation = pytest.mark.parametrize("language", LANGUAGES[1:])
every_language = pytest.mark.parametrize("language", LANGUAGES)


def all_keys() -> set[str]:
    return set(texts("ja")) | set(texts("ja", "staff"))


def test_files_are_those_of_the_languages() -> None:
    assert {path.stem for path in TEXTS.glob("*.json")} == set(LANGUAGES)
    assert {path.stem for path in (TEXTS / "staff").glob("*.json")} == set(STAFF_LANGUAGES)
    assert OFFERED == LANGUAGES


@every_translation
def test_language_has_the_keys_of_japanese_in_their_order(language: str) -> None:
    assert list(texts(language)) == list(texts("ja"))


def test_staff_texts_have_the_same_keys_and_none_of_the_visitors() -> None:
    assert list(texts("ja", "staff")) == list(texts("en", "staff"))
    assert set(texts("ja", "staff")) & set(texts("ja")) == set()


@every_language
def test_texts_are_sentences_or_words(language: str) -> None:
    empty = {key for key, text in texts(language).items() if not text}
    bare = {key for key, text in texts(language).items() if "<" in text or text != text.strip("\n")}

    assert empty - _MAY_BE_EMPTY == set()
    assert bare == set()


@every_translation
def test_texts_have_the_arguments_of_the_japanese(language: str) -> None:
    japanese = texts("ja")

    differing = {
        key: text for key, text in texts(language).items() if arguments(text) != arguments(japanese.get(key, ""))
    }

    assert differing == {}


def test_staff_texts_have_the_same_arguments() -> None:
    japanese, english = texts("ja", "staff"), texts("en", "staff")

    assert {key: arguments(text) for key, text in japanese.items()} == {
        key: arguments(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_texts_are_translated(language: str) -> None:
    english = texts("en")

    same = {
        key
        for key, text in texts(language).items()
        if text == english[key] and key not in _THE_SAME and not _FRAMES.fullmatch(text)
    }

    assert same == set()


def test_reviewed_are_the_languages_of_the_authors() -> None:
    reviewed = {language for language in LANGUAGES if file_of(language)["@@x-reviewed"]}
    staff = {language for language in STAFF_LANGUAGES if file_of(language, "staff")["@@x-reviewed"]}

    assert reviewed == {"ja", "en"}
    assert staff == {"ja", "en"}


@every_language
def test_file_names_its_language(language: str) -> None:
    assert file_of(language)["@@locale"] == language
    assert file_of(language)["@@x-name"]


def test_easy_japanese_has_a_reading_for_every_kanji_and_only_there() -> None:
    left = {key: _READING.sub("", text) for key, text in texts("ja-x-easy").items()}
    others = [text for language in LANGUAGES if language != "ja-x-easy" for text in texts(language).values()]

    assert {key: text for key, text in left.items() if _KANJI.search(text) or "《" in text} == {}
    assert [text for text in others if "《" in text] == []


def test_keys_in_pages_exist() -> None:
    used = set(_IN_PAGES.findall(sources("pages", ".html")))

    assert used - all_keys() == set()


def test_pages_for_visitors_use_no_staff_texts() -> None:
    visitors = [path for path in (ROOT / "pages").glob("*.html") if 'data-texts="staff"' not in path.read_text("utf-8")]
    used = {key for path in visitors for key in _IN_PAGES.findall(path.read_text("utf-8"))}

    assert used & set(texts("ja", "staff")) == set()


def test_keys_in_modules_exist() -> None:
    known = all_keys()
    groups = {key.split(".")[0] for key in known if "." in key}
    scripts = sources("js", ".js")

    used = {key for key in _WRITTEN.findall(scripts) if "." in key and key.split(".")[0] in groups}
    made = {prefix for prefix in _MADE.findall(scripts) if not any(key.startswith(prefix) for key in known)}

    assert used - known - {"junban.language", "junban.counter"} == set()
    assert made == set()


def test_no_key_is_unused() -> None:
    scripts = sources("js", ".js")
    used = set(_IN_PAGES.findall(sources("pages", ".html"))) | set(_WRITTEN.findall(scripts))
    used |= _IN_MANIFEST
    made = tuple(_MADE.findall(scripts))

    assert {key for key in all_keys() if key not in used and not key.startswith(made)} == set()


def test_refusals_have_words() -> None:
    refusals = Path(ROOT.parent, "ticketing", "hall", "refusals.py").read_text("utf-8")
    codes = set(re.findall(r'^    code = "(\w+)"', refusals, re.MULTILINE)) - {"refused"}

    assert {code for code in codes if f"error.{code}" not in all_keys()} == set()
