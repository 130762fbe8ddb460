from dataclasses import replace

import pytest

from bench.profile import HALF_HOURS, PEAK, arrivals
from bench.scale_model import SCENARIOS, Costs, Country, Scenario, asked, figures, main, memory_of_a_node, offices_of

COSTS = Costs.read()
SMALL = Scenario("small", 40, 20.0, 4_000, nodes=4, clusters=2, cluster_cores=2, spread_above=0.03)


def test_offices_share_all_visitors_and_all_watchers() -> None:
    offices = offices_of(SMALL)

    assert len(offices) == SMALL.offices
    assert sum(office.share for office in offices) == pytest.approx(1)
    assert sum(sum(office.watchers.values()) for office in offices) == pytest.approx(SMALL.watchers)


def test_clusters_have_nodes_of_their_own() -> None:
    offices = offices_of(SMALL)

    assert {office.node % 2 for office in offices if office.cluster == 0} == {0}
    assert {office.node % 2 for office in offices if office.cluster == 1} == {1}


def test_nodes_that_follow_others_do_less_in_more_clusters() -> None:
    one, two = replace(SMALL, clusters=1, watchers=0), replace(SMALL, watchers=0)

    assert asked(two, COSTS)["busiest node"] < asked(one, COSTS)["busiest node"]


def test_only_large_offices_are_watched_on_every_node() -> None:
    offices = offices_of(SMALL)

    assert {len(office.watchers) for office in offices if office.share > 0.03} == {2}
    assert all(list(office.watchers) == [office.node] for office in offices if office.share <= 0.03)


def test_simulation_is_as_busy_as_the_fluid_says() -> None:
    country = Country(SMALL, COSTS, seed=3)
    country.run(120)
    fluid = asked(SMALL, COSTS)

    assert max(node.utilisation(120) for node in country.nodes) == pytest.approx(fluid["busiest node"], rel=0.06)
    assert max(each.utilisation(120) for each in country.clusters) == pytest.approx(fluid["PostgreSQL"], rel=0.06)
    assert country.proxied / (120 * SMALL.proxy_cores) == pytest.approx(fluid["proxies"], rel=0.06)


def test_every_ticket_is_answered_and_told() -> None:
    result = Country(SMALL, COSTS, seed=3).run(120)

    commands = SMALL.tickets_per_second * (2 + COSTS["other_commands_a_ticket"]) * 120
    assert len(result.answers) == pytest.approx(commands, rel=0.06)
    assert len(result.looks) == pytest.approx(SMALL.tickets_per_second * COSTS["looks_a_ticket"] * 120, rel=0.06)
    calls = SMALL.tickets_per_second * (1 + COSTS["other_commands_a_ticket"]) * 120
    assert len(result.frames) == pytest.approx(calls, rel=0.1)


def test_an_idle_system_answers_in_the_sum_of_its_parts() -> None:
    quiet = Scenario("quiet", 10, 0.5, 0, nodes=4, clusters=1, cluster_cores=4)
    result = Country(quiet, COSTS, seed=5).run(4000)

    calls = 1 + COSTS["other_commands_a_ticket"]
    work = [
        (COSTS.cpu("issue") + COSTS.cpu("postgres_issue"), 1),
        (COSTS.cpu("call_next") + COSTS.cpu("postgres_call_next"), calls),
    ]
    busy = sum(seconds * many for seconds, many in work) / (1 + calls)
    wanted = busy + 2 * COSTS["network_seconds"] + COSTS["postgres_sync_seconds"]
    assert sum(result.answers) / len(result.answers) == pytest.approx(wanted, rel=0.05)


def test_the_same_seed_gives_the_same_figures() -> None:
    assert figures(SMALL, COSTS, seed=2, seconds=5) == figures(SMALL, COSTS, seed=2, seconds=5)


def test_frames_grow_with_the_square_of_the_load_and_commands_with_the_load() -> None:
    quiet = replace(SMALL, watchers=0)

    assert asked(quiet, COSTS, 2.0)["busiest node"] == pytest.approx(2 * asked(quiet, COSTS)["busiest node"])
    growth = asked(SMALL, COSTS, 2.0)["busiest node"] / asked(SMALL, COSTS)["busiest node"]
    assert 2 < growth < 4


def test_what_saturates_first_is_asked_for_everything_at_that_many_times_the_load() -> None:
    line = figures(SMALL, COSTS, seconds=2)

    assert asked(SMALL, COSTS, line["times_the_load"])[line["saturates_first"]] == pytest.approx(1, rel=0.02)


def test_memory_is_that_of_the_node_with_the_most_watchers() -> None:
    one = replace(SMALL, nodes=1, clusters=1)

    assert memory_of_a_node(one, COSTS) == pytest.approx(4_000 * COSTS["visitor_bytes"] + COSTS["resident_mib"] * 2**20)


def test_set_ups_that_are_recommended_have_room() -> None:
    recommended = [each for each in SCENARIOS if each.name.endswith(("city", "municipalities"))]

    assert len(recommended) == 5
    for scenario in recommended:
        assert max(asked(scenario, COSTS).values()) < 0.6, scenario.name


def test_day_has_its_peak_where_the_profile_has_it() -> None:
    times = arrivals(50_000, 18.0, seed=1)

    assert times == sorted(times)
    assert len(times) == 50_000
    busiest = max(range(18), key=lambda place: sum(place <= each < place + 1 for each in times))
    assert HALF_HOURS[busiest] == max(HALF_HOURS)
    in_it = sum(busiest <= each < busiest + 1 for each in times)
    assert in_it == pytest.approx(50_000 / 18 * PEAK, rel=0.05)


def test_a_set_up_that_is_none_is_refused() -> None:
    with pytest.raises(SystemExit, match='The set-ups are "one city", '):
        main(["one city", "two cities"])
