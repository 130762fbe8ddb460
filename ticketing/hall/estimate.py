"""How long a visitor will wait, as an honest range.

Each counter open for the service has something to do before it can take the visitors of this service: whom it is busy
with, and its part of the people of other services who go first. When it has done that, it joins in working off the
people ahead in the service itself. The estimate is the time at which these are done and a counter is free (a walk along
the roster; it beat queue-length and last-waits rules in simulations of such counters). A service time is taken to be
about as uncertain as it is long, and the people ahead as independent of each other: their uncertainties add up as
squares, so that the range narrows, relative to the wait, with 1 / sqrt(n), and one more person ahead in the service
never makes it shorter.
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil, sqrt

from ticketing.hall.model import CounterState, Hall
from ticketing.hall.order import place_by_issue
from ticketing.hall.staffing import Team
from ticketing.hall.ticket import QUEUED, Place, Ticket
from ticketing.hall.values import value

#: How far the range reaches below and above the estimate, as parts of its uncertainty.
BELOW, ABOVE = 0.6, 0.9
#: A visitor at a counter needs at least this part of the usual time from now on, however long it took so far.
LEAST_LEFT = 0.25
_MINUTE = 60


@value(frozen=True, slots=True)
class Range:
    """A waiting time in seconds, in whole minutes: not less than ``low``, hardly more than ``high``."""

    low: int
    high: int


class Outlook:
    """The waits of a hall at one moment; what they have in common is reckoned once for all who ask."""

    def __init__(self, hall: Hall, now: datetime) -> None:
        self._hall, self._now = hall, now
        self._free_in: dict[str, float] = {}
        #: By service, the counters' joining where nobody of another service goes first.
        self._alone: dict[str, _Joining] = {}

    def of(self, ticket: Ticket) -> Range | None:
        """The wait of a ticket in a queue (as if it had arrived); None when it cannot be known."""
        hall = self._hall
        if ticket.state not in QUEUED:
            return None
        if hall.seq == ticket.issue_seq and hall.at == self._now:
            # Nothing has changed since it was reckoned for the issue.
            return _range_at_issue(ticket)
        return self.at(ticket.service, hall.rank(ticket), ticket.number)

    def of_newcomer(self, service_id: str) -> Range | None:
        """The wait of somebody who would take a ticket now."""
        hall = self._hall
        return self.at(service_id, place_by_issue(hall.definition_of(service_id).priority, hall.seq + 1), "")

    def at(self, service_id: str, place: Place, number: str) -> Range | None:
        """The wait at a place of a service's queue; None when no counter is open for it."""
        hall = self._hall
        teams = hall.staffing.teams[service_id]
        if not teams:
            return None
        mean = hall.services[service_id].mean_seconds
        people = hall.queues[service_id].ahead_of(place, number)
        joining = self._joining(service_id, teams, place, number)
        variance = joining.variance + people * (mean / len(joining.seconds)) ** 2
        return _range(_when_done(joining.seconds, people * mean), sqrt(variance))

    def _joining(self, service_id: str, teams: Sequence[Team], place: Place, number: str) -> "_Joining":
        before = [_others_before(self._hall, team, place, number) for team in teams]
        if any(seconds for seconds, _ in before):
            return self._joined(teams, before)
        if service_id not in self._alone:
            self._alone[service_id] = self._joined(teams, before)
        return self._alone[service_id]

    def _joined(self, teams: Sequence[Team], before: Sequence[tuple[float, float]]) -> "_Joining":
        joining = []
        for team, (seconds, variance) in zip(teams, before):
            for counter_id in team.counters:
                free_in = self._free_in_of(counter_id)
                joining.append((free_in + seconds, free_in * free_in + variance))
        joining.sort()
        return _Joining([seconds for seconds, _ in joining], joining[0][1])

    def _free_in_of(self, counter_id: str) -> float:
        found = self._free_in.get(counter_id)
        if found is None:
            found = self._free_in[counter_id] = _free_in(self._hall, self._hall.counters[counter_id], self._now)
        return found


@value(frozen=True, slots=True)
class _Joining:
    """When each counter has done what goes before these visitors, the first first, and how uncertain the first is."""

    seconds: Sequence[float]
    variance: float


def wait_of(hall: Hall, ticket: Ticket, now: datetime) -> Range | None:
    """The wait of one ticket; see ``Outlook``."""
    return Outlook(hall, now).of(ticket)


def wait_at(hall: Hall, service_id: str, place: Place, number: str, now: datetime) -> Range | None:
    """The wait at one place; see ``Outlook``."""
    return Outlook(hall, now).at(service_id, place, number)


def _range_at_issue(ticket: Ticket) -> Range | None:
    low, high = ticket.wait_low_at_issue, ticket.wait_high_at_issue
    return None if low is None or high is None else Range(low, high)


def _others_before(hall: Hall, team: Team, place: Place, number: str) -> tuple[float, float]:
    """For each counter of the team, its part of other services' people who go first: seconds, and their variance."""
    seconds = variance = 0.0
    for other, part in team.others:
        if people := hall.queues[other].ahead_of(place, number):
            mean = hall.services[other].mean_seconds
            seconds += people * part * mean
            variance += people * part * mean * mean
    return seconds, variance


def _free_in(hall: Hall, counter: CounterState, now: datetime) -> float:
    """Seconds until the counter is likely to have its present visitor done."""
    if counter.number is None:
        return 0.0
    ticket = hall.tickets[counter.number]
    usual = hall.services[ticket.service].mean_seconds
    since = ticket.at_counter_since or now
    spent = ticket.served_seconds + max(0.0, (now - since).total_seconds())
    return max(usual - spent, usual * LEAST_LEFT)


def _when_done(joining: Sequence[float], work: float) -> float:
    """Seconds until the work is done and a counter is free, the counters joining one by one (``joining`` ascends)."""
    busy = 0.0
    for at_work, joins in enumerate(joining):
        done = (work + busy) / at_work if at_work else 0.0
        if at_work and done <= joins:
            return done
        busy += joins
    return (work + busy) / len(joining) if work else joining[0]


def _range(seconds: float, uncertainty: float) -> Range:
    low = max(0.0, seconds - BELOW * uncertainty)
    high = seconds + ABOVE * uncertainty
    return Range(int(low // _MINUTE) * _MINUTE, ceil(high / _MINUTE) * _MINUTE)
