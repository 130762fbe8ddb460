"""Random sequences of commands, with what must hold whatever happens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.ticketing.hall.board import merge
from tests.ticketing.hall.given import FAMILY, KIOSK, MORI, RESIDENCE, SATO, START, TAX, office, web
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall.model import Hall
from ticketing.hall.office import Rules, Series
from ticketing.hall.passing import WARNED_AFTER_PART, WARNED_BEFORE, next_due
from ticketing.hall.rules import Decision, decide
from ticketing.hall.state import apply
from ticketing.hall.ticket import AT_COUNTER, OPEN, State
from ticketing.hall.verbs.clerk import why_not_undone
from ticketing.hall.view import changes, office_view, queue_view, snapshot

COUNTERS = ("1", "2", "3", "4")
SERVICES = ("family", "residence", "tax")
CHANNELS = ("kiosk", "web", "staff")
THRESHOLD = st.none() | st.integers(0, 4)
#: Numbers that exist come up often, one that does not now and then.
NUMBER = st.integers(0, 30)
COUNTER = st.sampled_from(COUNTERS)
CLERK = st.sampled_from([SATO, SATO, SATO, MORI])

STRICT = Rules(defer_by=2, max_overtakes=2, no_show_after_seconds=90, arrival=("code", "tap"), transfer_place="end")
LOOSE = Rules(calls_before_no_show=2, max_overtakes=None, transfer_place="head", undo_seconds=120)
OFFICES = [
    office(
        rules=rules,
        series=(Series("A", "A", 996, 999), Series("B", "B", 1, 99)),
        services=(
            replace(FAMILY, web=replace(grace, most_open=4)),
            replace(RESIDENCE, priority=1, alert_minutes=3),
            TAX,
        ),
    )
    for rules, grace in (
        (Rules(), web(grace_calls=2, grace_seconds=120)),
        (STRICT, web(grace_calls=2, grace_seconds=120)),
        # Long enough to be warned of some time after it was passed.
        (LOOSE, web(grace_calls=3, grace_seconds=960)),
    )
]


def verb(kind: Any, *states: State, **fields: Any) -> Callable[["HallMachine", str], cmd.Command]:
    """A command at a counter by whoever sits there; with states, of a number in one of them."""

    def command(machine: "HallMachine", counter: str) -> cmd.Command:
        number = {"number": machine.number(machine.hall.seq, *states)} if states else {}
        return kind(by=machine.clerk(counter), counter=counter, **number, **fields)

    return command


def reinstate(machine: "HallMachine", counter: str) -> cmd.Command:
    return cmd.Reinstate(by=machine.clerk(counter), number=machine.number(machine.hall.seq, State.ABSENT))


VERBS = st.lists(
    st.sampled_from([
        verb(cmd.CallNext),
        verb(cmd.CallNext),
        verb(cmd.CallNext, finish="complete"),
        verb(cmd.CallNext, finish="no_show"),
        verb(cmd.CallNext, services=("family",)),
        verb(cmd.CallNext, services=("tax", "residence"), finish="complete"),
        verb(cmd.Call, State.WAITING),
        verb(cmd.Call, *State),
        verb(cmd.Call, State.WAITING, finish="complete"),
        verb(cmd.Call, State.WAITING, finish="no_show"),
        verb(cmd.Recall),
        verb(cmd.Start),
        verb(cmd.Complete),
        verb(cmd.NoShow),
        verb(cmd.NoShow),
        verb(cmd.Hold),
        verb(cmd.Hold, reason="papers"),
        verb(cmd.Hold, reason="lunch"),
        verb(cmd.Resume, State.HELD),
        verb(cmd.Resume, *State),
        reinstate,
        reinstate,
        *(verb(cmd.Transfer, service=service) for service in SERVICES),
        verb(cmd.Transfer, service="tax", reason="papers"),
        verb(cmd.CallNext, finish="complete", guard="A996"),
        verb(cmd.Complete, guard="A997"),
        *[verb(cmd.Undo)] * 4,
    ]),
    min_size=1,
    max_size=8,
)  # fmt: skip


class HallMachine(RuleBasedStateMachine):
    """An office with four counters, two clerks and any number of visitors."""

    @initialize(definition=st.sampled_from(OFFICES))
    def begin(self, definition: Any) -> None:
        self.now = START
        self.hall = Hall.empty(definition)
        self.events: list[ev.Event] = []
        self.given: set[tuple[object, str]] = set()
        self.near: set[tuple[object, str, str]] = set()
        self.warned: set[tuple[object, str]] = set()
        self.carry_out(cmd.Tick())
        for counter in COUNTERS:
            self.carry_out(cmd.OpenCounter(by=SATO, counter=counter))
        self.issue("family", "kiosk", 3)

    # Every command comes through here

    def carry_out(self, command: cmd.Command) -> Decision:
        view = snapshot(self.hall, self.now)
        untouched, before = self.hall.copy(), self.hall.copy()
        draft = self.hall.copy()
        decision = decide(draft, command, self.now)
        assert self.hall == untouched, "a decision leaves the hall alone"
        for event in decision.events:
            apply(self.hall, event)
            self.events.append(event)
            self.note(event)
        assert draft == self.hall, "the events alone lead to the same hall"
        assert [event.seq for event in decision.events] == list(range(before.seq + 1, self.hall.seq + 1))
        self.check_refusal(before, command, decision)
        self.check_undo(before, command, decision)
        self.check_view(view, decision)
        return decision

    def note(self, event: ev.Event) -> None:
        assert msgspec.json.decode(msgspec.json.encode(event), type=ev.KINDS[type(event).__name__]) == event
        day = self.hall.day
        if isinstance(event, ev.TicketIssued):
            assert (day, event.number) not in self.given, "no number is given twice in a day"
            self.given.add((day, event.number))
        if isinstance(event, ev.TurnNear):
            assert (day, event.number, event.service) not in self.near, "a turn is near once for a service"
            self.near.add((day, event.number, event.service))
        if isinstance(event, ev.ExpiryNear):
            assert (day, event.number) not in self.warned, "a visitor is warned once of an expiry"
            self.warned.add((day, event.number))
            ticket = self.hall.tickets[event.number]
            assert ticket.state is State.EXPECTED and ticket.alert is not None and ticket.passed_at is not None
            assert event.expires_at is None or event.at < event.expires_at <= event.at + WARNED_BEFORE

    def check_refusal(self, before: Hall, command: cmd.Command, decision: Decision) -> None:
        if decision.refusal is None:
            return
        assert decision.number is None
        assert {event.by for event in decision.events} <= {"tick"}
        decide(before, cmd.Tick(), self.now)
        # Taking a ticket leaves alerts by minutes to the next tick.
        if type(command) is not cmd.Issue or decision.of_time:
            assert before == self.hall, "a refusal changes nothing but what time does"
        else:
            assert decision.events == []

    def check_undo(self, before: Hall, command: cmd.Command, decision: Decision) -> None:
        """A call, complete or no_show that is undone at once leaves everything as it was."""
        if not isinstance(command, cmd.CallNext | cmd.Call | cmd.Complete | cmd.NoShow) or decision.refusal:
            return
        steps = [
            event
            for event in decision.events
            if isinstance(event, ev.TicketCalled | ev.TicketCompleted | ev.TicketNoShow)
        ]
        due = next_due(self.hall, self.now)
        if decision.of_time or not steps or due is None or due <= self.now:
            # What time does first, such as the end of a ticket that the call passed once too often, stays done.
            return
        draft = self.hall.copy()
        for _ in steps:
            assert decide(draft, cmd.Undo(by=command.by, counter=command.counter), self.now).refusal is None
        assert undoable_part(draft) == undoable_part(before)

    def check_view(self, view: dict[str, Any], decision: Decision) -> None:
        after = snapshot(self.hall, self.now)
        merged = merge(view, changes(view, after))
        assert {**merged, "calls": None} == {**after, "calls": None}
        told = [call["seq"] for call in changes(view, after)["calls"]]
        assert len(told) == len(set(told)) and told == sorted(told)

    # Visitors

    @rule(service=st.sampled_from(SERVICES), channel=st.sampled_from(CHANNELS), count=st.integers(1, 4))
    def issue(self, service: str, channel: Any, count: int) -> None:
        for _ in range(count):
            self.carry_out(cmd.Issue(by=KIOSK, service=service, channel=channel, language="ja"))

    @rule(index=NUMBER, way=st.sampled_from(["code", "kiosk", "staff", "tap"]))
    def arrive(self, index: int, way: Any) -> None:
        self.carry_out(cmd.Arrive(by="web", number=self.number(index, State.EXPECTED), way=way))

    @rule(index=NUMBER)
    def defer(self, index: int) -> None:
        self.carry_out(cmd.Defer(by="web", number=self.number(index, State.WAITING, State.EXPECTED)))

    @rule(index=NUMBER)
    def cancel(self, index: int) -> None:
        self.carry_out(cmd.Cancel(by="web", number=self.number(index)))

    @rule(index=NUMBER, ahead=THRESHOLD, minutes=THRESHOLD)
    def request_alert(self, index: int, ahead: int | None, minutes: int | None) -> None:
        self.carry_out(cmd.RequestAlert(by="web", number=self.number(index), ahead=ahead, minutes=minutes))

    @rule(index=NUMBER)
    def withdraw_alert(self, index: int) -> None:
        self.carry_out(cmd.WithdrawAlert(by="web", number=self.number(index)))

    # Clerks

    @rule(counter=COUNTER, by=CLERK)
    def open_counter(self, counter: str, by: str) -> None:
        self.carry_out(cmd.OpenCounter(by=by, counter=counter))

    @rule(counter=COUNTER, by=CLERK, force=st.booleans())
    def close_counter(self, counter: str, by: str, force: bool) -> None:
        self.carry_out(cmd.CloseCounter(by=by, counter=counter, force=force, reason="break" if force else None))
        self.carry_out(cmd.OpenCounter(by=by, counter=counter))

    @rule(counter=COUNTER, verbs=VERBS, pause=st.sampled_from([0, 0, 7]))
    def work(self, counter: str, verbs: list[Callable[["HallMachine", str], cmd.Command]], pause: int) -> None:
        """A clerk does several things one after the other."""
        for verb in verbs:
            self.now += timedelta(seconds=pause)
            self.carry_out(verb(self, counter))

    @rule(counter=COUNTER, other=COUNTER, verbs=VERBS, pause=st.sampled_from([0, 0, 7]))
    def work_together(self, counter: str, other: str, verbs: Any, pause: int) -> None:
        """Two clerks take turns."""
        for place, verb in enumerate(verbs):
            self.now += timedelta(seconds=pause)
            self.carry_out(verb(self, (counter, other)[place % 2]))

    # Supervisors and time

    @rule(service=st.sampled_from(SERVICES), channel=st.sampled_from(CHANNELS), opens=st.booleans())
    def switch_service(self, service: str, channel: Any, opens: bool) -> None:
        kind = cmd.OpenService if opens else cmd.CloseService
        self.carry_out(kind(by=SATO, service=service, channels=(channel,)))

    @rule(quota=st.none() | st.integers(0, 9), text=st.none() | st.just("Noon"), lasts=st.none() | st.integers(0, 90))
    def set_things(self, quota: int | None, text: str | None, lasts: int | None) -> None:
        self.carry_out(cmd.SetQuota(by=SATO, service="family", quota=quota))
        until = None if lasts is None else self.now + timedelta(seconds=lasts)
        self.carry_out(cmd.SetNotice(by=SATO, text=text, until=until))

    @rule(
        index=st.integers(0, 30),
        state=st.sampled_from([None, "completed", "absent", "cancelled"]),
        service=st.none() | st.sampled_from(SERVICES),
    )
    def correct(self, index: int, state: Any, service: str | None) -> None:
        number = self.number(index, State.COMPLETED, State.ABSENT, State.CANCELLED, State.EXPIRED)
        self.carry_out(cmd.Tick())
        waiting = {key: list(queue) for key, queue in self.hall.queues.items()}
        self.carry_out(cmd.Correct(by=SATO, number=number, reason="papers", state=state, service=service))
        assert {key: list(queue) for key, queue in self.hall.queues.items()} == waiting

    @rule(seconds=st.sampled_from([1, 5, 20, 31, 95, 130]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.carry_out(cmd.Tick())

    @rule(seconds=st.sampled_from([1, 29, 31]))
    def wait_without_a_tick(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(choice=st.integers(0, 19))
    def turn_the_day(self, choice: int) -> None:
        if choice == 0:
            self.now += timedelta(hours=24)
            self.carry_out(cmd.Tick())
        elif choice == 1:
            self.carry_out(cmd.CloseDay(by=SATO))
        elif choice in (2, 3, 4):
            self.carry_out(cmd.ExtendDay(by=SATO, until=self.now + timedelta(hours=choice * 5)))

    # Helpers

    def number(self, index: int, *states: State) -> str:
        """A number of the day in one of these states, if there is one."""
        wanted = [number for number, ticket in self.hall.tickets.items() if not states or ticket.state in states]
        candidates = wanted or list(self.hall.tickets)
        return candidates[index % len(candidates)] if candidates and index != 30 else "Z999"

    def clerk(self, counter: str) -> str:
        return self.hall.counters[counter].staff or SATO

    # What must hold

    @invariant()
    def a_counter_and_its_ticket_agree(self) -> None:
        there = {key: state.number for key, state in self.hall.counters.items() if state.number}
        assert len(set(there.values())) == len(there)
        at_counters = {each.counter: each.number for each in self.hall.tickets.values() if each.state in AT_COUNTER}
        assert at_counters == there
        assert all(self.hall.counters[key].is_open for key in there)

    @invariant()
    def every_index_is_what_the_tickets_say(self) -> None:
        hall, tickets = self.hall, list(self.hall.tickets.values())
        for service_id, queue in hall.queues.items():
            waiting = [each for each in tickets if each.state is State.WAITING and each.service == service_id]
            assert list(queue) == [each.number for each in sorted(waiting, key=hall.rank)]
            assert queue._yielding == sorted((each.yields_to_seq, each.number) for each in waiting)
            of_web = [each for each in tickets if each.service == service_id and each.channel == "web"]
            assert hall.services[service_id].web_open == sum(each.state in OPEN for each in of_web)
        assert set(hall.expected) == {each.number for each in tickets if each.state is State.EXPECTED}
        assert set(hall.absent) == {each.number for each in tickets if each.state is State.ABSENT}
        assert set(hall.awaiting_alert) == {each.number for each in tickets if each.awaits_alert}

    @invariant()
    def counts_are_never_negative(self) -> None:
        for ticket in self.hall.tickets.values():
            assert min(ticket.overtakes, ticket.deferrals, ticket.passed_calls, ticket.served_seconds) >= 0
            assert (ticket.passed_at is None) == (not ticket.passed_by and ticket.passed_idle is None)

    @invariant()
    def time_has_nothing_to_do_before_it_is_due(self) -> None:
        due = next_due(self.hall, self.now)
        assert due is not None
        if due > self.now:
            draft = self.hall.copy()
            events = decide(draft, cmd.Tick(), due - timedelta(milliseconds=1)).events
            assert {type(event) for event in events} <= {ev.TurnNear}

    @invariant()
    def nobody_expires_unwarned_who_asked(self) -> None:
        due = next_due(self.hall, self.now)
        for number in self.hall.expected:
            ticket = self.hall.tickets[number]
            awaits_warning = ticket.alert is not None and ticket.passed_at is not None and not ticket.is_warned
            if awaits_warning and due is not None and due > self.now:
                grace = self.hall.definition_of(ticket.service).web
                assert grace is not None and ticket.passed_calls < grace.grace_calls * WARNED_AFTER_PART
                assert self.now + WARNED_BEFORE < ticket.passed_at + timedelta(seconds=grace.grace_seconds)

    @invariant()
    def everything_can_be_looked_at(self) -> None:
        office_view(self.hall, self.now, "en")
        view = queue_view(self.hall, self.now, "ja")
        assert len(view["tickets"]) == sum(each.is_open for each in self.hall.tickets.values())
        for counter in view["counters"]:
            if counter["undo"] is not None:
                assert why_not_undone(self.hall, counter["id"], self.hall.counters[counter["id"]].steps[-1]) is None

    def teardown(self) -> None:
        if not hasattr(self, "hall"):
            return
        again = Hall.empty(self.hall.definition)
        for event in self.events:
            apply(again, event)
        assert again == self.hall, "the fold of all events from the beginning is the same hall"


def undoable_part(hall: Hall) -> dict[str, Any]:
    """The hall but for its seq and time, alerts, and what undo itself keeps in mind."""
    kept = hall.copy()
    kept.seq, kept.at, kept.awaiting_alert = 0, None, {}
    kept.tickets = {key: replace(each, near=(), is_warned=False) for key, each in hall.tickets.items()}
    kept.counters = {key: replace(each, steps=(), absence_undone_at=None) for key, each in hall.counters.items()}
    # An undone end of the list of calls and times gives none back that was dropped at its front.
    kept.calls = hall.calls[-20:]
    kept.services = {key: replace(each, times=each.times[-20:]) for key, each in hall.services.items()}
    return {name: getattr(kept, name) for name in Hall.__slots__ if name != "queues"} | {
        "queues": {key: list(queue) for key, queue in hall.queues.items()}
    }


@pytest.mark.parametrize("steps", [12, 60])
def test_hall_keeps_its_promises_over_random_commands(steps):
    run_state_machine_as_test(
        HallMachine,
        settings=settings(
            max_examples=100,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
