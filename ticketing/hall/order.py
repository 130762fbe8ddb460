"""Who is next: the one order that call_next, the position, the board and the estimate share."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

from ticketing.hall.office import Counter
from ticketing.hall.ticket import Place, Ticket

# The first part of a place. A ticket that was overtaken too often goes before all others, then come those who were
# reinstated, then everybody else.
_OVERTAKEN, _AT_HEAD, _BY_PRIORITY = 0, 1, 2


def place_by_issue(priority: int, issue_seq: int) -> Place:
    """Higher priority first, then by issue."""
    return (_BY_PRIORITY, -priority, issue_seq)


def place_at_head(seq: int) -> Place:
    """Before everybody who was not put at the head earlier."""
    return (_AT_HEAD, seq)


def place_behind(place: Place, seq: int) -> Place:
    """Directly behind a place, before whoever was put there earlier (seqs only grow)."""
    return (*place, -seq)


def rank(ticket: Ticket, max_overtakes: int | None) -> Place:
    """The key within a service; the smallest is next."""
    if max_overtakes is not None and ticket.overtakes >= max_overtakes:
        return (_OVERTAKEN, ticket.issue_seq)
    return ticket.place


_Entry = TypeVar("_Entry", tuple[Place, str], tuple[int, str])


@dataclass(slots=True)
class Queue:
    """The waiting tickets of one service, in call order."""

    _entries: list[tuple[Place, str]] = field(default_factory=list)
    #: The same tickets by what they yield to, so that those overtaken by a call are found without looking at all.
    _yielding: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return (number for _, number in self._entries)

    @property
    def head(self) -> tuple[Place, str] | None:
        return self._entries[0] if self._entries else None

    def add(self, place: Place, ticket: Ticket) -> None:
        _insert(self._entries, (place, ticket.number))
        _insert(self._yielding, (ticket.yields_to_seq, ticket.number))

    def remove(self, place: Place, ticket: Ticket) -> None:
        del self._entries[bisect_left(self._entries, (place, ticket.number))]
        del self._yielding[bisect_left(self._yielding, (ticket.yields_to_seq, ticket.number))]

    def ahead_of(self, place: Place, number: str = "") -> int:
        """How many go before this place."""
        entries = self._entries
        # Most who ask are at the end: they have just come.
        if not entries or entries[-1][0] < place:
            return len(entries)
        return bisect_left(entries, (place, number))

    def behind(self, place: Place, number: str, count: int) -> list[tuple[Place, str]]:
        """The next ``count`` tickets behind a ticket that waits here or would."""
        start = self.ahead_of(place, number)
        return [entry for entry in islice(self._entries, start, start + count + 1) if entry[1] != number][:count]

    def between(self, place: Place, end: Place) -> list[str]:
        """The tickets from one place up to, and without, another."""
        return [number for _, number in self._entries[self.ahead_of(place) : self.ahead_of(end)]]

    def overtaken_by(self, issue_seq: int) -> list[str]:
        """The tickets that a call of a ticket issued at ``issue_seq`` overtakes."""
        yielding = self._yielding
        # Most calls overtake nobody.
        if not yielding or yielding[0][0] >= issue_seq:
            return []
        return [number for _, number in yielding[: bisect_left(yielding, (issue_seq, ""))]]

    def copy(self) -> "Queue":
        return replace(self, _entries=self._entries.copy(), _yielding=self._yielding.copy())


def _insert(entries: list[_Entry], entry: _Entry) -> None:
    # Most who come go to the end.
    if not entries or entries[-1] < entry:
        entries.append(entry)
    else:
        insort(entries, entry)


def next_for(counter: Counter, queues: Mapping[str, Queue], services: Iterable[str] | None = None) -> str | None:
    """The number that a counter calls next, of some of its services only if given; None when nobody waits."""
    wanted = counter.services if services is None else [each for each in counter.services if each in set(services)]
    heads = [head for each in wanted if (head := queues[each].head)]
    if not heads:
        return None
    first = min(heads)
    if counter.order == "listed" and first[0][0] != _OVERTAKEN:
        first = heads[0]
    return first[1]
