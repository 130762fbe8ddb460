"""What a text for LINE must not say."""

import pytest

from ticketing.config import read_config
from ticketing.hall.office import Counter, Office, Series, Service
from ticketing.line_check import check_line_text
from ticketing.line_texts import LINE_TEXTS

OFFICE = Office(
    id="ward",
    names={"ja": "みなと区役所", "en": "Minato Ward"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999),),
    services=(
        Service(id="family", names={"ja": "戸籍", "en": "Family register"}, series="a"),
        Service(
            id="tax", names={"ja": "税", "en": "Tax"}, public_names={"ja": "証明", "en": "Citizens' papers"}, series="a"
        ),
    ),
    counters=(Counter("1", "1", ("family",)), Counter("a", "A", ("tax",)), Counter("b", "東の島", ("tax",))),
)
NUMBER = "would show LINE a number"
LINK = "may hold no link but {address}"
PLACEHOLDER = "may hold no placeholder but {address}"
ALONE = "needs a space or a line break before and behind {address}, or it becomes another link"


def names(name: str) -> str:
    return f"would show LINE the name {name!r}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("受付番号12です。", NUMBER),
        ("受付番号１２です。", NUMBER),
        ("番号は①です。", NUMBER),
        ("番号はⅢです。", NUMBER),
        ("三番窓口へお越しください。", NUMBER),
        ("一 番 の 窓口です。", NUMBER),
        ("二号窓口です。", NUMBER),
        ("Please come to counter three.", NUMBER),
        ("Please come to the third: window  Two.", NUMBER),
        ("Two counters are open", NUMBER),
        ("{number} is called", PLACEHOLDER),
        ("{address.host}", PLACEHOLDER),
        ("{", PLACEHOLDER),
        ("{{address}}", PLACEHOLDER),
        ("みなと区役所です。", names("みなと区役所")),
        ("Come to the ＭＩＮＡＴＯ ward.", names("Minato Ward")),
        ("MinatoWard", names("Minato Ward")),
        ("戸 籍のご用件です。", names("戸籍")),
        ("戸・籍", names("戸籍")),
        ("戸\u3000籍", names("戸籍")),
        ("family\nregisters", names("Family register")),
        ("税です。", names("税")),
        ("The citizen's papers are there.", names("Citizens' papers")),
        ("the taxes", names("Tax")),
        ("東の島へどうぞ。", names("東の島")),
        ("Please come to counter A.", names("A")),
        ("窓口Aへどうぞ。", names("A")),
        ("Ａ番へどうぞ。", names("A")),
        ("See https://junban.example", LINK),
        ("See WWW.junban", LINK),
        ("See junban.example", LINK),
        ("See junban．example", LINK),
        ("line://home", LINK),
        ("write to us@city", LINK),
        ("{address}t#SECRET", ALONE),
        ("{address}board/ward", ALONE),
        ("詳しくは{address}をご覧ください。", ALONE),
        ("x{address}", ALONE),
        ("", "must not be empty"),
        (" \n ", "must not be empty"),
        ("x" * 301, "is longer than 300 characters"),
        ("tab\there", "must not hold control characters other than line breaks"),
        ("戸\u200b籍", "must not hold control characters other than line breaks"),
    ],
)
def test_text_that_would_tell_too_much_is_refused(text: str, problem: str) -> None:
    assert check_line_text(text, [OFFICE]) == problem


@pytest.mark.parametrize(
    "text",
    [
        "もう一度お呼び出しします。窓口へお越しください。", "{address}", "A moment please.\n{address}", "x" * 300,
        "お一人ずつ、番号をお呼びします。", "We are sorry. Please wait; all is well.", "See {address} for more.",
        "Come at once, and ask a clerk at the desk.",
    ],
)  # fmt: skip
def test_text_that_tells_nothing_may_go(text: str) -> None:
    assert check_line_text(text, [OFFICE]) is None


def test_names_of_every_office_count() -> None:
    assert check_line_text("みなと区役所です。", []) is None


@pytest.mark.parametrize("language", ["ja", "en"])
def test_built_in_texts_tell_nothing(language: str) -> None:
    demonstration = read_config(None, None).offices

    problems = {kind: check_line_text(text, [OFFICE, *demonstration]) for kind, text in LINE_TEXTS[language].items()}

    assert set(problems.values()) == {None}
