"""Text messages and spoken calls."""

from dataclasses import replace

import pytest

from notifier import wording
from notifier.segments import GSM_7, fits
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
    with_names,
)
from ticketing.notice import Notice

# Text messages


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        (NEAR, "受付番号A012のお呼び出しが近づきました（あと3人）。待合へお越しください。"),
        (CALLED, f"受付番号A012をお呼びしています。3番窓口へお越しください。\n{URL}/"),
        (AGAIN, "受付番号A012を再度お呼びしています。3番窓口へお越しください。"),
        (ABSENT, "受付番号A012をお呼びしましたが、ご不在でした。お戻りになりましたら職員にお声がけください。"),
        (WITHDRAWN, "受付番号A012のお呼び出しは取り消されました。もうしばらくお待ちください。"),
        (EXPIRY, "受付番号A012は到着受付がまだのため、10時05分に無効となります。到着受付をお済ませください。"),
        (EXPIRY_SOON, "受付番号A012は到着受付がまだのため、まもなく無効となります。到着受付をお済ませください。"),
        (CLOSED, "本日の受付は終了し、受付番号A012をお呼びできなくなりました。申し訳ございません。"),
        (CANCELLED, "受付番号A012は職員が取り消しました。お心当たりのない場合はお尋ねください。"),
    ],
    **KINDS,
)
def test_text_message_in_japanese(notice: Notice, text: str) -> None:
    assert wording.sms(notice, OFFICE, "ja", URL) == f"【みなと区役所】{text}"


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        (NEAR, "The turn of number A012 is near (3 before you). Please come."),
        (CALLED, "Number A012 is being called. Please go to counter 3."),
        (AGAIN, "Number A012 is called again. Please go to counter 3."),
        (ABSENT, "Number A012 was called, but you were away. Please ask our staff."),
        (WITHDRAWN, "The call of number A012 was withdrawn. Please wait."),
        (EXPIRY, "Number A012 expires at 10:05 unless you check in."),
        (EXPIRY_SOON, "Number A012 expires soon unless you check in."),
        (CLOSED, "We have closed. Number A012 cannot be called. We are sorry."),
        (CANCELLED, "Our staff cancelled number A012. Please ask them if unexpected."),
    ],
    **KINDS,
)
def test_text_message_in_english(notice: Notice, text: str) -> None:
    office = with_names("Minato Ward Office", "3")

    assert wording.sms(notice, office, "en", URL) == f"Minato Ward Office: {text}\n{URL}/"


@pytest.mark.parametrize("notice", EVERY, **KINDS)
@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("counter", ["3", "第二庁舎二階東側のかなり奥にある特別窓口", "The 2nd counter left"])
@pytest.mark.parametrize(
    "name", ["港", "みなと区役所戸籍住民課第二庁舎臨時分室" * 3, "Minato Ward Office, Family Register Division " * 4]
)
def test_text_message_with_long_names_is_one_and_keeps_its_number(
    notice: Notice, language: str, counter: str, name: str
) -> None:
    text = wording.sms(replace(notice, number="ABC10000", ahead=1000), with_names(name, counter), language, URL)

    assert fits(text)
    assert "ABC10000" in text
    assert len(text) <= (70 if language == "ja" else 160)


@pytest.mark.parametrize("notice", EVERY, **KINDS)
def test_text_message_in_english_with_english_names_needs_no_wide_letters(notice: Notice) -> None:
    text = wording.sms(notice, with_names("Minato Ward Office, Family Register Division", "Window 3"), "en", URL)

    assert GSM_7.issuperset(text)


def test_text_message_gives_up_the_address_first_and_then_the_end_of_the_name() -> None:
    text = wording.sms(ABSENT, with_names("みなと区役所" * 5, "3"), "ja", URL)

    assert text == (
        "【みなと区役所みなと区役所みなと区役所みな…】受付番号A012をお呼びしましたが、ご不在でした。"
        "お戻りになりましたら職員にお声がけください。"
    )
    assert len(text) == 70


def test_text_message_about_a_counter_no_longer_configured_does_not_name_it() -> None:
    gone = replace(CALLED, counter="9")

    assert wording.sms(gone, OFFICE, "ja", URL).startswith(
        "【みなと区役所】受付番号A012をお呼びしています。窓口へお越しください。"
    )


