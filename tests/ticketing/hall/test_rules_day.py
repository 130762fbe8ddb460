"""The business day opens, ends, is ended early and goes on longer."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from tests.ticketing.hall.given import (
    SATO,
    START,
    Scene,
    at_counter,
    issue,
    issued,
    office,
    then,
    web,
    with_family,
    with_rules,
)  # fmt: skip
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.model import Hall
from ticketing.hall.office import Office
from ticketing.hall.passing import next_due
from ticketing.hall.rules import decide
from ticketing.hall.ticket import State

TODAY, TOMORROW = date(2026, 9, 1), date(2026, 9, 2)
#: Midnight in Tokyo.
MIDNIGHT = datetime(2026, 9, 1, 15, tzinfo=UTC)
NEXT_MIDNIGHT = MIDNIGHT + timedelta(days=1)
CLOSE = cmd.CloseDay(by=SATO)


def until(at: datetime) -> cmd.ExtendDay:
    return cmd.ExtendDay(by=SATO, until=at)


def opened(day: date, closes_at: datetime, definition: Office | None = None):
    return then(ev.DayOpened, by="tick", day=day, office=definition or office(), closes_at=closes_at)


def closed(*numbers: str, day: date = TODAY, by: str = "tick"):
    return then(ev.DayClosed, by=by, day=day, numbers=numbers)


def seconds_to(at: datetime, scene: Scene) -> float:
    return (at - scene.now).total_seconds()


def test_day_opens_with_the_first_command_in_it():
    hall = Hall.empty(office())
    assert next_due(hall, START) is None

    decision = decide(hall, issue(), START)

    assert decision.events == [
        opened(TODAY, MIDNIGHT).at(1, START, "tick"),
        issued("A001").at(2, START, "kiosk:k1"),
    ]
    assert (decision.of_time, decision.number, decision.refusal) == (1, "A001", None)


def test_day_opens_also_with_a_command_that_is_refused():
    hall = Hall.empty(office())

    decision = decide(hall, issue("fishing"), START)

    assert decision.events == [opened(TODAY, MIDNIGHT).at(1, START, "tick")]
    assert type(decision.refusal) is no.UnknownService


def test_day_ends_by_a_tick_and_names_every_open_ticket():
    scene = Scene(with_family(web=web(grace_seconds=10**6, grace_calls=99)))
    scene.issue(channel="web")
    scene.issue(7)
    scene.open("1", "2", "4")
    scene.call("1", "A002")
    scene.does(at_counter(cmd.NoShow))
    scene.call("1", "A003")
    scene.does(at_counter(cmd.Hold))
    scene.call("1", "A004")
    scene.call("2", "A005")
    scene.does(at_counter(cmd.Start, "2"))
    scene.call("4", "A006")
    scene.does(at_counter(cmd.Complete, "4"))
    scene.does(cmd.Cancel(by="web", number="A007"))
    scene.now = MIDNIGHT
    definition = scene.hall.definition

    scene.check(
        cmd.Tick(),
        closed("A001", "A002", "A003", "A004", "A005", "A008"),
        opened(TOMORROW, NEXT_MIDNIGHT, definition),
    )

    assert scene.hall.tickets == {}
    assert not any(state.is_open for state in scene.hall.counters.values())


def test_day_lasts_until_its_end_and_is_due_then():
    scene = Scene()

    assert next_due(scene.hall, scene.now) == MIDNIGHT
    assert scene.wait(seconds_to(MIDNIGHT, scene) - 0.001) == []
    assert [type(event) for event in scene.wait(0.001)] == [ev.DayClosed, ev.DayOpened]


def test_days_without_anybody_are_not_opened_afterwards():
    scene = Scene()
    scene.now = datetime(2026, 9, 5, 1, tzinfo=UTC)

    scene.check(cmd.Tick(), closed(), opened(date(2026, 9, 5), datetime(2026, 9, 5, 15, tzinfo=UTC)))


def test_day_runs_under_the_definition_it_opened_with():
    scene = Scene()
    later = office(services=office().services[:1], counters=office().counters[:1])
    scene.hall.definition = later

    scene.does(issue("residence"))
    scene.now = MIDNIGHT
    scene.wait(0)
    scene.refuses(issue("residence"), no.UnknownService, service="residence")

    assert scene.hall.office == later


def test_day_turns_at_the_hour_of_the_office():
    night = office(day_starts_at=time(4, 0))
    scene = Scene(night, at=datetime(2026, 9, 1, 18, 59, tzinfo=UTC))

    assert scene.hall.day == TODAY
    scene.check(
        cmd.Tick(),
        closed(),
        opened(TOMORROW, datetime(2026, 9, 2, 19, tzinfo=UTC), night),
        seconds=60,
    )


def test_close_day_ends_it_early():
    scene = Scene().open("1")
    scene.issue(2)
    scene.call()

    scene.check(CLOSE, closed("A001", "A002", by=SATO))

    assert scene.hall.is_closed
    assert [scene.ticket(number).state for number in ("A001", "A002")] == [State.CLOSED] * 2
    assert scene.ticket("A001").ended_by == SATO
    assert (scene.waiting(), scene.hall.counters["1"].is_open) == ([], False)
    scene.refuses(CLOSE, no.DayIsClosed)
    scene.refuses(cmd.Cancel(by="web", number="A001"), no.WrongState, number="A001", state="closed")


def test_day_closed_early_gives_way_to_the_next_at_its_planned_end():
    scene = Scene()
    scene.does(CLOSE)

    assert next_due(scene.hall, scene.now) == MIDNIGHT
    assert scene.wait(3600) == []
    scene.now = MIDNIGHT
    scene.check(cmd.Tick(), opened(TOMORROW, NEXT_MIDNIGHT))


def test_extend_day_lets_it_go_on_past_its_end():
    scene = Scene()
    scene.issue()
    later = MIDNIGHT + timedelta(hours=2)

    scene.check(until(later), then(ev.DayExtended, until=later))
    scene.now = MIDNIGHT + timedelta(hours=1)
    scene.check(issue(), issued("A002", 2))

    assert (scene.hall.day, next_due(scene.hall, scene.now)) == (TODAY, later)
    scene.check(cmd.Tick(), closed("A001", "A002"), opened(TOMORROW, NEXT_MIDNIGHT), seconds=3600)


def test_extend_day_goes_on_after_an_early_close():
    scene = Scene().open("1")
    scene.issue()
    scene.does(CLOSE)
    later = START + timedelta(hours=1)

    scene.check(until(later), then(ev.DayExtended, until=later))

    assert not scene.hall.is_closed
    assert scene.ticket("A001").state is State.CLOSED
    scene.check(issue(), issued("A002"))
    scene.check(at_counter(cmd.OpenCounter), then(ev.CounterOpened, counter="1"))


def test_day_reopened_for_an_hour_ends_then_and_does_not_open_a_second_time():
    scene = Scene()
    scene.does(CLOSE)
    scene.does(until(START + timedelta(hours=1)))

    scene.check(cmd.Tick(), closed(), seconds=3600)
    assert next_due(scene.hall, scene.now) == MIDNIGHT
    assert scene.wait(60) == []
    scene.refuses(issue(), no.DayIsClosed)
    scene.does(until(MIDNIGHT + timedelta(hours=1)))
    scene.check(issue(), issued("A001"))


def test_extend_day_refuses_an_earlier_time_and_more_than_a_day():
    scene = Scene()
    planned = {"closes_at": MIDNIGHT.isoformat()}

    scene.refuses(until(MIDNIGHT), no.WrongUntil, **planned)
    scene.refuses(until(MIDNIGHT + timedelta(hours=24, seconds=1)), no.WrongUntil, **planned)
    scene.does(until(MIDNIGHT + timedelta(hours=24)))
    scene.does(CLOSE)
    scene.refuses(until(scene.now), no.WrongUntil, closes_at=NEXT_MIDNIGHT.isoformat())


def test_day_does_not_open_a_second_time_when_its_turn_was_moved_back():
    scene = Scene()
    scene.hall.definition = replace(office(), day_starts_at=time(5, 0))
    scene.now = MIDNIGHT

    scene.check(cmd.Tick(), closed())
    assert next_due(scene.hall, scene.now) == MIDNIGHT + timedelta(hours=5)
    scene.refuses(issue(), no.DayIsClosed)


def test_day_of_25_and_of_23_hours_where_clocks_are_changed():
    berlin = office(time_zone="Europe/Berlin")

    autumn = Scene(berlin, at=datetime(2026, 10, 25, 0, tzinfo=UTC))
    spring = Scene(berlin, at=datetime(2026, 3, 29, 0, tzinfo=UTC))

    assert autumn.hall.closes_at == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert spring.hall.closes_at == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_next_due_is_the_earliest_of_what_time_will_do():
    scene = Scene(with_rules(no_show_after_seconds=120)).open("1")
    scene.issue()
    scene.call()
    assert next_due(scene.hall, scene.now) == scene.now + timedelta(seconds=120)

    scene.does(at_counter(cmd.Start))
    assert next_due(scene.hall, scene.now) == MIDNIGHT


def test_decision_tells_times_events_from_the_commands():
    scene = Scene(with_rules(no_show_after_seconds=60)).open("1")
    scene.issue(2)
    scene.call()

    decision = scene.decide(at_counter(cmd.CallNext), 60)

    assert (decision.of_time, len(decision.events), decision.number) == (1, 2, "A002")
