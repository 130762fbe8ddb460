import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.ticketing.hall.given import SATO, START, Scene, at_counter, call_next, issue
from ticketing.audit import Entry
from ticketing.hall import commands as cmd
from ticketing.hall import refusals as no
from ticketing.hall.view import counter_view, day_view, service_view, ticket_view, undo_view
from ticketing.orders import Answer, Order, Unavailable, answer_body

ANSWER = Answer({"number": "A001"}, START.date())


def order(command: cmd.Command | None = None, **fields: Any) -> Order:
    return Order(command or issue(), asyncio.get_running_loop().create_future(), 0.0, **fields)


async def test_an_order_tells_its_answer_or_its_refusal() -> None:
    answered, refused = order(answer=ANSWER), order(refusal=no.OfficeClosed())

    for each in (answered, refused):
        each.settle()

    assert await answered.done == ANSWER
    with pytest.raises(no.OfficeClosed):
        await refused.done


async def test_an_order_is_told_once() -> None:
    settled, failed = order(answer=ANSWER), order(answer=ANSWER)

    settled.settle()
    settled.fail()
    failed.fail()
    failed.settle()

    assert await settled.done == ANSWER
    with pytest.raises(Unavailable):
        await failed.done


async def test_a_caller_that_went_away_is_not_told() -> None:
    gone = order(answer=ANSWER)
    gone.done.cancel()

    gone.settle()
    gone.fail()

    assert gone.done.cancelled()


async def test_every_order_has_an_id_of_its_own() -> None:
    assert len({order().command_id for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("command", "what", "target"),
    [
        (call_next("2"), "queue.call-next", "2"),
        (cmd.Reinstate(by=SATO, number="A001"), "queue.reinstate", "A001"),
        (at_counter(cmd.Resume, "2", number="A001"), "queue.resume", "A001"),
        (cmd.SetQuota(by=SATO, service="tax", quota=3), "queue.set-quota", "tax"),
        (cmd.SetNotice(by=SATO, text="Ask Hanako, 090-1234-5678"), "queue.set-notice", None),
    ],
)
async def test_what_staff_do_is_for_the_record(command: cmd.Command, what: str, target: str | None) -> None:
    entry = Entry(at=START, who=SATO, what=what, target=target, office_id="ward", address="192.0.2.7")

    done = order(command, address="192.0.2.7").audit_entry("ward", START)
    refused = order(command, address="192.0.2.7", refusal=no.WrongState()).audit_entry("ward", START)

    assert (done, refused) == (entry, replace(entry, result="wrong_state"))


@pytest.mark.parametrize("command", [issue(), issue(channel="web"), cmd.Tick(), cmd.CloseDay(by="purge")])
async def test_what_others_do_is_not_for_the_record(command: cmd.Command) -> None:
    assert order(command).audit_entry("ward", START) is None


def test_the_answer_is_what_the_command_was_about() -> None:
    scene = Scene().open("1")
    scene.issue()
    hall = scene.hall

    bodies = [
        answer_body(hall, issue(), "A001", START),
        answer_body(hall, call_next(), "A001", START),
        answer_body(hall, call_next(), None, START),
        answer_body(hall, at_counter(cmd.OpenCounter), None, START),
        answer_body(hall, cmd.SetQuota(by=SATO, service="tax", quota=3), None, START),
        answer_body(hall, cmd.CloseDay(by=SATO), None, START),
        answer_body(hall, cmd.Tick(), None, START),
    ]

    assert bodies == [
        ticket_view(hall, hall.tickets["A001"], START),
        {**ticket_view(hall, hall.tickets["A001"], START), "undo": undo_view(hall, "1", START)},
        None,
        counter_view(hall, "1", START),
        service_view(hall, "tax"),
        day_view(hall),
        None,
    ]
