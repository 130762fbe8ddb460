"""An order: a command on its way through a desk, and the answer that it waits for."""

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from ticketing.audit import Entry
from ticketing.hall import commands as cmd
from ticketing.hall.events import Event
from ticketing.hall.model import Hall
from ticketing.hall.refusals import Refusal
from ticketing.hall.values import value
from ticketing.hall.view import Json, counter_view, day_view, service_view, ticket_view, undo_view

#: Commands of this process are told from those of all others by 96 random bits, and from each other by counting.
_PROCESS = secrets.token_hex(12)
_commands = count()


class Unavailable(Exception):
    """The office's queue cannot be changed at this moment; please try again shortly."""

    code = "unavailable"

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(reason or self.__doc__)


class KeyReused(Refusal):
    """This Idempotency-Key was used for a different request."""

    code = "idempotency_key_reused"
    status = 422


@value(frozen=True, slots=True)
class IdempotencyKey:
    """A client's promise that requests with this key are one request."""

    scope: str
    key: str
    body: bytes


@value(frozen=True, slots=True)
class Answer:
    """What a command led to; ``body`` is None when there was nothing to do (nobody waits)."""

    body: Json | None
    day: date
    #: It is the first answer to the same idempotency key.
    is_repeated: bool = False


@dataclass(slots=True)
class Order:
    """A command that was accepted."""

    command: cmd.Command
    done: "asyncio.Future[Answer]"
    #: Loop time after which it is not decided any more.
    decide_by: float
    key: IdempotencyKey | None = None
    #: Where the command came from, for the record of operations.
    address: str | None = None
    command_id: str = field(default_factory=lambda: f"{_PROCESS}-{next(_commands):x}")
    #: As decided last; told to the caller once it is durable.
    answer: Answer | None = None
    refusal: Refusal | None = None
    #: What it led to whenever it was sent to the journal and not known to be stored: its event, and the answer to it.
    sent: list[tuple[Event, Answer]] = field(default_factory=list)

    def settle(self) -> None:
        """Tells the caller."""
        if self.done.done():
            return
        if self.refusal is not None:
            self.done.set_exception(self.refusal)
        elif self.answer is not None:
            self.done.set_result(self.answer)

    def settle_as_stored(self, event: Event) -> None:
        """The journal holds it with this event: the caller is told what was decided then, not since."""
        self.refusal, self.answer = None, next((answer for sent, answer in self.sent if sent == event), None)
        if self.answer is None:
            self.fail()
        else:
            self.settle()

    def fail(self) -> None:
        """Tells the caller that it is not known to be done."""
        if not self.done.done():
            self.done.set_exception(Unavailable())

    def audit_entry(self, office_id: str, now: datetime) -> Entry | None:
        """What the record of operations says of it; visitors and devices are not in that record."""
        command = self.command
        if not command.by.startswith("staff:"):
            return None
        target = next((getattr(command, name) for name in _TARGETS if getattr(command, name, None)), None)
        return Entry(
            at=now,
            who=command.by,
            what=f"queue.{cmd.kebab(command)}",
            target=target,
            office_id=office_id,
            address=self.address,
            result=self.refusal.code if self.refusal else "ok",
        )


_TARGETS = ("number", "counter", "service")


def answer_body(hall: Hall, command: cmd.Command, number: str | None, now: datetime) -> Json | None:
    """What the giver of a command is shown of the hall right behind it."""
    match command:
        case cmd.CounterCommand() if number is not None:
            undo = undo_view(hall, command.counter, now)
            return {**ticket_view(hall, hall.tickets[number], now), "undo": undo}
        case _ if number is not None:
            return ticket_view(hall, hall.tickets[number], now)
        case cmd.OpenCounter() | cmd.CloseCounter():
            return counter_view(hall, command.counter, now)
        case cmd.OpenService() | cmd.CloseService() | cmd.SetQuota():
            return service_view(hall, command.service)
        case cmd.CloseDay() | cmd.ExtendDay() | cmd.SetNotice():
            return day_view(hall)
        case _:
            return None
