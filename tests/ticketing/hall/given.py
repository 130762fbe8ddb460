"""The words of the rules' tests: given what happened, when a command comes at a time, then exactly these events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.model import Hall
from ticketing.hall.office import Channel, Counter, Hours, Office, Reason, Rules, Series, Service, WebRules
from ticketing.hall.rules import Decision, decide
from ticketing.hall.state import apply
from ticketing.hall.ticket import Ticket

#: Tuesday, 10:00 in Tokyo.
START = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
SATO, MORI = "staff:sato", "staff:mori"
KIOSK = "kiosk:k1"
#: 08:30 to 17:15 from Monday to Friday.
OFFICE_HOURS = Hours(weekly=(((510, 1035),),) * 5 + ((),) * 2)


def names(text: str) -> Mapping[str, str]:
    return {"ja": f"{text}（日本語）", "en": text}


def web(**changes: Any) -> WebRules:
    return replace(WebRules(grace_calls=2, grace_seconds=600), **changes)


FAMILY = Service(id="family", names=names("Family register"), series="A", web=web())
RESIDENCE = Service(id="residence", names=names("Residence"), series="A", expected_seconds=120)
TAX = Service(id="tax", names=names("Tax"), public_names=names("Window B"), series="B", web=web(arrival_needed=False))
SERIES = (Series("A", "A", 1, 999), Series("B", "B", 501, 599))
COUNTERS = (
    Counter("1", "Window 1", ("family",)),
    Counter("2", "Window 2", ("family", "residence")),
    Counter("3", "Window 3", ("residence", "tax"), order="listed"),
    Counter("4", "Window 4", ("tax", "family")),
)


def office(**changes: Any) -> Office:
    """Three services in two series at four counters, open at all hours."""
    usual = Office(
        id="ward",
        names=names("Ward office"),
        time_zone="Asia/Tokyo",
        series=SERIES,
        services=(FAMILY, RESIDENCE, TAX),
        counters=COUNTERS,
        reasons=(Reason("papers", names("Papers are missing")), Reason("system", names("The system is down"))),
    )
    return replace(usual, **changes)


def with_rules(**changes: Any) -> Office:
    return office(rules=Rules(**changes))


def with_family(**changes: Any) -> Office:
    """The office with its first service changed."""
    return office(services=(replace(FAMILY, **changes), RESIDENCE, TAX))


@dataclass(frozen=True)
class Expected:
    """An event as a test writes it: its place and time follow from where it happens."""

    kind: type[ev.Event]
    fields: Mapping[str, Any]

    def at(self, seq: int, at: datetime, by: str) -> ev.Event:
        return self.kind(**{"seq": seq, "at": at, "by": by, **self.fields})


def then(kind: type[ev.Event], **fields: Any) -> Expected:
    """An event; ``by`` is whoever gave the command unless told otherwise."""
    return Expected(kind, fields)


def near(number: str, service: str = "family", **fields: Any) -> Expected:
    return then(ev.TurnNear, by="tick", number=number, service=service, **fields)


class Scene:
    """One office whose day has opened, the time, and everything that happened."""

    def __init__(self, definition: Office | None = None, at: datetime = START) -> None:
        self.hall = Hall.empty(definition or office())
        self.now = at
        self.events: list[ev.Event] = []
        self.does(cmd.Tick())

    def decide(self, command: cmd.Command, seconds: float = 0) -> Decision:
        """Decides on a copy, proves that the events alone lead to the same hall, and goes on with that."""
        self.now += timedelta(seconds=seconds)
        draft = self.hall.copy()
        decision = decide(draft, command, self.now)
        for event in decision.events:
            apply(self.hall, event)
        assert self.hall == draft
        self.events += decision.events
        return decision

    def does(self, command: cmd.Command, seconds: float = 0) -> list[ev.Event]:
        """Carries out a command that must not be refused."""
        decision = self.decide(command, seconds)
        assert decision.refusal is None, decision.refusal
        return decision.events

    def check(self, command: cmd.Command, *expected: Expected, seconds: float = 0) -> None:
        """The command leads to exactly these events."""
        seq = self.hall.seq

        events = self.does(command, seconds)

        assert events == [each.at(seq + 1 + place, self.now, command.by) for place, each in enumerate(expected)]

    def refuses(self, command: cmd.Command, refusal: type[no.Refusal], seconds: float = 0, **details: Any) -> None:
        """The command is refused for this reason, and nothing is different afterwards."""
        self.now += timedelta(seconds=seconds)
        before = self.hall.copy()

        decision = self.decide(command)

        assert type(decision.refusal) is refusal
        assert decision.refusal.details == details
        assert (decision.events, decision.number) == ([], None)
        assert self.hall == before

    def wait(self, seconds: float) -> list[ev.Event]:
        """Lets time pass, and a tick come."""
        return self.does(cmd.Tick(), seconds)

    def open(self, *counters: str, by: str = SATO) -> "Scene":
        for counter in counters:
            self.does(cmd.OpenCounter(by=by, counter=counter))
        return self

    def issue(self, count: int = 1, service: str = "family", channel: Channel = "kiosk") -> list[str]:
        """Takes tickets; answers with their numbers."""
        return [self.decide(issue(service, channel)).number or "" for _ in range(count)]

    def call(self, counter: str = "1", number: str | None = None) -> str:
        """Calls whoever is next, or a number."""
        command = call_next(counter) if number is None else cmd.Call(by=SATO, counter=counter, number=number)
        return self.decide(command).number or ""

    def ticket(self, number: str) -> Ticket:
        return self.hall.tickets[number]

    def waiting(self, service: str = "family") -> list[str]:
        return list(self.hall.queues[service])


def issue(service: str = "family", channel: Channel = "kiosk", language: str = "ja") -> cmd.Issue:
    by = {"kiosk": KIOSK, "web": "web", "staff": SATO}[channel]
    return cmd.Issue(by=by, service=service, channel=channel, language=language)


def call_next(counter: str = "1", **fields: Any) -> cmd.CallNext:
    return cmd.CallNext(by=SATO, counter=counter, **fields)


def at_counter(kind: type[cmd.CounterCommand], counter: str = "1", **fields: Any) -> cmd.CounterCommand:
    """A command of the clerk who sits at a counter."""
    return kind(by=SATO, counter=counter, **fields)


def issued(number: str, position: int = 1, **fields: Any) -> Expected:
    """A ticket for the first service from the kiosk, with no counter open."""
    usual = {"by": KIOSK, "service": "family", "series": "A", "channel": "kiosk", "language": "ja", "state": "waiting"}
    waits = {"wait_low": None, "wait_high": None}
    return then(ev.TicketIssued, **{**usual, **waits, "number": number, "position": position, **fields})


def without(hall: Hall, *left_out: str) -> Iterator[tuple[str, Any]]:
    """What the hall holds, by name, but for some of it."""
    return ((name, getattr(hall, name)) for name in hall.__slots__ if name not in left_out)
