"""The whole data map, as a page and as JSON."""

from collections.abc import Iterator
from dataclasses import asdict

import msgspec

from ticketing.data_map.contacts_file import CONTACTS_FILE
from ticketing.data_map.elsewhere import ELSEWHERE
from ticketing.data_map.events import events
from ticketing.data_map.main_file import MAIN_FILE
from ticketing.data_map.model import Place, rows_of

#: Every place, contacts first.
DATA_MAP: tuple[Place, ...] = (*CONTACTS_FILE, *MAIN_FILE, events(), *ELSEWHERE)

_BEGIN = """# Data map（データ一覧）

Every field that Junban stores: what for, who sees it, how long, and under which key. Written by
`junban data-map`; do not edit it. A contact（連絡先）is a mail address, a LINE user id or a phone number; it lies
in one field only, `sealed` of `contacts.sqlite3: contacts`. No name of a visitor is stored anywhere. On PostgreSQL the
same tables lie in the schemas `junban` (for `junban.sqlite3`) and `contacts` (for `contacts.sqlite3`); beside them are
only `chains`, the last id given in each chained table, `key_directory`, which one goes with the database, and
`schema_version`.
"""


def as_json() -> str:
    """One object a field."""
    rows = [asdict(row) for place in DATA_MAP for row in rows_of(place)]
    return msgspec.json.format(msgspec.json.encode({"fields": rows}), indent=2).decode()


def as_markdown() -> str:
    """A section a place, with a table of its fields."""
    return "\n".join((_BEGIN, *(line for place in DATA_MAP for line in _section(place)))).rstrip()


def _section(place: Place) -> Iterator[str]:
    yield from (f"## {place.name}", "", place.about, "")
    yield from ("| field | purpose | who sees it | how long | under which key |", "|---|---|---|---|---|")
    for row in rows_of(place):
        yield f"| `{row.field}` | {row.purpose} | {row.seen_by} | {row.kept} | {row.key} |"
    yield ""
