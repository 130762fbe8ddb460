from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from notifier import wording
from ticketing.hall.office import Counter, Office, Series, Service
from ticketing.notices import Notice, NoticeKind

AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
URL = "https://queue.city.example.jp"
OFFICE = Office(
    id="minato",
    names={"ja": "みなと区役所", "en": "Minato Ward Office"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999),),
    services=(
        Service(
            "divorce", {"ja": "離婚届", "en": "Divorce"}, "a", public_names={"ja": "戸籍", "en": "Family register"}
        ),
    ),
    counters=(Counter("1", "3番窓口", ("divorce",)),),
)
NEAR = Notice(
    id=1, office_id="minato", day=date(2026, 9, 3), number="A012", kind="turn_near", occurrence="divorce", seq=5,
    service="divorce", ahead=3, wait_low=290, wait_high=601, channel="email", created_at=AT, useful_until=AT,
    retry_key="", attempts=1, tried=(),
)  # fmt: skip
CALLED = replace(NEAR, kind="called", service=None, counter="1", ahead=None, wait_low=None, wait_high=None)


def test_mail_that_the_turn_is_near_in_japanese() -> None:
    letter = wording.mail(NEAR, OFFICE, "ja", URL, "SECRET")

    assert letter.subject == "受付番号A012 まもなくお呼びします"
    assert letter.body == (
        "みなと区役所\n"
        "\n"
        "受付番号A012のお呼び出しが近づきました。待合へお戻りください。\n"
        "\n"
        "ご用件：戸籍\n"
        "お待ちの方：あと3人\n"
        "待ち時間の目安：4〜11分\n"
        "\n"
        "順番の確認：\n"
        "https://queue.city.example.jp/t#SECRET\n"
        "\n"
        "お待ち時間は目安です。順番が前後することがあります。\n"
        "このメールアドレスは今回の受付のお知らせだけに使い、翌日に消去します。"
        "すぐに消去するには、上のページでお知らせを取り消してください。\n"
        "このメールには返信できません。\n"
    )


def test_mail_of_a_call_in_english_names_the_counter() -> None:
    letter = wording.mail(CALLED, OFFICE, "en", URL, "SECRET")

    assert letter.subject == "A012: you are being called"
    assert letter.body.splitlines()[:5] == [
        "Minato Ward Office",
        "",
        "Number A012 is being called. Please go to the counter below.",
        "",
        "Counter: 3番窓口",
    ]


@pytest.mark.parametrize(
    ("language", "spoken"), [("ja", "ja"), ("ja-Hira", "ja"), ("en", "en"), ("zh-Hant", "en"), ("", "en")]
)
def test_language_without_texts_is_answered_in_english(language: str, spoken: str) -> None:
    assert wording.language_of(language) == spoken


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0, 30, "0 to 1"), (60, 61, "1 to 2"), (300, 300, "about 5"), (0, 0, "0 to 1")],
)
def test_wait_in_minutes_holds_the_wait_in_seconds(low: int, high: int, text: str) -> None:
    letter = wording.mail(replace(NEAR, wait_low=low, wait_high=high), OFFICE, "en", URL, "SECRET")

    assert f"Expected wait: {text} minutes" in letter.body


def test_mail_about_what_is_no_longer_configured_leaves_it_out() -> None:
    letter = wording.mail(replace(NEAR, service="tax", counter="9"), OFFICE, "en", URL, "SECRET")

    assert ("Service:" in letter.body, "Counter:" in letter.body) == (False, False)


@pytest.mark.parametrize("kind", get_args(NoticeKind))
@pytest.mark.parametrize("language", ["ja", "en"])
def test_line_text_is_the_same_for_everybody(kind: Any, language: str) -> None:
    text = wording.line(kind, language, URL)

    sentence, link = text.split("\n")
    assert link == "https://queue.city.example.jp/"
    assert not any(character.isdigit() for character in text)
    assert not any(word in sentence for word in ("番号", "窓口", "区役所", "number", "counter", "office", "http", "{"))
