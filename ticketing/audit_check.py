"""Checks the record of operations against its chain and the signed heads."""

from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass, field

from ticketing.audit_chain import FIRST_PREVIOUS_HASH, row_hash
from ticketing.heads import SignedHead, missing_head, read_heads
from ticketing.signing import signature_problem
from ticketing.storage.database import Database, Row

#: Rows read at once.
PAGE = 5000


@dataclass(slots=True)
class AuditCheck:
    """What was found; without ``problem`` all is as it was written."""

    #: Rows in all, and those among them that are older than the chain.
    rows: int = 0
    older: int = 0
    last_id: int = 0
    last_hash: str = FIRST_PREVIOUS_HASH
    #: The last row that a signature names; 0: none.
    signed_id: int = 0
    #: The first thing that is wrong, as a sentence.
    problem: str | None = None
    _has_begun: bool = field(default=False, repr=False)

    def take(self, row: Row) -> str | None:
        """What is wrong with the next row, as a sentence; None: nothing."""
        row_id, *fields, hash_ = tuple(row)
        if hash_ is None and not self._has_begun:
            self.rows, self.older, self.last_id = self.rows + 1, self.older + 1, row_id
            return None
        if self.rows and row_id != self.last_id + 1:
            return f"{_operations(self.last_id + 1, row_id - 1)} missing."
        if not self.rows and row_id != 1:
            return f"{_operations(1, row_id - 1)} missing."
        if hash_ is None or hash_ != row_hash(self.last_hash, row_id, tuple(fields)):
            return f"Operation {row_id} was changed, inserted or moved: it does not fit the one before it."
        self._has_begun = True
        self.rows, self.last_id, self.last_hash = self.rows + 1, row_id, hash_
        return None


async def check_audit(file: Database, trusted: Collection[str]) -> AuditCheck:
    """Walks through the whole record up to the first thing that is wrong.

    ``trusted`` are the public keys, in hexadecimal, whose signatures count.
    """
    heads = await read_heads(file)
    check = AuditCheck(problem=_problem_of(heads, trusted) or await missing_head(file, heads))
    named = {signed.head.audit_id: signed for signed in heads}
    async for row in _rows(file):
        check.problem = check.problem or check.take(row)
        signed = named.get(row["id"])
        if check.problem is None and signed is not None:
            check.problem = _against(signed, row["hash"])
            check.signed_id = row["id"]
        if check.problem:
            return check
    check.problem = check.problem or await _removed_tail(file, check, named)
    return check


async def _rows(file: Database) -> AsyncIterator[Row]:
    after = 0
    while rows := await file.fetch_all(
        """
        SELECT id, at, who, address, what, target, office_id, result, hash
        FROM audit
        WHERE id > ?
        ORDER BY id
        LIMIT ?
        """,
        (after, PAGE),
    ):
        for row in rows:
            yield row
        after = rows[-1]["id"]


def _problem_of(heads: Iterable[SignedHead], trusted: Collection[str]) -> str | None:
    for signed in heads:
        problem = signature_problem(signed.head.message, signed.signature, trusted)
        if problem:
            return f"Signed head {signed.head.id} {problem}."
    return None


def _against(signed: SignedHead, hash_: str | None) -> str | None:
    if (hash_ or FIRST_PREVIOUS_HASH) == signed.head.audit_hash:
        return None
    return f"The record up to operation {signed.head.audit_id} is not the one signed at {signed.head.at}."


async def _removed_tail(file: Database, check: AuditCheck, named: Iterable[int]) -> str | None:
    last = max(await file.last_id("audit"), *named, 0)
    return f"{_operations(check.last_id + 1, last)} missing at the end." if last > check.last_id else None


def _operations(first: int, last: int) -> str:
    return f"Operation {first} is" if first == last else f"Operations {first} to {last} are"
