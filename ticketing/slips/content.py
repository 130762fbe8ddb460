"""What stands on a slip."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ticketing.hall.estimate import Range, wait_of
from ticketing.hall.model import Hall
from ticketing.hall.office import name_in
from ticketing.hall.ticket import QUEUED, Ticket
from ticketing.slips.fonts import Fonts
from ticketing.slips.words import FALLBACK, FIRST, Words, words_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A slip's texts, from top to bottom."""

    #: Which forms of characters they are set in.
    language: str
    office: str
    headings: tuple[str, ...]
    number: str
    service: str
    #: Empty: no window takes the service.
    windows: str
    #: What is known of the queue, each with its name.
    facts: tuple[tuple[str, str], ...]
    link: str
    scan: str
    note: str


def content_of(
    hall: Hall, ticket: Ticket, now: datetime, *, link: str, notes: Mapping[str, str], copy: int = 1
) -> Content:
    """The slip of a ticket as things are now, in its visitor's language; staff find the heading in theirs too."""
    office = hall.office
    service = office.service(ticket.service)
    assert service is not None, "a ticket waits for a service of its office"
    language, words = _words(ticket.language)
    labels = [counter.label for counter in office.counters_for(service.id)]
    headings = dict.fromkeys((words.number, words_in(FIRST).number))
    again = (words.copy.format(count=copy - 1),) if copy > 1 else ()
    return Content(
        language=language,
        office=name_in(office.names, language),
        headings=(*headings, *again),
        number=ticket.number,
        service=name_in(service.public_names or service.names, language),
        windows=f"{words.window} {'・'.join(labels)}" if labels else "",
        facts=_facts(hall, ticket, words, now),
        link=link,
        scan=words.scan,
        note=notes.get(language) or words.note,
    )


def _words(language: str) -> tuple[str, Words]:
    """A language and its words, of which every character can be printed."""
    words = words_in(language)
    text = "".join(getattr(words, name) for name in ("number", "ahead", "wait", "scan", "note"))
    return (language, words) if Fonts.of(language).has(text) else (FALLBACK, words_in(FALLBACK))


def _facts(hall: Hall, ticket: Ticket, words: Words, now: datetime) -> tuple[tuple[str, str], ...]:
    issued = f"{hall.office.local(ticket.issued_at):%Y-%m-%d  %H:%M}"
    facts = [(words.issued, issued)]
    if ticket.state in QUEUED:
        facts.append((words.ahead, words.people.format(count=hall.ahead(ticket))))
        facts.append((words.wait, _range(wait_of(hall, ticket, now), words)))
    return tuple(facts)


def _range(wait: Range | None, words: Words) -> str:
    if wait is None:
        return words.unknown
    low, high = (round(seconds / 60) for seconds in (wait.low, wait.high))
    if high < 1:
        return words.now
    return words.about.format(low=low) if low == high else words.minutes.format(low=low, high=high)
