"""What papers are made from; apart from how they are printed, which needs a large library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from purge_jobs.erasure_log import ErasureRecord


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one page certifies: the erasure records of one office and day, oldest first, at least one."""

    office_id: str
    office_name: str
    #: By its name in the IANA database; all times are printed in it.
    time_zone: str
    day: date
    records: Sequence[ErasureRecord]


@dataclass(frozen=True, slots=True)
class ChainState:
    """What checking all records of a chain found when the paper was made."""

    checked: int
    #: Sentences; none: every record is as it was written.
    problems: Sequence[str]
