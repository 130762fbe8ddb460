"""Refusals: why a command was not carried out, one class each."""

from typing import Any


class Refusal(Exception):
    """The command was refused.

    The docstring of each class is the sentence that people read; ``code`` is stable; ``status`` is what HTTP answers;
    ``details`` are facts that help, never a contact.
    """

    code = "refused"
    status = 409

    def __init__(self, **details: Any) -> None:
        super().__init__(" ".join((self.__doc__ or "").split()))
        self.details = details


class DayIsClosed(Refusal):
    """The office has ended its day."""

    code = "day_closed"


class OfficeClosed(Refusal):
    """The office is closed now."""

    code = "office_closed"


class ServiceIsClosed(Refusal):
    """The service takes no tickets now."""

    code = "service_closed"


class NotOnTheWeb(Refusal):
    """Tickets for this service are taken at the office only."""

    code = "not_on_web"


class QuotaReached(Refusal):
    """All web tickets of the day are taken; the kiosk in the office still gives tickets."""

    code = "quota_reached"


class TooManyOpen(Refusal):
    """Too many web tickets are waiting at the moment; please try again later or come to the office."""

    code = "too_many_open"


class UnknownService(Refusal):
    """There is no such service in this office."""

    code = "unknown_service"
    status = 422


class UnknownReason(Refusal):
    """The reason is not on the office's list."""

    code = "unknown_reason"
    status = 422


class UnknownLanguage(Refusal):
    """The office does not offer this language."""

    code = "unknown_language"
    status = 422


class UnknownCounter(Refusal):
    """There is no such counter in this office."""

    code = "unknown_counter"
    status = 404


class UnknownTicket(Refusal):
    """No ticket with this number was issued today."""

    code = "unknown_ticket"
    status = 404


class WrongState(Refusal):
    """The ticket is not in a state that allows this."""

    code = "wrong_state"


class CounterIsClosed(Refusal):
    """The counter is closed; open it first."""

    code = "counter_closed"


class CounterTaken(Refusal):
    """A colleague sits at this counter."""

    code = "counter_taken"


class CounterBusy(Refusal):
    """A visitor is still at this counter."""

    code = "counter_busy"


class NobodyThere(Refusal):
    """No ticket is at this counter."""

    code = "nobody_there"


class NotServedHere(Refusal):
    """This counter does not take that service."""

    code = "not_served_here"


class SameService(Refusal):
    """The ticket is at this service already."""

    code = "same_service"


class RecallFirst(Refusal):
    """Call the number again before marking the visitor absent."""

    code = "recall_first"


class OtherTicket(Refusal):
    """Another ticket is at this counter by now."""

    code = "other_ticket"


class CallNotAllowed(Refusal):
    """A chosen number may not be called in this office, or by supervisors only."""

    code = "call_not_allowed"
    status = 403


class NothingToUndo(Refusal):
    """There is nothing at this counter that can still be undone."""

    code = "nothing_to_undo"


class MovedOn(Refusal):
    """The ticket has moved on, so this can no longer be undone."""

    code = "moved_on"


class NothingToCorrect(Refusal):
    """The ticket ended just so already."""

    code = "nothing_to_correct"


class OtherDay(Refusal):
    """The number is of a day that is over; today's record was left as it is."""

    code = "other_day"


class CorrectedMeanwhile(Refusal):
    """The record of the ticket is another by now; it was left as it is."""

    code = "corrected_meanwhile"


class WrongNoticeUntil(Refusal):
    """A message can be taken down by itself only at a time that is still to come."""

    code = "wrong_notice_until"
    status = 422


class DeferLimit(Refusal):
    """The place was moved back as often as allowed."""

    code = "defer_limit"


class NobodyBehind(Refusal):
    """Nobody is waiting behind this ticket, so its place cannot be moved back."""

    code = "nobody_behind"


class WrongArrival(Refusal):
    """This office does not take arrivals in this way."""

    code = "wrong_arrival"


class WrongUntil(Refusal):
    """A day can be extended only to a later time, at most 24 hours past its planned end."""

    code = "wrong_until"
    status = 422
