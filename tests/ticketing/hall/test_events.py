"""Events, commands and refusals as they are written down."""

from dataclasses import fields
from datetime import UTC, date, datetime
from types import ModuleType

import msgspec
import pytest

from tests.ticketing.hall.given import OFFICE_HOURS, START, office, with_family
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.office import Hours


def every(kind: type, module: ModuleType) -> set[type]:
    """All classes of a kind that a module defines."""
    return {
        each for each in vars(module).values() if isinstance(each, type) and issubclass(each, kind) and each is not kind
    }


def test_every_event_has_its_name_in_the_journal():
    assert set(ev.KINDS.values()) == every(ev.Event, ev) - {ev.TicketEvent}
    assert all(name == kind.__name__ for name, kind in ev.KINDS.items())


def test_no_event_has_a_field_for_a_contact():
    names = {field.name for kind in ev.KINDS.values() for field in fields(kind)}

    assert names == {
        "seq", "at", "by", "day", "office", "closes_at", "until", "numbers", "counter", "service", "channels", "reason",
        "quota", "text", "number", "series", "channel", "language", "state", "position", "wait_low", "wait_high", "way",
        "behind", "step", "ahead", "minutes", "call_count", "expires_at", "was_state", "was_service",
    }  # fmt: skip


@pytest.mark.parametrize(
    "definition",
    [
        office(),
        office(hours=Hours(OFFICE_HOURS.weekly, {date(2026, 9, 21): (), date(2026, 9, 26): ((540, 720),)})),
        with_family(web=None, kiosk_hours=OFFICE_HOURS, alert_minutes=5),
    ],
)
def test_office_definition_survives_the_journal(definition):
    event = ev.DayOpened(
        seq=1,
        at=START,
        by="tick",
        day=date(2026, 9, 1),
        office=definition,
        closes_at=datetime(2026, 9, 1, 15, tzinfo=UTC),
    )

    assert msgspec.json.decode(msgspec.json.encode(event), type=ev.DayOpened) == event


def test_command_has_a_name_for_the_record():
    commands = (cmd.Tick(), cmd.CallNext(by="staff:sato", counter="1"), cmd.RequestAlert(by="web", number="A001"))

    assert [cmd.kebab(each) for each in commands] == ["tick", "call-next", "request-alert"]


def test_every_refusal_has_a_sentence_and_details():
    for kind in every(no.Refusal, no):
        refusal = kind(number="A001")

        assert str(refusal).endswith("."), kind
        assert "\n" not in str(refusal)
        assert refusal.details == {"number": "A001"}


def test_codes_of_refusals_are_stable():
    kinds = {kind.__name__: (kind.code, kind.status) for kind in every(no.Refusal, no)}

    assert kinds == {
        "DayIsClosed": ("day_closed", 409),
        "OfficeClosed": ("office_closed", 409),
        "ServiceIsClosed": ("service_closed", 409),
        "NotOnTheWeb": ("not_on_web", 409),
        "QuotaReached": ("quota_reached", 409),
        "TooManyOpen": ("too_many_open", 409),
        "UnknownService": ("unknown_service", 422),
        "UnknownReason": ("unknown_reason", 422),
        "UnknownLanguage": ("unknown_language", 422),
        "UnknownCounter": ("unknown_counter", 404),
        "UnknownTicket": ("unknown_ticket", 404),
        "WrongState": ("wrong_state", 409),
        "CounterIsClosed": ("counter_closed", 409),
        "CounterTaken": ("counter_taken", 409),
        "CounterBusy": ("counter_busy", 409),
        "NobodyThere": ("nobody_there", 409),
        "NotServedHere": ("not_served_here", 409),
        "SameService": ("same_service", 409),
        "RecallFirst": ("recall_first", 409),
        "OtherTicket": ("other_ticket", 409),
        "CallNotAllowed": ("call_not_allowed", 403),
        "NothingToUndo": ("nothing_to_undo", 409),
        "MovedOn": ("moved_on", 409),
        "NothingToCorrect": ("nothing_to_correct", 409),
        "OtherDay": ("other_day", 409),
        "CorrectedMeanwhile": ("corrected_meanwhile", 409),
        "WrongNoticeUntil": ("wrong_notice_until", 422),
        "DeferLimit": ("defer_limit", 409),
        "NobodyBehind": ("nobody_behind", 409),
        "WrongArrival": ("wrong_arrival", 409),
        "WrongUntil": ("wrong_until", 422),
    }
