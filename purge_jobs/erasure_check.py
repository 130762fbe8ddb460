"""Checks the erasure records: their chain, their signatures, and who else names them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from purge_jobs.erasure_log import MENTION, ErasureLog, ErasureRecord, problems_of, signed_text
from ticketing.heads import SignedHead, read_heads
from ticketing.signing import signature_problem
from ticketing.storage.sqlite import SqliteFile


@dataclass(frozen=True, slots=True)
class ErasureCheck:
    """What was found."""

    records: tuple[ErasureRecord, ...]
    #: What is wrong, in sentences; empty: nothing was changed, removed or inserted.
    problems: tuple[str, ...]

    @property
    def unsigned(self) -> int:
        """Records from before records were signed."""
        return sum(record.signature is None for record in self.records)


async def check_erasures(file: SqliteFile, trusted: Collection[str]) -> ErasureCheck:
    """Checks every record. ``trusted`` are the public keys, in hexadecimal, whose signatures count."""
    records = await ErasureLog(file).list()
    heads = await read_heads(file)
    problems = [
        *problems_of(records),
        *signature_problems(records, trusted),
        *_removed(records, await _mentioned(file), "the record of operations names it"),
        *_head_problems(records, heads, trusted),
    ]
    return ErasureCheck(records, tuple(dict.fromkeys(problems)))


def signature_problems(records: Iterable[ErasureRecord], trusted: Collection[str]) -> list[str]:
    """What is wrong with the signatures; records older than the first signed one need none."""
    problems = []
    has_begun = False
    for record in records:
        if record.signature is None:
            if has_begun:
                problems.append(f"Record {record.id} is not signed, and the one before it is.")
            continue
        has_begun = True
        problem = signature_problem(signed_text(record.hash), record.signature, trusted)
        if problem:
            problems.append(f"Record {record.id} {problem}.")
    return problems


async def _mentioned(file: SqliteFile) -> list[tuple[int, str]]:
    rows = await file.fetch_all("SELECT target FROM audit WHERE what = ? ORDER BY id", (MENTION,))
    pairs = [str(row["target"]).partition(" ") for row in rows]
    return [(int(record_id), record_hash) for record_id, _, record_hash in pairs if record_id.isdecimal()]


def _removed(records: Sequence[ErasureRecord], named: Iterable[tuple[int, str]], why: str) -> list[str]:
    """Records that something else names, and that are gone or others now."""
    hashes = {record.id: record.hash for record in records}
    problems = []
    for record_id, record_hash in named:
        if record_id not in hashes:
            problems.append(f"Record {record_id} was removed: {why}.")
        elif hashes[record_id] != record_hash:
            problems.append(f"Record {record_id} was replaced: {why} with another hash.")
    return problems


def _head_problems(
    records: Sequence[ErasureRecord], heads: Sequence[SignedHead], trusted: Collection[str]
) -> list[str]:
    problems = []
    sound = []
    for signed in heads:
        problem = signature_problem(signed.head.message, signed.signature, trusted)
        if problem:
            problems.append(f"Signed head {signed.head.id} {problem}.")
        elif signed.head.erasure_id:
            sound.append((signed.head.erasure_id, signed.head.erasure_hash))
    missing = _removed(records, sound, "a signed head names it")
    named = {record_id for record_id, _ in sound}
    alone = [record for record in records if record.signature is not None and record.id not in named]
    return problems + missing + [f"Record {record.id} has no signed head." for record in alone]
