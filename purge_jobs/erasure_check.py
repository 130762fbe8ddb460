"""Checks the erasure records: their chain, their signatures, and who else names them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from purge_jobs.erasure_log import MENTION, ErasureLog, ErasureRecord, problems_of, signed_text
from ticketing.heads import SignedHead, missing_head, read_heads
from ticketing.signing import signature_problem
from ticketing.storage.database import Database


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


async def check_erasures(file: Database, trusted: Collection[str]) -> ErasureCheck:
    """Checks every record. ``trusted`` are the public keys, in hexadecimal, whose signatures count."""
    records, unreadable = await ErasureLog(file).read()
    heads, mentioned = await read_heads(file), await _mentioned(file)
    hashes = {record.id: record.hash for record in records} | unreadable
    missing = await missing_head(file, heads)
    problems = [
        *(f"Record {record_id} was changed: it cannot be read." for record_id in unreadable),
        *problems_of(records),
        *signature_problems(records, trusted),
        *_without_signature(records, mentioned),
        *_removed(hashes, mentioned, "the record of operations names it"),
        *([missing] if missing else []),
        *_head_problems(records, hashes, heads, trusted),
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


def _without_signature(records: Iterable[ErasureRecord], mentioned: Iterable[tuple[int, str]]) -> list[str]:
    """Only signed records were ever named in the record of operations."""
    named = {record_id for record_id, _ in mentioned}
    return [
        f"Record {record.id} has lost its signature."
        for record in records
        if record.signature is None and record.id in named
    ]


async def _mentioned(file: Database) -> list[tuple[int, str]]:
    rows = await file.fetch_all("SELECT target FROM audit WHERE what = ? ORDER BY id", (MENTION,))
    pairs = [str(row["target"]).partition(" ") for row in rows]
    return [(int(record_id), record_hash) for record_id, _, record_hash in pairs if record_id.isdecimal()]


def _removed(hashes: Mapping[int, str], named: Iterable[tuple[int, str]], why: str) -> list[str]:
    """Records that something else names, and that are gone or others now."""
    problems = []
    for record_id, record_hash in named:
        if record_id not in hashes:
            problems.append(f"Record {record_id} was removed: {why}.")
        elif hashes[record_id] != record_hash:
            problems.append(f"Record {record_id} was replaced: {why} with another hash.")
    return problems


def _head_problems(
    records: Iterable[ErasureRecord],
    hashes: Mapping[int, str],
    heads: Iterable[SignedHead],
    trusted: Collection[str],
) -> list[str]:
    problems = []
    sound = []
    for signed in heads:
        problem = signature_problem(signed.head.message, signed.signature, trusted)
        if problem:
            problems.append(f"Signed head {signed.head.id} {problem}.")
        elif signed.head.erasure_id:
            sound.append((signed.head.erasure_id, signed.head.erasure_hash))
    missing = _removed(hashes, sound, "a signed head names it")
    named = {record_id for record_id, _ in sound}
    alone = [record for record in records if record.signature is not None and record.id not in named]
    return problems + missing + [f"Record {record.id} has no signed head." for record in alone]
