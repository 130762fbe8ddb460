"""How a ticket is named from outside its hall."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, order=True)
class TicketRef:
    """A ticket, by name."""

    office_id: str
    day: date
    number: str
