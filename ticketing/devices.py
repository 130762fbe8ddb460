"""Kiosks and boards: browsers that were enrolled for one office by a one-time code."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from ticketing.audit import Entry, write_entry
from ticketing.clock import parse, rfc3339
from ticketing.hall.refusals import Refusal
from ticketing.recent import Recent
from ticketing.storage.database import Connection, Database, Row
from ticketing.tokens import new_token, token_hash

Kind = Literal["kiosk", "board"]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: How long an invitation can be used.
CODE_LIFETIME = timedelta(hours=24)
MOST_LABEL = 64


class UnknownDevice(Refusal):
    """There is no device with this id in use."""

    code = "unknown_device"
    status = 404


class WrongDevice(Refusal):
    """A device is a kiosk or a board, and its label has at most 64 characters."""

    code = "wrong_device"
    status = 422


@dataclass(frozen=True, slots=True)
class Device:
    """One browser that stands in one office, or an invitation for one."""

    id: str
    office_id: str
    kind: str
    #: Where it stands, in the administrator's words; may be empty.
    label: str = ""
    #: None: invited, not enrolled yet.
    enrolled_at: datetime | None = None
    #: None: in use.
    revoked_at: datetime | None = None


class Devices:
    """The devices of the main file; ``find`` remembers as sessions do."""

    def __init__(self, file: Database, cache_seconds: float = 3.0) -> None:
        self._file = file
        self._recent: Recent[Device] = Recent(cache_seconds)

    async def invite(self, office_id: str, kind: str, label: str, at: datetime, entry: Entry | None = None) -> str:
        """A code of 128 bits that enrols one browser, once, within 24 hours. Raises WrongDevice.

        The entry's target becomes the id that the device will have. Invitations that ran out are removed.
        """
        if kind not in KINDS or len(label) > MOST_LABEL:
            raise WrongDevice
        code, device_id = new_token(bits=128), secrets.token_hex(5)
        async with self._file.transaction() as connection:
            await connection.execute(
                """
                DELETE FROM enrolments
                WHERE expires_at <= ?
                """,
                (rfc3339(at),),
            )
            await connection.execute(
                """
                INSERT INTO enrolments (code_hash, device_id, office_id, kind, label, invited_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                (token_hash(code), device_id, office_id, kind, label, rfc3339(at), rfc3339(at + CODE_LIFETIME)),
            )
            await write_entry(connection, entry and replace(entry, target=device_id, office_id=office_id))
        return code

    async def enrol(self, code: str, at: datetime, entry: Entry | None = None) -> tuple[Device, str] | None:
        """Turns an invitation into a device and its token; None when the code is unknown, used or too old.

        The invitation's row is taken away in the transaction that adds the device, so of two browsers one gets it. The
        entry's target becomes the device's id.
        """
        code_hash = token_hash(code)
        if code_hash is None:
            return None
        token = new_token()
        async with self._file.transaction() as connection:
            device = await _taken(connection, code_hash, at)
            if device is None:
                return None
            await connection.execute(
                """
                INSERT INTO devices (id, token_hash, office_id, kind, label, enrolled_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                (device.id, token_hash(token), device.office_id, device.kind, device.label, rfc3339(at)),
            )
            await write_entry(connection, entry and replace(entry, target=device.id, office_id=device.office_id))
        return device, token

    async def find(self, token: str, now: datetime) -> Device | None:
        """The device that holds the token; None when it is unknown or revoked."""
        key = token_hash(token)
        if key is None:
            return None
        return self._recent.get(key, now) or await self._ask(key, now)

    async def _ask(self, key: str, now: datetime) -> Device | None:
        epoch = self._recent.epoch
        device = await self._stored(key)
        if device is not None:
            self._recent.put(key, device, now, epoch)
        return device

    async def _stored(self, key: str) -> Device | None:
        row = await self._file.fetch_one(
            """
            SELECT id, office_id, kind, label, enrolled_at, revoked_at
            FROM devices
            WHERE token_hash = ? AND revoked_at IS NULL
            """,
            (key,),
        )
        return _device(row) if row else None

    async def list(self) -> tuple[Device, ...]:
        """Every device by office and time of enrolment, then the invitations not used yet (also those too old)."""
        rows = await self._file.fetch_all(
            """
            SELECT id, office_id, kind, label, enrolled_at, revoked_at, 0 AS is_invited, enrolled_at AS since
            FROM devices
            UNION ALL
            SELECT device_id, office_id, kind, label, NULL, NULL, 1, invited_at
            FROM enrolments
            ORDER BY is_invited, office_id, since, id
            """
        )
        return tuple(_device(row) for row in rows)

    async def revoke(self, device_id: str, at: datetime, entry: Entry | None = None) -> None:
        """Ends the device, or withdraws its invitation. Raises UnknownDevice."""
        async with self._file.transaction() as connection:
            revoked = await connection.execute(
                """
                UPDATE devices
                SET revoked_at = ?
                WHERE id = ? AND revoked_at IS NULL
                """,
                (rfc3339(at), device_id),
            )
            withdrawn = await connection.execute(
                """
                DELETE FROM enrolments
                WHERE device_id = ?
                """,
                (device_id,),
            )
            if revoked.rowcount + withdrawn.rowcount != 1:
                raise UnknownDevice
            await write_entry(connection, entry)
        self._recent.drop(lambda _, device: device.id == device_id)


async def _taken(connection: Connection, code_hash: str, at: datetime) -> Device | None:
    """The device that this invitation makes; takes the invitation away."""
    statement = """
        DELETE FROM enrolments
        WHERE code_hash = ? AND expires_at > ?
        RETURNING device_id, office_id, kind, label
    """
    for row in await connection.execute_fetchall(statement, (code_hash, rfc3339(at))):
        return Device(row["device_id"], row["office_id"], row["kind"], row["label"], at)
    return None


def _device(row: Row) -> Device:
    return Device(
        id=row["id"],
        office_id=row["office_id"],
        kind=row["kind"],
        label=row["label"],
        enrolled_at=parse(row["enrolled_at"]) if row["enrolled_at"] else None,
        revoked_at=parse(row["revoked_at"]) if row["revoked_at"] else None,
    )