def test_text_message_leaves_all_names_out_before_it_cuts_the_number() -> None:
    number = "A" + "0" * 70

    text = wording.sms(replace(CALLED, number=number), OFFICE, "ja", URL)

    assert text == f"受付番号{number}をお呼びしています。窓口へお越しください。"


@pytest.mark.parametrize("notice", EVERY, **KINDS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_text_message_has_no_link_but_the_bare_address(notice: Notice, language: str) -> None:
    text = wording.sms(notice, with_names("A", "3"), language, "https://a.jp")

    assert text.split("https://")[1:] == ["a.jp/"]


# Spoken calls


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        (NEAR, "受付番号、エー、ゼロ、イチ、ニ番の、お呼び出しが近づきました。待合へお越しください。"),
        (CALLED, "受付番号、エー、ゼロ、イチ、ニ番の方を、お呼びしています。3番窓口へお越しください。"),
        (AGAIN, "受付番号、エー、ゼロ、イチ、ニ番の方を、もう一度お呼びしています。3番窓口へお越しください。"),
        (
            ABSENT,
            "受付番号、エー、ゼロ、イチ、ニ番の方を、お呼びしましたが、ご不在でした。"
            "お戻りになりましたら、職員にお声がけください。",
        ),
        (
            WITHDRAWN,
            "受付番号、エー、ゼロ、イチ、ニ番の、お呼び出しは取り消されました。"
            "恐れ入りますが、もうしばらくお待ちください。",
        ),
        (
            EXPIRY,
            "受付番号、エー、ゼロ、イチ、ニ番は、到着受付がお済みでないため、10時05分に無効となります。"
            "到着受付をお済ませください。",
        ),
        (
            CLOSED,
            "本日の受付は終了しました。申し訳ございませんが、受付番号、エー、ゼロ、イチ、ニ番を、"
            "お呼びできなくなりました。",
        ),
        (
            CANCELLED,
            "受付番号、エー、ゼロ、イチ、ニ番は、職員が取り消しました。お心当たりのない場合は、職員にお尋ねください。",
        ),
    ],
    **KINDS,
)
def test_spoken_call_in_japanese_says_it_twice(notice: Notice, text: str) -> None:
    said = wording.spoken(notice, OFFICE, "ja")

    assert said == f"みなと区役所からのお知らせです。{text}くり返します。{text}以上です。"


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        (NEAR, "The turn of number, {}, is near. Please come to the waiting area."),
        (CALLED, "Number, {}, is being called. Please go to counter 3."),
        (AGAIN, "Number, {}, is being called again. Please go to counter 3."),
        (ABSENT, "Number, {}, was called, but you were not there. Please speak to our staff when you are back."),
        (WITHDRAWN, "The call of number, {}, was withdrawn. We are sorry. Please wait a little longer."),
        (EXPIRY, "Number, {}, expires at 10:05, because you have not checked in. Please check in."),
        (CLOSED, "We have closed for today. We are sorry that number, {}, cannot be called any more."),
        (CANCELLED, "Number, {}, was cancelled by our staff. Please ask them if you did not expect this."),
    ],
    **KINDS,
)
def test_spoken_call_in_english_says_it_twice(notice: Notice, text: str) -> None:
    once = text.format("letter A, zero, one, two")

    said = wording.spoken(notice, with_names("Minato Ward Office", "3"), "en")

    assert said == f"This is a message from Minato Ward Office. {once} Once more. {once} Goodbye."


def test_spoken_call_in_english_leaves_out_names_that_its_voice_cannot_read() -> None:
    once = "Number, letter A, zero, one, two, is being called. Please go to the counter on the display."

    said = wording.spoken(CALLED, with_names("みなと区役所", "3番窓口"), "en")

    assert said == f"This is a message from the service desk. {once} Once more. {once} Goodbye."


@pytest.mark.parametrize("language", ["ja", "en"])
def test_spoken_number_is_read_out_whatever_is_in_it(language: str) -> None:
    everything = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

    said = wording.spoken(replace(CLOSED, number=everything), OFFICE, language)

    assert not any(digit in said for digit in "0123456789")
    assert language == "en" or not any("A" <= letter <= "Z" for letter in said)
