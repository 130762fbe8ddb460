"""The record of operations: who did what, when and from where; it is only ever added to, row chained to row."""

import re
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime

from ticketing.audit_chain import INSERT_AUDIT, LAST_HASH, chained
from ticketing.clock import parse, rfc3339
from ticketing.storage.database import Connection, Database

MOST_CHARACTERS = 200
#: The result of an operation that is recorded before it is carried out; how it ended is a record of its own.
BEGUN = "begun"
#: Entries read at once, so that a record of years needs little memory.
PAGE = 1000

#: An e-mail address, a LINE user id, a Japanese or international phone number: none belongs in the record.
_CONTACT = re.compile(r"\S*@\S*|\bU[0-9a-f]{32}\b|\+\d{8,15}|\b0\d{1,4}-\d{1,4}-\d{3,4}\b|\b0\d{9,10}\b")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One operation."""

    at: datetime
    #: ``staff:NAME``, ``kiosk:DEVICEID``, ``cli:OS-USER``, ``web``, ``tick`` or ``purge``.
    who: str
    #: The operation as noun.verb, for example ``session.create``.
    what: str
    #: What it was done to: an existing account, a device id, a ticket number, a day. Never a contact or free text.
    target: str | None = None
    #: None: not of one office.
    office_id: str | None = None
    #: The client's network address; None: on the machine itself.
    address: str | None = None
    #: ``ok``, or the code of the refusal.
    result: str = "ok"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry as it lies in the record; ids grow, and none is used twice."""

    id: int
    entry: Entry


def entry_row(entry: Entry) -> tuple[str | None, ...]:
    """What ``audit_chain.chained`` gives its place, so that any transaction can hold its own record.

    Texts are cut to 200 characters and lose control characters; what looks like a contact in the target or the result
    becomes ``***``. That is a net for mistakes: callers pass ids.
    """
    return (
        rfc3339(entry.at),
        _clean(entry.who),
        entry.address,
        _clean(entry.what),
        None if entry.target is None else _without_contact(entry.target),
        entry.office_id,
        _without_contact(entry.result),
    )


def _clean(text: str) -> str:
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)[:MOST_CHARACTERS]


def _without_contact(text: str) -> str:
    return _CONTACT.sub("***", _clean(text))[:MOST_CHARACTERS]


async def write_entry(connection: Connection, entry: Entry | None) -> None:
    """Add the entry, if there is one, to a transaction that is under way."""
    if entry is None:
        return
    last_id = await connection.last_id("audit")
    hashes = [row["hash"] for row in await connection.execute_fetchall(LAST_HASH)]
    await connection.execute(INSERT_AUDIT, *chained([entry_row(entry)], last_id, next(iter(hashes), None)))


class Audit:
    """Writes and reads the record in the main file."""

    def __init__(self, file: Database) -> None:
        self._file = file

    async def record(self, entry: Entry) -> None:
        """Add one entry in a transaction of its own; durable on return."""
        async with self._file.transaction() as connection:
            await write_entry(connection, entry)

    async def last(self, what: str) -> AuditRow | None:
        """The newest entry of an operation."""
        row = await self._file.fetch_one(
            """
            SELECT id, at, who, address, what, target, office_id, result
            FROM audit
            WHERE what = ?
            ORDER BY id DESC
            LIMIT 1
            """,
            (what,),
        )
        return None if row is None else _row(*row)

    async def list(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        who: str | None = None,
        limit: int = 100,
        after: int = 0,
        office_ids: Collection[str] | None = None,
    ) -> tuple[AuditRow, ...]:
        """Entries in the order they were written, from ``since`` to before ``until``, with ids above ``after``.

        With ``office_ids``: those of these offices and those of no office.
        """
        offices = tuple(office_ids or ())
        rows = await self._file.fetch_all(
            # Nothing but question marks is put into the text.
            f"""
            SELECT id, at, who, address, what, target, office_id, result
            FROM audit
            WHERE id > ? AND at >= ? AND at < ?
              AND (? = '' OR who = ?)
              AND (? OR office_id IS NULL OR office_id IN ({", ".join("?" * len(offices)) or "NULL"}))
            ORDER BY id
            LIMIT ?
            """,  # noqa: S608
            (
                after,
                rfc3339(since) if since else "",
                rfc3339(until) if until else "9999",
                who or "",
                who or "",
                office_ids is None,
                *offices,
                limit,
            ),
        )
        return tuple(_row(*row) for row in rows)

    async def entries(
        self, since: datetime | None = None, until: datetime | None = None, who: str | None = None
    ) -> AsyncIterator[AuditRow]:
        """All of ``list``, one after the other."""
        after = 0
        while rows := await self.list(since, until, who, PAGE, after):
            for row in rows:
                yield row
            after = rows[-1].id


def _row(
    row_id: int,
    at: str,
    who: str,
    address: str | None,
    what: str,
    target: str | None,
    office_id: str | None,
    result: str,
) -> AuditRow:
    entry = Entry(at=parse(at), who=who, address=address, what=what, target=target, office_id=office_id, result=result)
    return AuditRow(row_id, entry)
