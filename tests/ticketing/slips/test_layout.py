"""What a slip looks like, read back from its picture."""

from dataclasses import replace

import numpy
import pytest
from PIL import Image

from tests.codes import text_of_code
from ticketing.slips.content import Content
from ticketing.slips.fonts import Fonts
from ticketing.slips.layout import PAPERS, qr_code, render
from ticketing.slips.raster import as_bits, as_png
from ticketing.slips.words import languages, words_in

LINK = "https://junban.city.sakura.example.jp/t#sakura.20260901.A012.AbCdEfGhIjKlMnOpQrStUv"
CONTENT = Content(
    language="ja",
    office="さくら市役所 市民課",
    headings=("受付番号",),
    number="A012",
    service="届出",
    windows="窓口 1・2・5",
    facts=(("発行", "2026-09-01  10:00"), ("お待ちの人数", "12人"), ("待ち時間の目安", "約20〜35分")),
    link=LINK,
    scan="いまの順番をスマートフォンで確認できます",
    note=words_in("ja").note,
)


@pytest.mark.parametrize("width_mm", PAPERS)
def test_slip_is_as_wide_as_the_printers_head_and_not_long(width_mm: int) -> None:
    picture = render(CONTENT, width_mm)

    assert (picture.mode, picture.width) == ("1", PAPERS[width_mm].width)
    # 203 dots an inch: up to 14 cm.
    assert 600 < picture.height < 1120


@pytest.mark.parametrize("width_mm", PAPERS)
@pytest.mark.parametrize("language", languages())
def test_code_on_the_slip_leads_to_the_ticket(width_mm: int, language: str) -> None:
    words = words_in(language)

    picture = render(replace(CONTENT, language=language, scan=words.scan, note=words.note), width_mm)

    assert text_of_code(picture) == LINK


def test_code_has_its_light_margin() -> None:
    code = numpy.array(qr_code(LINK, 6))

    assert code[:24].min() == code[-24:].min() == code[:, :24].min() == code[:, -24:].min() == 255
    assert code[24:30, 24:30].max() == 0


@pytest.mark.parametrize("number", ["1", "A012", "ABC1234567"])
def test_number_is_the_largest_thing_and_fits(number: str) -> None:
    picture = numpy.array(render(replace(CONTENT, number=number), 58).convert("L"))

    dark = picture < 128
    assert not dark[:, :2].any() and not dark[:, -2:].any()


def test_text_too_long_for_a_line_is_broken_and_nothing_is_cut() -> None:
    long = replace(
        CONTENT, office="とても長い名前の市役所の市民生活部の市民課の本庁舎一階総合窓口", service="戸籍" * 20
    )

    dark = numpy.array(render(long, 58).convert("L")) < 128

    assert not dark[:, :2].any() and not dark[:, -2:].any()


@pytest.mark.parametrize("language", languages())
def test_words_are_complete_and_fill_in_the_same_numbers(language: str) -> None:
    words = words_in(language)

    assert words.people.format(count=3) != words.people
    assert "20" in words.minutes.format(low=20, high=35) and "35" in words.minutes.format(low=20, high=35)
    assert "20" in words.about.format(low=20)
    assert all(getattr(words, name) for name in type(words).__struct_fields__ if name != "reviewed")


def test_japanese_and_latin_need_no_font_of_the_system() -> None:
    assert Fonts.of("ja").has(words_in("ja").note + words_in("en").note + words_in("ja-x-easy").note)


def test_unknown_language_has_the_words_of_its_first_part_or_english() -> None:
    assert (words_in("ja-JP"), words_in("fr")) == (words_in("ja"), words_in("en"))


def test_bits_are_rows_of_eight_dots_with_black_as_one() -> None:
    picture = Image.new("1", (16, 2), 1)
    picture.putpixel((0, 0), 0)
    picture.putpixel((15, 1), 0)

    assert as_bits(picture) == bytes([0x80, 0x00, 0x00, 0x01])
    assert as_png(picture).startswith(b"\x89PNG")
