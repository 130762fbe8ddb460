"""The words of a message for its contact."""

from collections.abc import Callable, Iterable
from datetime import date

from notifier import wording
from notifier.channels.base import Message
from notifier.line_wording import LineWording
from ticketing.contacts import Contact
from ticketing.hall.office import Office
from ticketing.line_texts import LINE_TEXTS, LineTexts
from ticketing.notice import Notice
from ticketing.phone_numbers import goes_to_voice

#: The ticket's secret, for the link in a mail: office, day, number.
SecretFor = Callable[[str, date, str], str]


class Composer:
    """Puts the words together for a message and its contact."""

    def __init__(
        self, offices: Iterable[Office], public_url: str, secret_for: SecretFor, line_texts: LineTexts = LINE_TEXTS
    ) -> None:
        self._offices = {office.id: office for office in offices}
        self._public_url = public_url
        self._secret_for = secret_for
        self._line = LineWording(public_url, line_texts)

    def compose(self, notice: Notice, contact: Contact) -> Message | None:
        """None: there are no words for it (its office is gone, or the channel has none for this kind)."""
        if contact.channel == "line":
            return Message(text=self._line.text(notice.kind, contact.language), created_at=notice.created_at)
        office = self._offices.get(notice.office_id)
        if office is None or notice.kind == "line_linked":
            return None
        if contact.channel == "phone":
            return self._phone(notice, office, contact)
        return self._mail(notice, office, contact)

    def _mail(self, notice: Notice, office: Office, contact: Contact) -> Message:
        secret = self._secret_for(notice.office_id, notice.day, notice.number)
        letter = wording.mail(notice, office, contact.language, self._public_url, secret)
        return Message(
            text=letter.body,
            created_at=notice.created_at,
            subject=letter.subject,
            unsubscribe_url=f"{self._public_url}/u/{contact.token}",
        )

    def _phone(self, notice: Notice, office: Office, contact: Contact) -> Message:
        text = (
            wording.spoken(notice, office, contact.language)
            if goes_to_voice(contact.address)
            else wording.sms(notice, office, contact.language, self._public_url)
        )
        return Message(text=text, created_at=notice.created_at)
