"""How long a visitor will wait, as an honest range.

The counters open for the service work off what stands before the visitor: the people ahead, each with the usual time
of their service, and what the counters are busy with. The estimate is the time at which the counters have done that
work when all of them go on (a walk along the roster; it beat queue-length and last-waits rules in simulations of such
counters). A service time is taken to be about as uncertain as it is long, and the people ahead as independent of each
other: their uncertainties add up as squares, so that the range narrows, relative to the wait, with 1 / sqrt(n), and
one more person ahead never makes it shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil, hypot, sqrt

from ticketing.hall.order import place_by_issue
from ticketing.hall.state import CounterState, Hall
from ticketing.hall.ticket import QUEUED, Place, Ticket

#: How far the range reaches below and above the estimate, as parts of its uncertainty.
BELOW, ABOVE = 0.6, 0.9
#: A visitor at a counter needs at least this part of the usual time from now on, however long it took so far.
LEAST_LEFT = 0.25
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Range:
    """A waiting time in seconds, in whole minutes: not less than ``low``, hardly more than ``high``."""

    low: int
    high: int


def wait_of(hall: Hall, ticket: Ticket, now: datetime) -> Range | None:
    """The wait of a ticket in a queue (as if it had arrived); None when it cannot be known."""
    if ticket.state not in QUEUED:
        return None
    if hall.seq == ticket.issue_seq and hall.at == now:
        # Nothing has changed since it was reckoned for the issue.
        return _range_at_issue(ticket)
    return wait_at(hall, ticket.service, hall.rank(ticket), ticket.number, now)


def wait_of_newcomer(hall: Hall, service_id: str, now: datetime) -> Range | None:
    """The wait of somebody who would take a ticket now."""
    place = place_by_issue(hall.definition_of(service_id).priority, hall.seq + 1)
    return wait_at(hall, service_id, place, "", now)


def wait_at(hall: Hall, service_id: str, place: Place, number: str, now: datetime) -> Range | None:
    """The wait at a place of a service's queue; None when no counter is open for it."""
    counters = hall.staffing.counters[service_id]
    if not counters:
        return None
    work, squares = _ahead(hall, service_id, place, number)
    free_in = sorted([_free_in(hall, hall.counters[counter_id], now) for counter_id in counters])
    return _range(_when_done(free_in, work), hypot(free_in[0], sqrt(squares) / len(counters)))


def _range_at_issue(ticket: Ticket) -> Range | None:
    low, high = ticket.wait_low_at_issue, ticket.wait_high_at_issue
    return None if low is None or high is None else Range(low, high)


def _ahead(hall: Hall, service_id: str, place: Place, number: str) -> tuple[float, float]:
    """The work (seconds) ahead of a place that falls to the counters of its service, and the sum of its squares."""
    work = squares = 0.0
    for other, part in hall.staffing.shares[service_id]:
        if ahead := hall.queues[other].ahead_of(place, number):
            seconds = ahead * part * hall.services[other].mean_seconds
            work += seconds
            squares += seconds * hall.services[other].mean_seconds
    return work, squares


def _free_in(hall: Hall, counter: CounterState, now: datetime) -> float:
    """Seconds until the counter is likely to have its present visitor done."""
    if counter.number is None:
        return 0.0
    ticket = hall.tickets[counter.number]
    usual = hall.services[ticket.service].mean_seconds
    since = ticket.at_counter_since or now
    spent = ticket.served_seconds + max(0.0, (now - since).total_seconds())
    return max(usual - spent, usual * LEAST_LEFT)


def _when_done(free_in: Sequence[float], work: float) -> float:
    """Seconds until the work is done and a counter is free, the counters joining one by one (``free_in`` ascends)."""
    busy = 0.0
    for at_work, joins in enumerate(free_in):
        done = (work + busy) / at_work if at_work else 0.0
        if at_work and done <= joins:
            return done
        busy += joins
    return (work + busy) / len(free_in) if work else free_in[0]


def _range(seconds: float, uncertainty: float) -> Range:
    low = max(0.0, seconds - BELOW * uncertainty)
    high = seconds + ABOVE * uncertainty
    return Range(int(low // _MINUTE) * _MINUTE, ceil(high / _MINUTE) * _MINUTE)
