"""What somebody wants done in a hall: the verbs of the counter."""

from datetime import date, datetime
from functools import cache
from typing import Literal

from ticketing.hall.office import ArrivalWay, Channel
from ticketing.hall.values import value

Finish = Literal["complete", "no_show"]
CloseReason = Literal["break"]
#: How a visit can have ended, as a correction says it.
Outcome = Literal["completed", "absent", "cancelled"]


@value(frozen=True, slots=True, kw_only=True)
class Command:
    """Every command says who gives it, in the form that events keep (see events.Event)."""

    by: str


@value(frozen=True, slots=True, kw_only=True)
class Tick(Command):
    """Time has passed."""

    by: str = "tick"


@value(frozen=True, slots=True, kw_only=True)
class Issue(Command):
    """Take a ticket."""

    service: str
    channel: Channel
    language: str


@value(frozen=True, slots=True, kw_only=True)
class Arrive(Command):
    """A web ticket checks in; a code was checked by whoever passes ``code``."""

    number: str
    way: ArrivalWay


@value(frozen=True, slots=True, kw_only=True)
class Defer(Command):
    """I am a little late: some numbers back."""

    number: str


@value(frozen=True, slots=True, kw_only=True)
class Cancel(Command):
    """Give the ticket up."""

    number: str


@value(frozen=True, slots=True, kw_only=True)
class Reinstate(Command):
    """An absent visitor is back."""

    number: str


@value(frozen=True, slots=True, kw_only=True)
class RequestAlert(Command):
    """Alert this ticket; None in both thresholds takes the service's defaults."""

    number: str
    ahead: int | None = None
    minutes: int | None = None


@value(frozen=True, slots=True, kw_only=True)
class WithdrawAlert(Command):
    """No more alerts for this ticket."""

    number: str


@value(frozen=True, slots=True, kw_only=True)
class CounterCommand(Command):
    """A command given at a counter by the clerk who sits there."""

    counter: str
    #: The ticket that the clerk means: at the counter, or in the step to take back. Refused if it is another by now.
    guard: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class OpenCounter(CounterCommand):
    """Sit down at a counter; ``force`` lets a supervisor take over a colleague's, with the visitor who is there."""

    force: bool = False


@value(frozen=True, slots=True, kw_only=True)
class CloseCounter(CounterCommand):
    """Leave a counter, for good or for a break; ``force`` lets a supervisor close a colleague's."""

    force: bool = False
    reason: CloseReason | None = None


@value(frozen=True, slots=True, kw_only=True)
class CallNext(CounterCommand):
    """Call whoever is next, of these services only if given."""

    services: tuple[str, ...] | None = None
    finish: Finish | None = None


@value(frozen=True, slots=True, kw_only=True)
class Call(CounterCommand):
    """Call a chosen number; ``is_supervisor``: with a supervisor's rights, where clerks may not."""

    number: str
    finish: Finish | None = None
    is_supervisor: bool = False


@value(frozen=True, slots=True, kw_only=True)
class Recall(CounterCommand):
    """Call the same number again."""


@value(frozen=True, slots=True, kw_only=True)
class Start(CounterCommand):
    """The visitor has come to the counter."""


@value(frozen=True, slots=True, kw_only=True)
class Complete(CounterCommand):
    """The visitor is served."""


@value(frozen=True, slots=True, kw_only=True)
class NoShow(CounterCommand):
    """The visitor did not come."""


@value(frozen=True, slots=True, kw_only=True)
class Hold(CounterCommand):
    """Put the ticket aside."""

    reason: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Resume(CounterCommand):
    """Go on with a held ticket."""

    number: str


@value(frozen=True, slots=True, kw_only=True)
class Transfer(CounterCommand):
    """Send the visitor to another service under the same number."""

    service: str
    reason: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Undo(CounterCommand):
    """Take back the counter's last call, complete or no_show."""


@value(frozen=True, slots=True, kw_only=True)
class OpenService(Command):
    """Let a service take tickets again."""

    service: str
    channels: tuple[Channel, ...]


@value(frozen=True, slots=True, kw_only=True)
class CloseService(Command):
    """Let a service take no more tickets."""

    service: str
    channels: tuple[Channel, ...]
    reason: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class SetQuota(Command):
    """Change the day's number of web tickets; None: no limit."""

    service: str
    quota: int | None


@value(frozen=True, slots=True, kw_only=True)
class SetNotice(Command):
    """Put a message on all boards, until a time if one is given; None takes it down."""

    text: str | None
    until: datetime | None = None


@value(frozen=True, slots=True, kw_only=True)
class Correct(Command):
    """Say how a ticket that ended wrongly really ended, or which service it was for; None leaves it as it is."""

    number: str
    reason: str
    state: Outcome | None = None
    service: str | None = None
    #: Of which day the number is; refused if the office has another by now.
    day: date | None = None
    #: What was seen on record; refused if it is something else by now.
    seen_state: str | None = None
    seen_service: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class CloseDay(Command):
    """End the day early."""


@value(frozen=True, slots=True, kw_only=True)
class ExtendDay(Command):
    """Let the day end later."""

    until: datetime


def kebab(command: Command) -> str:
    """The command's name as the record of operations writes it, for example ``call-next``."""
    return _kebab(type(command).__name__)


@cache
def _kebab(name: str) -> str:
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in name).lstrip("-")
