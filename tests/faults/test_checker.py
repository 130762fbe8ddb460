"""The checker of answers finds what it is there for."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.checker import faults_of
from tests.history import Kind, Wish
from ticketing.hall.events import Event, TicketCalled, TicketCompleted, TicketIssued
from ticketing.journal.base import Recorded

DAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 1, tzinfo=UTC)


def issued(seq: int, number: str) -> Event:
    return TicketIssued(
        seq=seq, at=AT, by="kiosk:k", number=number, service="tax", series="b", channel="kiosk", language="ja",
        state="waiting", position=1, wait_low=None, wait_high=None,
    )  # fmt: skip


def called(seq: int, number: str, counter: str = "c1") -> Event:
    return TicketCalled(seq=seq, at=AT, by="staff:sato", number=number, counter=counter)


def completed(seq: int, number: str) -> Event:
    return TicketCompleted(seq=seq, at=AT, by="staff:sato", number=number, counter="c1")


def wish(kind: Kind, number: str, asked_at: float) -> Wish:
    """Answered one second later."""
    answer = {"business_day": DAY.isoformat(), "number": number}
    path = "/tickets" if kind == "issue" else f"/counters/c1/{kind}"
    return Wish(kind, path, {}, f"{kind}-{number}", asked_at, asked_at + 1, 200, answer)


def events() -> list[Event]:
    return [issued(1, "B001"), issued(2, "B002"), called(3, "B001"), completed(4, "B001"), called(5, "B002")]


def wishes() -> list[Wish]:
    return [
        wish("issue", "B001", 1), wish("issue", "B002", 3), wish("call", "B001", 5), wish("complete", "B001", 7),
        wish("call", "B002", 9),
    ]  # fmt: skip


def faults(what: list[Wish], journal: list[Event]) -> list[str]:
    return faults_of(what, [Recorded(DAY, event) for event in journal])


def test_what_goes_together_is_left_alone() -> None:
    assert faults(wishes(), events()) == []


def test_what_was_asked_before_a_days_end_and_answered_after_it_may_be_done_for_nobody() -> None:
    # The call was stored on the old day, its answer was lost, and asked again it met a closed counter.
    told = wishes()[:-1]
    lost = Wish("call", "/counters/c1/call", {}, "call", 9, 12, 409, {}, ["ReadTimeout"])
    issue = wish("issue", "A001", 13)
    issue.answer["business_day"] = "2026-09-04"
    journal = [Recorded(DAY, event) for event in events()]
    journal.append(Recorded(date(2026, 9, 4), issued(6, "A001")))

    assert faults_of([*told, lost, issue], journal) == []
    lost.failures.clear()
    assert "answered to nobody" in str(faults_of([*told, lost, issue], journal))


#: What is changed of the wishes or of the journal, and a word of what is said then.
TAMPERED: dict[str, tuple[Callable[[list[Wish], list[Event]], Any], str]] = {
    "an answer lost": (lambda told, _: told.append(wish("complete", "B002", 11)), "is not in the journal"),
    "a wish without an answer": (lambda told, _: setattr(told[4], "answered_at", None), "was never answered"),
    "a number twice": (lambda _, journal: journal.append(issued(6, "B002")), "issue of ('2026-09-03', 'B002')"),
    "a number left out": (lambda _, journal: journal.append(issued(6, "B004")), "is not the next number"),
    "a number to two": (lambda told, _: told.append(wish("issue", "B002", 3)), "was answered to 2"),
    "a call twice": (lambda _, journal: journal.append(called(6, "B002", "c2")), "call of ('2026-09-03', 'B002')"),
    "a call to two": (lambda told, _: told.append(wish("call", "B001", 9)), "was answered to 2"),
    "another counter": (lambda _, journal: journal.__setitem__(4, called(5, "B002", "c2")), "to another counter"),
    "out of turn": (lambda _, journal: journal.__setitem__(slice(2, 3), [called(3, "B002")]), "out of its turn"),
    "done for nobody": (lambda _, journal: journal.append(issued(6, "B003")), "answered to nobody"),
    "not as answered": (lambda told, _: setattr(told[0], "asked_at", 4.5), "before something that lies before it"),
    "a gap": (lambda _, journal: journal.pop(3), "has a gap"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_does_not_is_named(name: str) -> None:
    told, journal = wishes(), events()
    tamper, said = TAMPERED[name]

    tamper(told, journal)

    assert any(said in fault for fault in faults(told, journal)), faults(told, journal)
