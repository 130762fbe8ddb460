"""What a command leads to: events, or a refusal."""

from dataclasses import dataclass, field
from datetime import datetime

from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.model import Hall
from ticketing.hall.passing import decide_alerts, run_time
from ticketing.hall.verbs import clerk, supervisor, visitor
from ticketing.hall.verbs.writer import Decide, Writer


@dataclass(slots=True)
class Decision:
    """What happened: the events of time that was due and of the command, or the refusal of the command.

    After a refusal the only events are those of time.
    """

    events: list[ev.Event] = field(default_factory=list)
    #: How many of the events, at the front, are time's and not the command's.
    of_time: int = 0
    refusal: no.Refusal | None = None
    #: The ticket that the command was about, if any.
    number: str | None = None


def decide(draft: Hall, command: cmd.Command, now: datetime) -> Decision:
    """Decides a command at a time that is not earlier than the hall's last event.

    The draft is the caller's own copy of the hall: afterwards it stands as if all returned events were applied, and
    just as before if none are. First comes what is due by time alone: the end of a day, expired tickets, alerts.
    """
    decision = Decision()
    time = Writer(draft, now, cmd.Tick().by, decision.events)
    run_time(time)
    decision.of_time = len(decision.events)
    try:
        decision.number = _DECIDE[type(command)](Writer(draft, now, command.by, decision.events), command)
    except no.Refusal as refusal:
        decision.refusal = refusal
    # A ticket at the end of a queue brings nobody nearer; everything else may, and so may time.
    if type(command) is not cmd.Issue or decision.of_time:
        decide_alerts(time)
    return decision


def _tick(writer: Writer, command: cmd.Tick) -> None:
    """Time has been dealt with already."""


_DECIDE: dict[type[cmd.Command], Decide] = {
    cmd.Tick: _tick,
    **visitor.DECIDE,
    **clerk.DECIDE,
    **supervisor.DECIDE,
}
