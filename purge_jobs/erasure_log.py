"""The erasure records: only ever added to, each chained to the one before and signed."""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from purge_jobs.proof import Proof
from ticketing.audit import Entry, write_entry
from ticketing.audit_chain import FIRST_PREVIOUS_HASH
from ticketing.clock import parse, rfc3339
from ticketing.heads import sign_head
from ticketing.signing import Signature, SigningKey
from ticketing.storage.database import Connection, Database, Row

logger = logging.getLogger(__name__)

#: How the record of operations calls it.
MENTION = "erasure.record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One day of one office was erased. Never a contact, nor anything made from one."""

    office_id: str
    day: date
    #: Contacts removed, by channel.
    counts: Mapping[str, int]
    #: None: the day had no key.
    key_fingerprint: str | None
    started_at: datetime
    finished_at: datetime
    #: The time that was asked for.
    as_of: datetime
    #: That time lay ahead of the clock.
    is_future: bool
    #: Of Junban.
    version: str
    responsible: str
    handlers: tuple[str, ...]
    result: str = "erased"
    #: How it was seen that all is gone; None: a record from before that was written down.
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class ErasureRecord:
    """An erasure with its place in the chain."""

    id: int
    erasure: Erasure
    previous_hash: str
    hash: str
    #: Over the hash; None: a record from before records were signed.
    signature: Signature | None = None

    @property
    def is_as_hashed(self) -> bool:
        """Whether the record is the one that its hash was made from."""
        return self.hash == _hash(_columns(self.id, self.erasure, self.previous_hash))


class ErasureLog:
    """Writes and reads the records in the main file; only a log with a key can write."""

    def __init__(self, file: Database, signing_key: SigningKey | None = None) -> None:
        self._file = file
        self._key = signing_key

    async def append(self, erasure: Erasure) -> ErasureRecord:
        """Add a record; one that is there already (same office, day and start) is not added again.

        The record of operations names it in the same transaction, and a signed head both.
        """
        assert self._key is not None, "a record is signed"
        async with self._file.transaction() as connection:
            known = await _find(connection, erasure)
            if known is not None:
                return known
            last = await _last(connection)
            record = _chained(erasure, last, self._key)
            await _insert(connection, record)
            await write_entry(connection, mention(record))
            await sign_head(connection, self._key, erasure.finished_at)
        if last is not None and last["public_key"] not in (None, self._key.public_key):
            logger.warning("erasure records are signed with another key from now on; keep its public key too")
        logger.info("erasure record %d: %s, %s, hash %s", record.id, erasure.office_id, erasure.day, record.hash)
        return record

    async def list(self) -> tuple[ErasureRecord, ...]:
        """All records that can be read, the first one first."""
        return (await self.read())[0]

    async def read(self) -> tuple[tuple[ErasureRecord, ...], dict[int, str]]:
        """The records, and id and hash of those that somebody changed so that they cannot be read."""
        records, unreadable = [], {}
        for row in await self._file.fetch_all("SELECT * FROM erasures ORDER BY id"):
            try:
                records.append(_record(row))
            except (AttributeError, KeyError, TypeError, ValueError):
                unreadable[row["id"]] = row["hash"]
        return tuple(records), unreadable


def problems_of(records: Iterable[ErasureRecord]) -> list[str]:
    """What is wrong with the chain, in sentences; signatures are another matter (``erasure_check``)."""
    problems = []
    previous_id, previous_hash = 0, FIRST_PREVIOUS_HASH
    for record in records:
        if record.id != previous_id + 1:
            problems.append(f"Between record {previous_id} and record {record.id} something is missing.")
        elif record.previous_hash != previous_hash:
            problems.append(f"Record {record.id} does not follow the record before it.")
        if not record.is_as_hashed:
            problems.append(f"Record {record.id} was changed.")
        previous_id, previous_hash = record.id, record.hash
    return problems


def signed_text(record_hash: str) -> bytes:
    """What the signature of a record is over."""
    return f"junban erasure record\n{record_hash}".encode()


