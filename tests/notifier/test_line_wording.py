"""What a LINE message says."""

from typing import get_args

import pytest

from notifier.line_wording import LineWording
from ticketing.line_texts import LINE_TEXTS
from ticketing.notice import NoticeKind

URL = "https://junban.example"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_kind_of_notice_has_its_words(language: str) -> None:
    wording = LineWording(URL)

    texts = {kind: wording.text(kind, language) for kind in get_args(NoticeKind)}

    assert texts == {kind: text.replace("{address}", f"{URL}/") for kind, text in LINE_TEXTS[language].items()}
    assert len(set(texts.values())) == len(texts)
    assert all(text.endswith(f"\n{URL}/") for text in texts.values())


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "ja"), ("ja-JP", "ja"), ("en", "en"), ("zh-Hans", "en"), ("", "en")]
)
def test_message_speaks_the_visitors_language(language: str, words: str) -> None:
    wording = LineWording(URL, {each: dict.fromkeys(get_args(NoticeKind), each) for each in ("ja", "en")})

    assert wording.text("called", language) == words


def test_address_stands_wherever_the_text_wants_it() -> None:
    texts = {"ja": {"called": "{address} で確認"}, "en": {"called": "no link"}}
    wording = LineWording(URL, texts)

    assert [wording.text("called", each) for each in ("ja", "en")] == [f"{URL}/ で確認", "no link"]
