"""What a supervisor switches during the day."""

from datetime import timedelta

import pytest

from tests.ticketing.hall.given import SATO, Scene, then
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.passing import next_due


def close(*channels: str, service: str = "family", reason: str | None = None) -> cmd.CloseService:
    return cmd.CloseService(by=SATO, service=service, channels=channels, reason=reason)


def reopen(*channels: str, service: str = "family") -> cmd.OpenService:
    return cmd.OpenService(by=SATO, service=service, channels=channels)


def quota(number: int | None, service: str = "family") -> cmd.SetQuota:
    return cmd.SetQuota(by=SATO, service=service, quota=number)


def test_close_service_for_some_channels():
    scene = Scene()

    scene.check(
        close("kiosk", "web", reason="system"),
        then(ev.ServiceClosed, service="family", channels=("kiosk", "web"), reason="system"),
    )

    assert scene.hall.services["family"].closed == {"kiosk": "system", "web": "system"}


def test_close_service_again_changes_only_the_reason():
    scene = Scene()
    scene.does(close("kiosk"))

    scene.check(close("kiosk"))
    scene.check(
        close("kiosk", reason="papers"),
        then(ev.ServiceClosed, service="family", channels=("kiosk",), reason="papers"),
    )


def test_close_service_leaves_those_who_wait():
    scene = Scene().open("1")
    scene.issue()
    scene.does(close("kiosk", "web", "staff"))

    scene.check(cmd.CallNext(by=SATO, counter="1"), then(ev.TicketCalled, number="A001", counter="1"))


def test_open_service_takes_tickets_again_through_those_channels():
    scene = Scene()
    scene.does(close("kiosk", "web", reason="system"))

    scene.check(reopen("kiosk"), then(ev.ServiceOpened, service="family", channels=("kiosk",)))
    scene.check(reopen("kiosk"))

    assert scene.hall.services["family"].closed == {"web": "system"}


def test_close_service_refuses_a_reason_that_is_not_on_the_list():
    Scene().refuses(close("kiosk", reason="lunch"), no.UnknownReason, reason="lunch")


@pytest.mark.parametrize("number", [0, 7, None])
def test_set_quota(number):
    scene = Scene()
    scene.does(quota(5))

    scene.check(quota(number), then(ev.QuotaSet, service="family", quota=number))
    scene.check(quota(number))

    assert scene.hall.services["family"].quota == number


def test_set_quota_refuses_a_service_that_is_not_on_the_web():
    Scene().refuses(quota(5, "residence"), no.NotOnTheWeb, service="residence")


@pytest.mark.parametrize(
    "command",
    [close("kiosk", service="fishing"), reopen("kiosk", service="fishing"), quota(5, "fishing")],
    ids=cmd.kebab,
)
def test_switches_refuse_an_unknown_service(command):
    Scene().refuses(command, no.UnknownService, service="fishing")


def test_set_notice_puts_a_message_on_the_boards_and_takes_it_down():
    scene = Scene()

    scene.check(cmd.SetNotice(by=SATO, text="Closed at noon"), then(ev.NoticeSet, text="Closed at noon"))
    scene.check(cmd.SetNotice(by=SATO, text="Closed at noon"))
    assert scene.hall.notice == "Closed at noon"
    scene.check(cmd.SetNotice(by=SATO, text=None), then(ev.NoticeSet, text=None))
    assert scene.hall.notice is None


def test_switches_last_until_the_day_ends():
    scene = Scene()
    scene.does(close("kiosk"))
    scene.does(quota(5))
    scene.does(cmd.SetNotice(by=SATO, text="Closed at noon"))

    scene.wait(24 * 3600)

    assert (scene.hall.services["family"].closed, scene.hall.services["family"].quota) == ({}, None)
    assert scene.hall.notice is None


@pytest.mark.parametrize("minutes", [None, 600])
def test_notice_goes_with_the_day_also_when_it_is_ended_early(minutes):
    scene = Scene()
    until = None if minutes is None else scene.now + timedelta(minutes=minutes)
    scene.does(cmd.SetNotice(by=SATO, text="Very busy", until=until))

    scene.does(cmd.CloseDay(by=SATO))

    assert (scene.hall.notice, scene.hall.notice_until) == (None, None)


def test_notice_set_after_the_day_goes_at_its_time_too():
    scene = Scene()
    scene.does(cmd.CloseDay(by=SATO))
    until = scene.now + timedelta(minutes=10)
    scene.does(cmd.SetNotice(by=SATO, text="Closed for today", until=until))

    assert next_due(scene.hall, scene.now) == until
    scene.check(cmd.Tick(), then(ev.NoticeSet, text=None), seconds=600)
    assert scene.hall.notice is None


def test_set_notice_until_a_time_is_taken_down_by_the_tick_then():
    scene = Scene()
    until = scene.now + timedelta(minutes=10)

    scene.check(
        cmd.SetNotice(by=SATO, text="Closed at noon", until=until),
        then(ev.NoticeSet, text="Closed at noon", until=until),
    )
    assert next_due(scene.hall, scene.now) == until
    assert scene.wait(599) == []
    scene.check(cmd.Tick(), then(ev.NoticeSet, text=None), seconds=1)

    assert (scene.hall.notice, scene.hall.notice_until) == (None, None)
    assert next_due(scene.hall, scene.now) == scene.hall.closes_at


def test_set_notice_again_without_an_end_stays():
    scene = Scene()
    scene.does(cmd.SetNotice(by=SATO, text="Closed at noon", until=scene.now + timedelta(minutes=10)))
    scene.check(cmd.SetNotice(by=SATO, text="Closed at noon"), then(ev.NoticeSet, text="Closed at noon"))

    assert scene.wait(600) == []
    assert scene.hall.notice == "Closed at noon"


def test_set_notice_refuses_an_end_that_is_over():
    scene = Scene()

    scene.refuses(
        cmd.SetNotice(by=SATO, text="Closed at noon", until=scene.now), no.WrongNoticeUntil, until=scene.now.isoformat()
    )


def test_taking_the_notice_down_needs_no_end():
    scene = Scene()
    scene.does(cmd.SetNotice(by=SATO, text="Closed at noon"))

    scene.check(cmd.SetNotice(by=SATO, text=None, until=scene.now), then(ev.NoticeSet, text=None))