def mention(record: ErasureRecord) -> Entry:
    """How the record of operations names an erasure record."""
    erasure = record.erasure
    target = f"{record.id} {record.hash}"
    return Entry(at=erasure.finished_at, who="purge", what=MENTION, target=target, office_id=erasure.office_id)


async def _insert(connection: Connection, record: ErasureRecord) -> None:
    signature = record.signature
    await connection.execute(
        """
        INSERT INTO erasures (
            id, office_id, business_day, counts, key_fingerprint, started_at, finished_at, as_of, is_future,
            version, result, responsible, handlers, proof, previous_hash, hash, public_key, signature
        )
        VALUES (
            :id, :office_id, :business_day, :counts, :key_fingerprint, :started_at, :finished_at, :as_of,
            :is_future, :version, :result, :responsible, :handlers, :proof, :previous_hash, :hash, :public_key,
            :signature
        )
        """,
        {
            "proof": None,
            **_columns(record.id, record.erasure, record.previous_hash),
            "hash": record.hash,
            "public_key": signature and signature.public_key,
            "signature": signature and signature.signature,
        },
    )


async def _find(connection: Connection, erasure: Erasure) -> ErasureRecord | None:
    rows = await connection.execute_fetchall(
        "SELECT * FROM erasures WHERE office_id = ? AND business_day = ? AND started_at = ?",
        (erasure.office_id, erasure.day.isoformat(), rfc3339(erasure.started_at)),
    )
    return next((_record(row) for row in rows), None)


async def _last(connection: Connection) -> Row | None:
    """What the next record needs of the last one; whatever else was done to it, erasures go on."""
    rows = await connection.execute_fetchall("SELECT id, hash, public_key FROM erasures ORDER BY id DESC LIMIT 1")
    return next(iter(rows), None)


def _chained(erasure: Erasure, last: Row | None, key: SigningKey) -> ErasureRecord:
    record_id, previous_hash = (1, FIRST_PREVIOUS_HASH) if last is None else (last["id"] + 1, last["hash"])
    record_hash = _hash(_columns(record_id, erasure, previous_hash))
    return ErasureRecord(record_id, erasure, previous_hash, record_hash, key.sign(signed_text(record_hash)))


def _columns(record_id: int, erasure: Erasure, previous_hash: str) -> dict[str, Any]:
    columns = {
        "id": record_id,
        "office_id": erasure.office_id,
        "business_day": erasure.day.isoformat(),
        "counts": _canonical(dict(erasure.counts)),
        "key_fingerprint": erasure.key_fingerprint,
        "started_at": rfc3339(erasure.started_at),
        "finished_at": rfc3339(erasure.finished_at),
        "as_of": rfc3339(erasure.as_of),
        "is_future": int(erasure.is_future),
        "version": erasure.version,
        "result": erasure.result,
        "responsible": erasure.responsible,
        "handlers": _canonical(list(erasure.handlers)),
        "previous_hash": previous_hash,
    }
    # Older records were hashed without one.
    return columns if erasure.proof is None else columns | {"proof": erasure.proof.as_json()}


def _hash(columns: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(columns).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _record(row: Row) -> ErasureRecord:
    erasure = Erasure(
        office_id=row["office_id"],
        day=date.fromisoformat(row["business_day"]),
        counts={channel: int(count) for channel, count in json.loads(row["counts"]).items()},
        key_fingerprint=row["key_fingerprint"],
        started_at=parse(row["started_at"]),
        finished_at=parse(row["finished_at"]),
        as_of=parse(row["as_of"]),
        is_future=bool(row["is_future"]),
        version=row["version"],
        responsible=row["responsible"],
        handlers=tuple(json.loads(row["handlers"])),
        result=row["result"],
        proof=None if row["proof"] is None else Proof.from_json(row["proof"]),
    )
    signature = None if row["signature"] is None else Signature(row["public_key"], row["signature"])
    return ErasureRecord(row["id"], erasure, row["previous_hash"], row["hash"], signature)
