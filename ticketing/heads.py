"""Signed heads: how far the record of operations and the erasure records went at a time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ticketing.audit_chain import FIRST_PREVIOUS_HASH
from ticketing.clock import rfc3339
from ticketing.signing import Signature, SigningKey
from ticketing.storage.database import Connection, Database, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last row of both chains at a time, with its hash; id 0 and zeros when there was none."""

    id: int
    #: As it stands in the file, whatever somebody wrote there.
    at: str
    audit_id: int
    audit_hash: str
    erasure_id: int
    erasure_hash: str

    @property
    def message(self) -> bytes:
        """What is signed."""
        fields = [self.id, self.at, self.audit_id, self.audit_hash, self.erasure_id, self.erasure_hash]
        return b"junban head\n" + json.dumps(fields, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class SignedHead:
    head: Head
    signature: Signature


async def sign_head(connection: Connection, key: SigningKey, at: datetime) -> None:
    """Write down where both chains end, in a transaction that is under way."""
    audit_id, audit_hash = await _last(connection, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1")
    erasure_id, erasure_hash = await _last(connection, "SELECT id, hash FROM erasures ORDER BY id DESC LIMIT 1")
    given = await connection.last_id("heads")
    head = Head(
        id=given + 1, at=rfc3339(at), audit_id=audit_id, audit_hash=audit_hash, erasure_id=erasure_id,
        erasure_hash=erasure_hash,
    )  # fmt: skip
    signed = key.sign(head.message)
    await connection.execute(
        """
        INSERT INTO heads (id, at, audit_id, audit_hash, erasure_id, erasure_hash, public_key, signature)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        (
            head.id, head.at, audit_id, audit_hash, erasure_id, erasure_hash, signed.public_key, signed.signature,
        ),
    )  # fmt: skip


async def read_heads(file: Database) -> list[SignedHead]:
    """All of them, the first one first."""
    return [_head(row) for row in await file.fetch_all("SELECT * FROM heads ORDER BY id")]


async def missing_head(file: Database, heads: Sequence[SignedHead]) -> str | None:
    """The first one that was given an id and is not there any more, as a sentence; None: all are."""
    last_id = 0
    for signed in heads:
        if signed.head.id != last_id + 1:
            break
        last_id = signed.head.id
    given = max(await file.last_id("heads"), *(signed.head.id for signed in heads), 0)
    return f"Signed head {last_id + 1} is missing." if last_id < given else None


async def _last(connection: Connection, sql: str) -> tuple[int, str]:
    for row in await connection.execute_fetchall(sql):
        return row[0], row[1] or FIRST_PREVIOUS_HASH
    return 0, FIRST_PREVIOUS_HASH


def _head(row: Row) -> SignedHead:
    head = Head(
        id=row["id"], at=row["at"], audit_id=row["audit_id"], audit_hash=row["audit_hash"],
        erasure_id=row["erasure_id"], erasure_hash=row["erasure_hash"],
    )  # fmt: skip
    return SignedHead(head, Signature(row["public_key"], row["signature"]))
