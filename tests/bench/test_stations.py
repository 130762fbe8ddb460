"""The simulation against what queueing theory says in closed form."""

import random
from math import factorial, log
from statistics import mean

import pytest

from bench.figures import percentile
from bench.stations import Disk, Simulation, Station

JOBS = 60_000


def _times(
    servers: int, arrivals: float, service: float, is_exponential: bool = True
) -> tuple[list[float], Station, float]:
    """How long jobs of a service rate took in all, of ``JOBS`` that come at a rate; and the station after it."""
    simulation, chance = Simulation(), random.Random(7)
    station = Station(simulation, servers)
    times: list[float] = []

    def arrive() -> None:
        came_at = simulation.now
        seconds = chance.expovariate(service) if is_exponential else 1 / service
        station.ask(seconds, lambda: times.append(simulation.now - came_at))
        if station.taken + len(times) < 3 * JOBS:
            simulation.after(chance.expovariate(arrivals), arrive)

    simulation.at(0, arrive)
    seconds = JOBS / arrivals
    simulation.run(seconds)
    return times, station, seconds


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_one_server_takes_as_long_as_m_m_1(load: float) -> None:
    times, station, seconds = _times(1, load, 1.0)

    assert mean(times) == pytest.approx(1 / (1 - load), rel=0.08)
    assert percentile(times, 0.99) == pytest.approx(log(100) / (1 - load), rel=0.12)
    assert station.utilisation(seconds) == pytest.approx(load, rel=0.03)


@pytest.mark.parametrize(("servers", "load"), [(2, 0.5), (4, 0.8), (8, 0.7)])
def test_more_servers_take_as_long_as_m_m_c(servers: int, load: float) -> None:
    times, station, seconds = _times(servers, load * servers, 1.0)

    offered = load * servers
    waiting = offered**servers / factorial(servers) / (1 - load)
    chance_to_wait = waiting / (sum(offered**each / factorial(each) for each in range(servers)) + waiting)
    assert mean(times) == pytest.approx(1 + chance_to_wait / (servers * (1 - load)), rel=0.05)
    assert station.utilisation(seconds) == pytest.approx(load, rel=0.03)


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_jobs_of_one_length_wait_half_as_long(load: float) -> None:
    times, _, _ = _times(1, load, 1.0, is_exponential=False)

    assert mean(times) - 1 == pytest.approx(load / (2 * (1 - load)), rel=0.08)


def test_jobs_are_taken_in_the_order_in_which_they_came() -> None:
    simulation, ended = Simulation(), []
    station = Station(simulation, 1)
    for name, seconds in (("a", 3.0), ("b", 1.0), ("c", 1.0)):
        station.ask(seconds, lambda name=name: ended.append((name, simulation.now)))  # type: ignore[misc]

    simulation.run(10)

    assert ended == [("a", 3.0), ("b", 4.0), ("c", 5.0)]
    assert station.most_waiting == 2


def test_what_is_due_after_the_end_does_not_happen() -> None:
    simulation, happened = Simulation(), []
    simulation.after(2, lambda: happened.append(2))
    simulation.after(1, lambda: happened.append(1))

    simulation.run(1.5)

    assert (happened, simulation.now) == ([1], 1.5)


def test_a_sync_serves_all_who_asked_before_it_began() -> None:
    simulation, done = Simulation(), []
    disk = Disk(simulation, 1.0)
    for at in (0.0, 0.1, 0.2, 1.5):
        simulation.at(at, lambda at=at: disk.sync(lambda: done.append((at, simulation.now))))  # type: ignore[misc]

    simulation.run(10)

    assert done == [(0.0, 1.0), (0.1, 2.0), (0.2, 2.0), (1.5, 3.0)]
    assert disk.syncs == 3


def test_a_disk_under_any_load_makes_nobody_wait_for_more_than_two_syncs() -> None:
    simulation, chance, times = Simulation(), random.Random(1), []
    disk = Disk(simulation, 0.004)

    def arrive() -> None:
        came_at = simulation.now
        disk.sync(lambda: times.append(simulation.now - came_at))
        simulation.after(chance.expovariate(20_000), arrive)

    simulation.at(0, arrive)
    simulation.run(2)

    assert max(times) <= 0.008 + 1e-9
    assert mean(times) == pytest.approx(0.006, rel=0.03)
    assert disk.utilisation(2) == pytest.approx(1, rel=0.01)
