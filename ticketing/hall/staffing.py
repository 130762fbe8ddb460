"""Which services the open counters take, and how they share the people who wait."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ticketing.hall.office import Office


@dataclass(frozen=True, slots=True)
class Staffing:
    """The same until a counter opens or closes, so it is worked out only then."""

    #: The open counters that take each service, by id.
    counters: Mapping[str, tuple[str, ...]]
    #: For each service: what else its open counters work off (itself included), and which part of that falls to them.
    shares: Mapping[str, tuple[tuple[str, float], ...]]


def staffing_of(office: Office, open_counters: Collection[str]) -> Staffing:
    """The staffing of an office with these counters open."""
    counters = {
        service.id: tuple(each.id for each in office.counters_for(service.id) if each.id in open_counters)
        for service in office.services
    }
    return Staffing(counters, {service_id: _shares(counters, service_id) for service_id in counters})


def _shares(counters: Mapping[str, tuple[str, ...]], service_id: str) -> tuple[tuple[str, float], ...]:
    ours = set(counters[service_id])
    return tuple(
        (other, len(ours.intersection(theirs)) / len(theirs))
        for other, theirs in counters.items()
        if not ours.isdisjoint(theirs)
    )
