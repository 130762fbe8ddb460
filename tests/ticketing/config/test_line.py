"""The section of the LINE account."""

from collections.abc import Callable

import pytest

from ticketing.config import Config
from ticketing.line_texts import LINE_TEXTS

LINE = """
[privacy]
responsible = "X"
[line]
channel_access_token = "sesame"
account = "@hall"
approval = "1"
"""
WEBHOOK = LINE + 'channel_secret = "sesame"\n'
RELAY = LINE + 'relay_secret = "sesame"\n'
LIFF = LINE + 'liff_id = "1234567890-AbcdEfgh"\nlogin_channel_id = "1234567890"\n'


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        (WEBHOOK, (True, True, False)),
        (RELAY, (True, True, False)),
        (LIFF, (True, False, True)),
        (LIFF + 'channel_secret = "a"\nnext_channel_secret = "b"\nrelay_secret = "c"\n', (True, True, True)),
        ("", (False, False, False)),
    ],
)
def test_each_way_in_switches_line_on(
    read: Callable[[str], Config], office: str, text: str, ways: tuple[bool, bool, bool]
) -> None:
    line = read(text + office).line

    assert (line.is_on, line.has_webhook, line.has_liff) == ways


def test_every_secret_may_sign(read: Callable[[str], Config], office: str) -> None:
    secrets = 'channel_secret = "a"\nnext_channel_secret = "b"\nrelay_secret = "c"\n'

    line = read(LINE + secrets + office).line

    assert [each.reveal() for each in line.webhook_secrets] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LINE, "line.channel_secret: LINE has no way in: it needs channel_secret, relay_secret or liff_id"),
        (
            WEBHOOK.replace('channel_access_token = "sesame"\n', ""),
            "line.channel_access_token: nothing can be sent to LINE without it; it is missing",
        ),
        (
            RELAY + 'next_channel_secret = "x"\n',
            "line.next_channel_secret: goes with channel_secret, which it will follow; that is missing",
        ),
        (
            WEBHOOK + 'liff_id = "1-a"\n',
            "line.login_channel_id: liff_id and login_channel_id go together; this one is missing",
        ),
        (
            WEBHOOK + 'login_channel_id = "1"\n',
            "line.liff_id: liff_id and login_channel_id go together; this one is missing",
        ),
        (
            LIFF.replace("1234567890-", "https://liff.line.me/1-"),
            "line.liff_id: must be a LIFF id such as 1234567890-AbcdEfgh",
        ),
        (
            LIFF.replace('id = "1234567890"', 'id = "@hall"'),
            "line.login_channel_id: must be the number of the LINE Login channel, in quotes",
        ),
        (
            LIFF + 'liff_sdk_url = "https://a.example/sdk.js; script-src *"\n',
            "line.liff_sdk_url: must be the https:// address of a script, without a query",
        ),
        (
            LIFF + 'liff_sdk_url = "http://a.example/sdk.js"\n',
            "line.liff_sdk_url: must be https, or somebody on the way could change the script",
        ),
        (
            WEBHOOK.replace("@hall", "hall"),
            "line.account: LINE is on, so visitors need its basic id, such as @sakura-city",
        ),
        (
            WEBHOOK.replace('approval = "1"\n', ""),
            "line.approval: LINE receives contacts, so name the approval under which it may",
        ),
        (
            WEBHOOK + 'api_url = "http://relay.example"\n',
            "line.api_url: must be https, or the token would travel readable",
        ),
        (WEBHOOK + '[line.texts.fr]\ncalled = "Venez"\n', "line.texts.fr: there is no such key"),
        (
            WEBHOOK + '[line.texts.ja]\ncaled = "x"\n',
            "line.texts.ja.caled: there is no such key; is it called?",
        ),
        (WEBHOOK + "[line.texts.ja]\ncalled = 1\n", "line.texts.ja.called: must be text in quotes"),
        (
            WEBHOOK + '[line.texts.ja]\ncalled = "{number}番です"\n',
            "line.texts.ja.called: may hold no placeholder but {address}",
        ),
        (WEBHOOK + '[line.texts.en]\ncalled = "Window 3"\n', "line.texts.en.called: would show LINE a number"),
        (
            WEBHOOK + '[line.texts.en]\nclosed = "The ＨＡＬＬ is closed"\n',
            "line.texts.en.closed: would show LINE the name 'Hall'",
        ),
        # Also where LINE is off: whoever writes a text should hear of it before LINE is switched on.
        ('[line.texts.ja]\nabsent = "証 明の窓口"\n', "line.texts.ja.absent: would show LINE the name '証明'"),
    ],
)
def test_what_could_not_or_must_not_be_used_is_refused(
    problems: Callable[[str], list[str]], office: str, text: str, problem: str
) -> None:
    assert problems(text + office) == [problem]


def test_a_text_takes_the_place_of_the_built_in_one(read: Callable[[str], Config], office: str) -> None:
    line = read(WEBHOOK + '[line.texts.ja]\ncalled = "お越しください。\\n{address}"\n' + office).line

    assert line.texts == {**LINE_TEXTS, "ja": {**LINE_TEXTS["ja"], "called": "お越しください。\n{address}"}}


def test_a_built_in_text_with_the_name_of_a_service_must_be_replaced(
    problems: Callable[[str], list[str]], read: Callable[[str], Config], office: str
) -> None:
    named = office.replace('ja = "証明"', 'ja = "表示"')
    own = '[line.texts.ja]\ncalled = "お越しください。"\ncalled_again = "すぐにお越しください。"\n'

    assert problems(WEBHOOK + named) == [
        "line.texts.ja.called: would show LINE the name '表示'",
        "line.texts.ja.called_again: would show LINE the name '表示'",
    ]
    assert read(WEBHOOK + own + named).line.is_on
    assert not read(named).line.is_on
