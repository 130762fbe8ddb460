"""Languages: the table agrees with the files, browsers find the nearest, fonts suffice."""

import pytest

from kiosk_ui import ROOT
from tests.kiosk_ui.text_files import LANGUAGES, NODE, file_of, in_node, texts

FONTS = ROOT / "fonts"

in_a_browser = pytest.mark.skipif(NODE is None, reason="Node is not installed")


@in_a_browser
def test_table_says_what_the_files_say() -> None:
    table = in_node("languages.js", "module.LANGUAGES.map((one) => [one, module.ownName(one), module.isReviewed(one)])")

    assert table == [[each, file_of(each)["@@x-name"], file_of(each)["@@x-reviewed"]] for each in LANGUAGES]


@in_a_browser
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["ja-JP"], "ja"),
        (["ja-x-easy", "en"], "ja-x-easy"),
        (["zh-TW"], "zh-Hant"),
        (["zh-HK", "en"], "zh-Hant"),
        (["zh-CN"], "zh-Hans"),
        (["zh"], "zh-Hans"),
        (["ko-KR"], "ko"),
        (["fr", "vi-VN"], "vi"),
        (["ne-NP"], "ne"),
        (["my-MM"], "my"),
        (["", "not a tag", "en-GB"], "en"),
        (["fr"], None),
    ],
)
def test_nearest_language_is_found(wanted: list[str], found: str | None) -> None:
    assert in_node("languages.js", "module.bestLanguage(values[0], module.LANGUAGES) ?? null", wanted) == found


@in_a_browser
def test_numbers_have_the_digits_of_the_slips() -> None:
    digits = in_node(
        "languages.js", "module.LANGUAGES.map((one) => new Intl.NumberFormat(module.numberLocale(one)).format(907))"
    )

    assert digits == ["907"] * len(LANGUAGES)


@in_a_browser
def test_readings_are_left_out_of_plain_text() -> None:
    text = "到着《とうちゃく》の 受付《うけつけ》、「本《ほん》」と《かぎ》"

    assert in_node("readings.js", "module.plain(values[0])", text) == "到着の 受付、「本」と《かぎ》"


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_font_has_every_character_of_its_texts(language: str, weight: str) -> None:
    ttfont = pytest.importorskip("fontTools.ttLib")
    pytest.importorskip("brotli")
    name = "ja" if language in ("ja", "ja-x-easy", "en") else language
    fonts = [FONTS / f"{name}-{weight}.woff2", *([FONTS / f"ja-{weight}.woff2"] if name != "ja" else [])]
    known = {code for font in fonts for code in ttfont.TTFont(font).getBestCmap()}

    needed = {each for text in texts(language).values() for each in text.replace("《", "").replace("》", "")}

    assert {each for each in needed if ord(each) not in known} == set()
