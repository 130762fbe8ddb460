"""The chain of the record of operations: each row holds a hash over itself and the row before it."""

import hashlib
import json
from collections.abc import Iterable

#: What a row of the record is made of, before it has its place: time, who, address, what, target, office, result.
Fields = tuple[str | None, ...]

#: Stands before the first row of a chain, of this one and of the erasure records.
FIRST_PREVIOUS_HASH = "0" * 64
LAST_HASH = "SELECT hash FROM audit ORDER BY id DESC LIMIT 1"
INSERT_AUDIT = """
    INSERT INTO audit (id, at, who, address, what, target, office_id, result, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def chained(rows: Iterable[Fields], last_id: int, last_hash: str | None) -> list[tuple[int | str | None, ...]]:
    """The parameters of ``INSERT_AUDIT`` for rows that follow the last one.

    The last id that was given, also to a row that was removed since, and ``LAST_HASH``: what they are in a writing
    transaction holds until its end, also with several processes.
    """
    placed: list[tuple[int | str | None, ...]] = []
    previous = last_hash or FIRST_PREVIOUS_HASH
    for row_id, fields in enumerate(rows, start=last_id + 1):
        previous = row_hash(previous, row_id, fields)
        placed.append((row_id, *fields, previous))
    return placed


def row_hash(previous: str, row_id: int, fields: Fields) -> str:
    """SHA-256 in hexadecimal over the hash before, the id and the fields."""
    text = json.dumps([previous, row_id, *fields], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
