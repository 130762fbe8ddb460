"""Events and ticket rows as the text that a database keeps."""

from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from ticketing.clock import parse, rfc3339
from ticketing.hall.events import KINDS, Event
from ticketing.journal.base import TicketRow

_encoder = msgspec.json.Encoder()
_decoders = {name: msgspec.json.Decoder(kind) for name, kind in KINDS.items()}
_COLUMNS = tuple(TicketRow.__dataclass_fields__)
_TIMES = frozenset(name for name, hint in get_type_hints(TicketRow).items() if hint in (datetime, datetime | None))
_values_of = attrgetter(*_COLUMNS)
_TIME_PLACES = tuple(place for place, name in enumerate(_COLUMNS) if name in _TIMES)
_DAY_PLACE, _STATE_PLACE = _COLUMNS.index("business_day"), _COLUMNS.index("state")

#: Events and rows of one batch are full of the same few times.
written = lru_cache(maxsize=1024)(rfc3339)


def encode_event(event: Event) -> str:
    """The event as JSON, without its kind."""
    return _encoder.encode(event).decode()


def decode_event(kind: str, data: str) -> Event:
    """The event that ``encode_event`` wrote. Raises KeyError for a kind and ValidationError for data it never wrote."""
    event: Event = _decoders[kind].decode(data)
    return event


def row_values(row: TicketRow) -> tuple[Any, ...]:
    """A ticket row's columns, in the order of the dataclass."""
    values = list(_values_of(row))
    values[_DAY_PLACE] = row.business_day.isoformat()
    values[_STATE_PLACE] = str(row.state)
    for place in _TIME_PLACES:
        if values[place] is not None:
            values[place] = written(values[place])
    return tuple(values)


def row_from(values: Any) -> TicketRow:
    """The ticket row that ``row_values`` was made from."""
    fields: dict[str, Any] = {
        name: parse(value) if name in _TIMES and value else value for name, value in zip(_COLUMNS, values)
    }
    return TicketRow(**fields | {"business_day": date.fromisoformat(str(fields["business_day"]))})
