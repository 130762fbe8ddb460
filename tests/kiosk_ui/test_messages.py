"""Texts are ICU messages: the pages' small formatter reads each of them, and says what FormatJS says."""

import pytest

from kiosk_ui import ROOT
from tests.kiosk_ui.text_files import LANGUAGES, NODE, STAFF_LANGUAGES, arguments, in_node, node, texts

FORMATJS = ROOT.parent / "node_modules" / "intl-messageformat" / "index.js"
COUNTS = (0, 1, 2, 5, 21, 1234)

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")
with_formatjs = pytest.mark.skipif(
    not FORMATJS.is_file(), reason="intl-messageformat is not installed (scripts/check-pages does it)"
)

MESSAGE = "module.formatMessage(values[0], values[1], values[2])"


@pytest.mark.parametrize(
    ("locale", "text", "values", "expected"),
    [
        ("en", "{count, plural, one {# person} other {# people}}", {"count": 1}, "1 person"),
        ("en", "{count, plural, one {# person} other {# people}}", {"count": 1200}, "1,200 people"),
        ("en", "{count, plural, =0 {nobody} one {# person} other {# people}}", {"count": 0}, "nobody"),
        ("ne-u-nu-latn", "{count, plural, one {# जना} other {# जना}}", {"count": 12}, "12 जना"),
        ("en", "{way, select, mail {Mail} other {{way}?}}", {"way": "LINE"}, "LINE?"),
        ("en", "{count, number} of {all}", {"count": 1500, "all": 1500}, "1,500 of 1500"),
        ("en", "the city's '{code}', it''s", {}, "the city's {code}, it's"),
        ("en", "{name} is missing", {}, "{name} is missing"),
        ("en", "# is a sign", {}, "# is a sign"),
    ],
)
def test_message_is_written_with_its_values(locale: str, text: str, values: dict[str, object], expected: str) -> None:
    assert in_node("messages.js", MESSAGE, locale, text, values) == expected


@pytest.mark.parametrize(
    "text",
    ["{count", "{count, plural, one {# person}}", "a } b", "{count, plural, other {#}", "{count, date}", "{ein Wort}"],
)
def test_mistake_in_a_message_is_found(text: str) -> None:
    assert (
        in_node(
            "messages.js", "(() => { try { module.parseMessage(values[0]); } catch (e) { return e.name; } })()", text
        )
        == "SyntaxError"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_a_message(language: str) -> None:
    all_texts = list(texts(language).values()) + (
        list(texts(language, "staff").values()) if language in STAFF_LANGUAGES else []
    )

    assert in_node("messages.js", "values[0].map(module.parseMessage).length", all_texts) == len(all_texts)


@with_formatjs
@pytest.mark.parametrize("language", LANGUAGES)
def test_formatter_agrees_with_formatjs(language: str) -> None:
    locale = in_node("languages.js", "module.numberLocale(values[0])", language)
    cases = [(text, dict.fromkeys(arguments(text), count)) for text in texts(language).values() for count in COUNTS]

    ours = in_node(
        "messages.js", "values[0].map(([text, each]) => module.formatMessage(values[1], text, each))", cases, locale
    )
    theirs = node(
        FORMATJS,
        "values[0].map(([text, each]) => new module.IntlMessageFormat(text, values[1]).format(each))",
        cases,
        locale,
    )

    assert ours == theirs
