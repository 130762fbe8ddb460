"""Which services the open counters take, and how they share the people who wait."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ticketing.hall.office import Counter, Office


@dataclass(frozen=True, slots=True)
class OpenCounter:
    """An open counter, as one of its services sees it."""

    id: str
    #: The other services that it takes, and which part of each falls to it.
    others: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Staffing:
    """The same until a counter opens or closes, so it is worked out only then."""

    #: The open counters that take each service.
    counters: Mapping[str, tuple[OpenCounter, ...]]


def staffing_of(office: Office, open_counters: Collection[str]) -> Staffing:
    """The staffing of an office with these counters open; counters share what several of them take alike."""
    is_open = [counter for counter in office.counters if counter.id in open_counters]
    taken_by = {each.id: sum(each.id in counter.services for counter in is_open) for each in office.services}
    return Staffing(
        {
            service.id: tuple(
                OpenCounter(counter.id, _others(counter, service.id, taken_by))
                for counter in is_open
                if service.id in counter.services
            )
            for service in office.services
        }
    )


def _others(counter: Counter, service_id: str, taken_by: Mapping[str, int]) -> tuple[tuple[str, float], ...]:
    return tuple((other, 1 / taken_by[other]) for other in counter.services if other != service_id)
