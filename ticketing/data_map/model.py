"""What the data map consists of: places, and the fields that lie there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

#: How long, where several places have the same.
JOURNAL = "[retention] journal_days after its business day (400 by default); the office's last day stays"
UNTIL_ERASED = "until the day's erasure, the night after; at once when the visitor asks"
FOR_GOOD = "for good: rows are only ever added"
#: Who sees it, where several places have the same.
NOBODY = "nobody; only the service reads it"
IT = "city IT, on the machine"
PRIVACY = "privacy officers (page and commands), city IT"
#: Under which key.
NO_KEY = "none"
DAY_KEY = "the day's key"


@dataclass(frozen=True, slots=True)
class Field:
    """A field that differs from its place; None: as the place has it."""

    purpose: str
    seen_by: str | None = None
    kept: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where fields lie together, and what holds for all of them but those that say otherwise."""

    #: For example ``junban.sqlite3: tickets``.
    name: str
    about: str
    seen_by: str
    kept: str
    key: str = NO_KEY
    #: By name; names that have the same purpose stand together, separated by spaces.
    fields: Mapping[str, str | Field]


@dataclass(frozen=True, slots=True)
class Row:
    """One stored field with everything that is to be known of it."""

    place: str
    field: str
    purpose: str
    seen_by: str
    kept: str
    key: str


def rows_of(place: Place) -> Iterator[Row]:
    """The place's fields, one row each, in order."""
    for names, given in place.fields.items():
        field = given if isinstance(given, Field) else Field(given)
        for name in names.split():
            yield Row(
                place.name,
                name,
                field.purpose,
                field.seen_by or place.seen_by,
                field.kept or place.kept,
                field.key or place.key,
            )
