"""Which services the open counters take, and how they share the people who wait."""

from collections.abc import Collection, Iterable, Mapping

from ticketing.hall.office import Counter, Office
from ticketing.hall.values import value


@value(frozen=True, slots=True)
class Team:
    """Open counters that take the same services, as one of these sees them."""

    counters: tuple[str, ...]
    #: The other services that they take, and which part of each falls to one of them.
    others: tuple[tuple[str, float], ...]


@value(frozen=True, slots=True)
class Staffing:
    """The same until a counter opens or closes, so it is worked out only then."""

    #: The open counters that take each service.
    teams: Mapping[str, tuple[Team, ...]]


def staffing_of(office: Office, open_counters: Collection[str]) -> Staffing:
    """The staffing of an office with these counters open; counters share what several of them take alike."""
    is_open = [counter for counter in office.counters if counter.id in open_counters]
    taken_by = {each.id: sum(each.id in counter.services for counter in is_open) for each in office.services}
    return Staffing({each.id: _teams(is_open, each.id, taken_by) for each in office.services})


def _teams(is_open: Iterable[Counter], service_id: str, taken_by: Mapping[str, int]) -> tuple[Team, ...]:
    by_others: dict[tuple[tuple[str, float], ...], list[str]] = {}
    for counter in is_open:
        if service_id in counter.services:
            by_others.setdefault(_others(counter, service_id, taken_by), []).append(counter.id)
    return tuple(Team(tuple(counters), others) for others, counters in by_others.items())


def _others(counter: Counter, service_id: str, taken_by: Mapping[str, int]) -> tuple[tuple[str, float], ...]:
    return tuple((other, 1 / taken_by[other]) for other in sorted(counter.services) if other != service_id)
