"""What a trial showed: counts, and whether what was promised held."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from notifier.drill.faults import Fault
from notifier.drill.ledger import Ledger
from notifier.drill.office import Fate
from ticketing.addresses import ContactChannel

#: How soon the other channels' notices must have left, with at most MEASURED_AT of them, and as many stuck.
TARGET_SECONDS = 5.0
MEASURED_AT = 1_000


@dataclass(frozen=True, slots=True)
class Tally:
    """Notices by what became of them."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0
    open: int = 0

    def __str__(self) -> str:
        counts = {"sent": self.sent, "failed": self.failed, "dropped": self.dropped, "pending": self.open}
        return ", ".join(f"{word} {many}" for word, many in counts.items() if many) or "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One trial's counts."""

    fault: Fault
    #: Notices on the failing channel; the others have as many together.
    count: int
    #: From the planting until the last notice of the healthy channels had left; None: not all of them did.
    others_seconds: float | None
    #: Of the failing channel's notices, at the moment when the others had left.
    during: Tally
    #: Of the same notices, when the provider had been well again.
    after: Tally
    others: Tally
    #: Messages that were taken more often than once, on the failing channel and on the others.
    doubled: int
    others_doubled: int
    #: Notices that are nowhere, or noted as sent and were taken by nobody.
    lost: int
    #: Messages that the failing provider took.
    taken: int
    #: Of the notices, those that the second contact got.
    by_second: int

    @property
    def is_slow(self) -> bool:
        """The others left, but later than promised; a busy machine is enough for that."""
        return self.count <= MEASURED_AT and (self.others_seconds or 0.0) > TARGET_SECONDS

    def problems(self) -> list[str]:
        """What was promised and did not hold."""
        slow = f"the other channels' notices took longer than {TARGET_SECONDS:g} s"
        return [*self.faults(), *([slow] if self.is_slow else [])]

    def faults(self) -> list[str]:
        """The same without the time that it took."""
        return [*self._of_others(), *self._of_own()]

    def _of_others(self) -> Iterator[str]:
        if self.others_seconds is None:
            yield f"not all notices of the other channels left: {self.others}"
        if self.others_doubled:
            yield "messages were doubled on channels that were well"
        if self.lost:
            yield f"{self.lost} were lost"

    def _of_own(self) -> Iterator[str]:
        if self.doubled and not self.fault.may_double:
            yield f"{self.doubled} were doubled"
        yield from self._of_end()
        if self.fault.promise == "later" and self.during.sent:
            yield f"{self.during.sent} were noted as sent while nothing could be"
        if self.fault.promise == "refused" and self.taken:
            yield f"{self.taken} that were noted as failed had been taken"
        if self.fault.promise == "other way" and self.by_second != self.count:
            yield f"only {self.by_second} went to the second contact"

    def _of_end(self) -> Iterator[str]:
        if self.fault.promise == "given up":
            # The fault ends while some still wait; those are sent.
            if not self.after.failed or self.after.failed + self.after.sent != self.count:
                yield "in the end they should have been failed, or sent when it was well again"
            return
        expected = Tally(failed=self.count) if self.fault.promise == "refused" else Tally(sent=self.count)
        if self.after != expected:
            yield f"in the end they should have been: {expected}"


def tally(fates: Collection[Fate], numbers: Collection[str]) -> Tally:
    """The notices of these tickets, by what became of them."""
    states = Counter(fate.state for fate in fates if fate.number in numbers)
    return Tally(states["sent"], states["failed"], states["dropped"], states["pending"] + states["sending"])


def lost(fates: Sequence[Fate], planted: int, ledgers: Mapping[ContactChannel, Ledger]) -> int:
    """How many notices are nowhere, or noted as sent and were taken by nobody."""
    return (planted - len(fates)) + sum(
        fate.retry_key not in ledgers[fate.channel].taken for fate in fates if fate.state == "sent"
    )
