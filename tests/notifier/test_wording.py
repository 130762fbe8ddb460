from dataclasses import replace
from typing import get_args

import pytest

from notifier import wording
from tests.notifier.messages import (
    ABSENT,
    AGAIN,
    CALLED,
    CANCELLED,
    CLOSED,
    EVERY,
    EXPIRY,
    EXPIRY_SOON,
    KINDS,
    NEAR,
    OFFICE,
    URL,
    WITHDRAWN,
)
from ticketing.notice import Notice, NoticeKind

FOOT = {
    "ja": "このメールアドレスは今回の受付のお知らせだけに使い、翌日に消去します。"
    "すぐに消去するには、上のページでお知らせを取り消してください。\nこのメールには返信できません。\n",
    "en": "Your address is used for this ticket only and is erased tomorrow. "
    "To erase it now, remove the alert on the page above.\nPlease do not reply to this message.\n",
}


def test_every_kind_but_the_confirmation_for_line_is_tried_here() -> None:
    assert {notice.kind for notice in EVERY} == set(get_args(NoticeKind)) - {"line_linked"}


def test_mail_that_the_turn_is_near_in_japanese() -> None:
    letter = wording.mail(NEAR, OFFICE, "ja", URL, "SECRET")

    assert letter.subject == "受付番号A012 まもなくお呼びします"
    assert letter.body == (
        "みなと区役所\n"
        "\n"
        "受付番号A012のお呼び出しが近づきました。待合へお越しください。\n"
        "Webでお取りになった番号は、到着受付がお済みでないとお呼びできません。\n"
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


@pytest.mark.parametrize(
    ("notice", "subject", "lead", "facts"),
    [
        (
            CALLED,
            "受付番号A012 お呼び出し中です",
            "受付番号A012をお呼びしています。下の窓口へお越しください。",
            "窓口：3番窓口\n\n",
        ),
        (
            AGAIN,
            "受付番号A012 再度お呼びしています",
            "受付番号A012を再度お呼びしています。下の窓口へお越しください。",
            "窓口：3番窓口\n\n",
        ),
        (
            ABSENT,
            "受付番号A012 お呼びしましたがご不在でした",
            "受付番号A012をお呼びしましたが、ご不在でした。お戻りになりましたら、窓口の職員にお声がけください。",
            "窓口：3番窓口\n\n",
        ),
        (
            EXPIRY,
            "受付番号A012 到着受付をお済ませください",
            "受付番号A012の順番になりましたが、到着受付がお済みでないため、お呼びできません。\n"
            "この番号は10時05分に無効となります。ほかの方のお呼び出しが進むと、早まることがあります。\n"
            "ご来庁のうえ、到着受付をお済ませください。方法は下のページでご案内しています。",
            "",
        ),
        (
            EXPIRY_SOON,
            "受付番号A012 到着受付をお済ませください",
            "受付番号A012の順番になりましたが、到着受付がお済みでないため、お呼びできません。\n"
            "この番号はまもなく無効となります。ほかの方のお呼び出しが進むと、早まることがあります。\n"
            "ご来庁のうえ、到着受付をお済ませください。方法は下のページでご案内しています。",
            "",
        ),
        (
            CLOSED,
            "受付番号A012 本日の受付は終了しました",
            "本日の受付を終了したため、受付番号A012をお呼びすることができなくなりました。\n"
            "申し訳ございません。お手数ですが、改めて番号をお取りください。",
            "",
        ),
        (
            CANCELLED,
            "受付番号A012 受付を取り消しました",
            "受付番号A012は、職員が取り消しました。お心当たりのない場合は、窓口の職員にお尋ねください。",
            "",
        ),
    ],
    **KINDS,
)
def test_mail_in_japanese(notice: Notice, subject: str, lead: str, facts: str) -> None:
    assert wording.mail(notice, OFFICE, "ja", URL, "SECRET") == wording.Letter(
        subject, f"みなと区役所\n\n{lead}\n\n{facts}順番の確認：\n{URL}/t#SECRET\n\n{FOOT['ja']}"
    )


@pytest.mark.parametrize(
    ("notice", "subject", "lead", "facts"),
    [
        (
            CALLED,
            "A012: you are being called",
            "Number A012 is being called. Please go to the counter below.",
            "Counter: 3番窓口\n\n",
        ),
        (
            AGAIN,
            "A012: you are being called again",
            "Number A012 is being called again. Please go to the counter below.",
            "Counter: 3番窓口\n\n",
        ),
        (
            ABSENT,
            "A012: you were not there",
            "Number A012 was called, but you were not there. Please speak to our staff when you are back.",
            "Counter: 3番窓口\n\n",
        ),
        (
            EXPIRY,
            "A012: you have not checked in",
            "The turn of number A012 has come, but you have not checked in, so you cannot be called.\n"
            "The number expires at 10:05; calls of other numbers may bring that forward.\n"
            "Please come to the office and check in. The page below tells you how.",
            "",
        ),
        (
            CLOSED,
            "A012: closed for today",
            "We have closed for today, and number A012 cannot be called any more.\n"
            "We are sorry. Please take a new number another time.",
            "",
        ),
        (
            CANCELLED,
            "A012: your ticket was cancelled",
            "Number A012 was cancelled by our staff. Please ask them if you did not expect this.",
            "",
        ),
    ],
    **KINDS,
)
def test_mail_in_english(notice: Notice, subject: str, lead: str, facts: str) -> None:
    assert wording.mail(notice, OFFICE, "en", URL, "SECRET") == wording.Letter(
        subject, f"Minato Ward Office\n\n{lead}\n\n{facts}Your ticket:\n{URL}/t#SECRET\n\n{FOOT['en']}"
    )


def test_mail_of_a_call_withdrawn_asks_for_patience() -> None:
    letter = wording.mail(WITHDRAWN, OFFICE, "ja", URL, "SECRET")

    assert letter == wording.Letter(
        "受付番号A012 お呼び出しの取り消し",
        "みなと区役所\n\n"
        "受付番号A012のお呼び出しは取り消されました。恐れ入りますが、もうしばらくお待ちください。\n\n"
        f"順番の確認：\n{URL}/t#SECRET\n\n"
        f"お待ち時間は目安です。順番が前後することがあります。\n{FOOT['ja']}",
    )
