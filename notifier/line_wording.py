"""What a LINE message says: the configured words and the bare public address, and nothing about the ticket."""

from notifier.wording import language_of
from ticketing.line_texts import ADDRESS, LINE_TEXTS, LineTexts
from ticketing.notice import NoticeKind


class LineWording:
    """The texts for LINE. They cannot be told anything about a ticket, so they cannot give anything away."""

    def __init__(self, public_url: str, texts: LineTexts = LINE_TEXTS) -> None:
        self._address = f"{public_url}/"
        self._texts = texts

    def text(self, kind: NoticeKind, language: str) -> str:
        """The message of a kind in a visitor's language."""
        return self._texts[language_of(language)][kind].replace(ADDRESS, self._address)
