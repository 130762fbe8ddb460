"""How a ticket is named from outside its hall."""

from datetime import date

from ticketing.hall.values import value


@value(frozen=True, slots=True, order=True)
class TicketRef:
    """A ticket, by name."""

    office_id: str
    day: date
    number: str
