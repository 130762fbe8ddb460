"""The proof of an erasure: the day's canary does not open, and nothing known of the day is found in any file."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from purge_jobs.search import search_apart
from ticketing.canary import open_canary
from ticketing.keys import DayKeys, KeyFileError
from ticketing.retention import DueDay
from ticketing.sealing import NONCE_BYTES

#: So many bytes of a sealed row tell it from any other.
ROW_BYTES = 48

#: What was looked for: the canary's row as it lay in the file, its address in clear, the day's key bare and wrapped.
Known = Literal["row", "text", "key"]


class NotGone(Exception):
    """After the erasure something of the day could still be read."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How it was seen that a day is gone."""

    #: "closed": it opened with the day's key before, and with nothing that was found afterwards; "none": there was
    #: none, or the day's key could not be read before.
    canary: Literal["closed", "none"]
    #: What the files were searched for. After a crash the key is gone before it could be looked for.
    searched_for: tuple[Known, ...]
    #: Files searched, and files that could not be read.
    files: int
    unread: int

    def as_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Proof":
        """Raises ValueError, KeyError or TypeError when somebody changed it to something else."""
        fields = json.loads(text)
        if fields["canary"] not in ("closed", "none"):
            raise ValueError("no such outcome")
        return cls(**{**fields, "searched_for": tuple(fields["searched_for"])})


@dataclass(frozen=True, slots=True)
class Traces:
    """What is known of a day while its key is there; kept in memory only, for looking for it afterwards."""

    #: None: it did not open, so that nothing can be said of its bytes either.
    canary: bytes | None = field(repr=False)
    known: dict[Known, tuple[bytes, ...]] = field(repr=False)


def traces_of(keys: DayKeys, due: DueDay, canary: bytes | None) -> Traces:
    """What is known of the day before its key goes. ``canary`` is its nonce and what is sealed."""
    try:
        key = keys.existing(due.office_id, due.day)
    except KeyFileError:
        key = None
    wrapped = keys.wrapped(due.office_id, due.day)
    known: dict[Known, tuple[bytes, ...]] = {}
    if key is not None and wrapped is not None:
        known["key"] = (key, wrapped)
    text = open_canary(key, due.office_id, due.day, canary) if key is not None and canary is not None else None
    if text is not None:
        known["text"] = (text.encode(),)
    return Traces(canary if text is not None else None, known)


def row_of(canary: bytes) -> bytes:
    """The bytes by which its row is known."""
    return canary[NONCE_BYTES : NONCE_BYTES + ROW_BYTES]


async def prove(keys: DayKeys, due: DueDay, traces: Traces, places: Sequence[Path]) -> Proof:
    """Try everything that is left on the canary, and look for what is known of the day. Raises NotGone."""
    canary = traces.canary
    if canary is not None and any(open_canary(key, due.office_id, due.day, canary) for key in keys.all_that_is_left()):
        raise NotGone("the day's canary still opens")
    known = traces.known if canary is None else {**traces.known, "row": (row_of(canary),)}
    patterns = [each for many in known.values() for each in many]
    searched = await search_apart(places, patterns)
    if searched.found:
        files = ", ".join(str(path) for path in searched.found)
        raise NotGone(f"something of the day is still in {files}")
    return Proof(
        canary="none" if canary is None else "closed",
        searched_for=tuple(sorted(known)),
        files=searched.files,
        unread=searched.unread,
    )
