"""What mails, text messages and spoken calls say about a ticket."""

from dataclasses import dataclass, field
from math import ceil

from notifier.segments import fits, with_name
from notifier.words.base import Words
from notifier.words.en import EN
from notifier.words.ja import JA
from ticketing.hall.office import Office, name_in
from ticketing.notice import Notice

_WORDS = {"ja": JA, "en": EN}
#: Messages after which the visitor goes on waiting.
_WAITING = ("turn_near", "call_withdrawn")
#: Messages that name the counter.
_AT_COUNTER = ("called", "called_again", "absent")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words."""

    subject: str
    body: str = field(repr=False)


def language_of(language: str) -> str:
    """The language that the texts have for a visitor's language: Japanese, or English for all others."""
    return "ja" if language.partition("-")[0] == "ja" else "en"


def mail(notice: Notice, office: Office, language: str, public_url: str, secret: str) -> Letter:
    """A mail about a ticket. Services go by their public names; the secret stands behind the ``#`` only."""
    words = _WORDS[language_of(language)]
    facts = _facts(notice, office, words)
    lines = [
        name_in(office.names, words.language),
        "",
        words.leads[notice.kind].format(number=notice.number, when=_when(notice, office, words)),
        "",
        *([*facts, ""] if facts else []),
        words.link,
        f"{public_url}/t#{secret}",
        "",
        *([words.estimates] if notice.kind in _WAITING else []),
        *words.foot,
    ]
    return Letter(words.subjects[notice.kind].format(number=notice.number), "\n".join(lines) + "\n")


def sms(notice: Notice, office: Office, language: str, public_url: str) -> str:
    """A text message about a ticket that is one segment long: names are cut if need be, the number never is.

    The bare public address follows where there is room for it; it opens the ticket in the browser that took it.
    """
    words = _WORDS[language_of(language)]
    ahead = "" if notice.ahead is None else words.ahead_in_short.format(notice.ahead)
    when = _when(notice, office, words)

    def sentence(counter: str) -> str:
        return words.sms[notice.kind].format(number=notice.number, counter=counter, ahead=ahead, when=when)

    def framed(name: str) -> str:
        return words.sms_frame.format(office=name, text=text)

    text = with_name(sentence, _counter(notice, office, words)) or sentence(words.some_counter)
    named = with_name(framed, name_in(office.names, words.language)) or text
    linked = f"{named}\n{public_url}/"
    return linked if fits(linked) else named


def spoken(notice: Notice, office: Office, language: str) -> str:
    """What a voice says on the phone about a ticket, twice. The number is read out character by character."""
    words = _WORDS[language_of(language)]
    text = words.spoken[notice.kind].format(
        number=words.pause.join(words.characters.get(each, each) for each in notice.number),
        counter=_sayable(_counter(notice, office, words), words.some_counter, words),
        when=_when(notice, office, words),
    )
    name = _sayable(name_in(office.names, words.language), words.some_office, words)
    return words.spoken_frame.format(office=name, text=text)


def _facts(notice: Notice, office: Office, words: Words) -> list[str]:
    facts = []
    service = office.service(notice.service) if notice.service else None
    counter = office.counter(notice.counter) if notice.counter else None
    if service is not None:
        facts.append(words.service.format(name_in(service.public_names or service.names, words.language)))
    if counter is not None and notice.kind in _AT_COUNTER:
        facts.append(words.counter.format(counter.label))
    if notice.ahead is not None:
        facts.append(words.ahead.format(notice.ahead))
    if notice.wait_low is not None and notice.wait_high is not None:
        facts.append(_wait(notice.wait_low, notice.wait_high, words))
    return facts


def _wait(low_seconds: int, high_seconds: int, words: Words) -> str:
    """The range in whole minutes, so rounded that it holds the one in seconds."""
    low, high = low_seconds // 60, max(1, ceil(high_seconds / 60))
    return words.wait_one.format(high) if low >= high else words.wait.format(low, high)


def _when(notice: Notice, office: Office, words: Words) -> str:
    """When the ticket expires, in the office's time and in a sentence; the whole minute before."""
    return words.soon if notice.expires_at is None else words.at.format(office.local(notice.expires_at))


def _counter(notice: Notice, office: Office, words: Words) -> str:
    """The counter as it is named in a sentence."""
    counter = office.counter(notice.counter) if notice.counter else None
    if counter is None:
        return words.some_counter
    return words.counter_by_number.format(counter.label) if counter.label.isdecimal() else counter.label


def _sayable(name: str, otherwise: str, words: Words) -> str:
    return name if name.isascii() or not words.is_ascii_only else otherwise
