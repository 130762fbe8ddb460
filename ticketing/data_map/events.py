"""The data map of the journal's events: the fields of each kind."""

from collections.abc import Iterator

from ticketing.data_map.model import JOURNAL, Field, Place

#: The fields of each kind of event, beside those that every event has.
KINDS = {
    "DayOpened": "day office closes_at",
    "DayExtended": "until",
    "DayClosed": "day numbers",
    "CounterOpened": "counter",
    "CounterClosed": "counter reason",
    "ServiceOpened": "service channels",
    "ServiceClosed": "service channels reason",
    "QuotaSet": "service quota",
    "NoticeSet": "text until",
    "TicketIssued": "number service series channel language state position wait_low wait_high",
    "TicketArrived": "number way",
    "TicketCalled": "number counter",
    "TicketRecalled": "number counter call_count",
    "ServingStarted": "number counter",
    "TicketCompleted": "number counter",
    "TicketNoShow": "number counter",
    "TicketReinstated": "number",
    "TicketHeld": "number counter reason",
    "TicketResumed": "number counter",
    "TicketTransferred": "number counter service reason",
    "TicketDeferred": "number behind",
    "TicketCancelled": "number",
    "TicketExpired": "number",
    "TicketCorrected": "number state service was_state was_service reason",
    "StepUndone": "number counter step",
    "AlertRequested": "number ahead minutes",
    "AlertWithdrawn": "number",
    "TurnNear": "number service ahead wait_low wait_high",
    "ExpiryNear": "number expires_at",
}
#: What a field is for, in whichever event.
PURPOSES = {
    "seq": "order of the events",
    "at": "when it happened",
    "by": "who did it: an account, a device, the web, time, or the purge",
    "day": "the business day",
    "office": "the definition that the day runs under: services, counters, rules",
    "closes_at": "when the day ends",
    "until": "until when the day, or the message, lasts",
    "numbers": "tickets still open at the day's end",
    "number": "which ticket",
    "counter": "at which counter",
    "service": "for which service",
    "channels": "for tickets from kiosk, web or staff",
    "reason": "a code of the office's list, or that it is a break; no free text",
    "quota": "web tickets a day",
    "text": "the message on the boards, typed by a supervisor; everyone reads it",
    "series channel language state": "how the ticket was taken, and in which language its visitor is spoken to",
    "position wait_low wait_high": "what the visitor was told",
    "way": "how the visitor checked in",
    "call_count": "which call of this turn it is",
    "was_state was_service": "what stood there before a supervisor corrected it",
    "behind": "the ticket that goes first now",
    "step": "which step was taken back",
    "ahead minutes": "when the visitor wants an alert, or was alerted; travel time is part of it and not kept apart",
    "expires_at": "when the ticket ends if its visitor does not arrive",
}

_EVERY = "seq at by"
_SEEN_BY = "city IT; clerks of the office, boards and the ticket's visitor, as far as it concerns them"


def events() -> Place:
    """The fields of all events, each named by its kind; those of every kind come first."""
    return Place(
        name="junban.sqlite3: events.data",
        about="What the journal's events hold. Never a contact, a name or an address.",
        seen_by=_SEEN_BY,
        kept=JOURNAL,
        fields=dict(_fields()),
    )


def _fields() -> Iterator[tuple[str, str | Field]]:
    purpose_of = {name: purpose for names, purpose in PURPOSES.items() for name in names.split()}
    yield from ((f"Event.{name}", purpose_of[name]) for name in _EVERY.split())
    for kind, names in KINDS.items():
        yield from ((f"{kind}.{name}", purpose_of[name]) for name in names.split())
