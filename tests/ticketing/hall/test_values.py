"""Values made anew are what ``dataclasses.replace`` makes, and the old ones stay as they were."""

from dataclasses import fields, replace

import pytest

from tests.ticketing.hall.given import Scene, call_next
from ticketing.hall.model import CounterState
from ticketing.hall.ticket import State, Ticket
from ticketing.hall.values import changed


@pytest.fixture
def ticket() -> Ticket:
    scene = Scene().open("1")
    scene.issue(2)
    scene.does(call_next())
    return scene.ticket("A001")


def test_named_fields_change_and_no_others(ticket: Ticket) -> None:
    before = replace(ticket)

    after = changed(ticket, state=State.SERVING, overtakes=2, near=("family",))

    assert after == replace(ticket, state=State.SERVING, overtakes=2, near=("family",))
    assert type(after) is Ticket
    assert ticket == before


def test_every_field_is_taken_over(ticket: Ticket) -> None:
    after = changed(ticket)

    assert after is not ticket
    assert [getattr(after, each.name) for each in fields(Ticket)] == [
        getattr(ticket, each.name) for each in fields(Ticket)
    ]
    assert hash(after) == hash(ticket)


def test_kinds_are_told_apart() -> None:
    assert changed(CounterState(), number="A001") == CounterState(number="A001")


def test_unknown_fields_are_refused(ticket: Ticket) -> None:
    with pytest.raises(AttributeError):
        changed(ticket, colour="red")
