"""Taking a ticket: numbers, hours, limits."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.ticketing.hall.given import (
    OFFICE_HOURS,
    SATO,
    SERIES,
    START,
    Scene,
    issue,
    issued,
    office,
    then,
    web,
    with_family,
)  # fmt: skip
from ticketing.hall import commands as cmd
from ticketing.hall import events as ev
from ticketing.hall import refusals as no
from ticketing.hall.office import Hours, Series
from ticketing.hall.passing import next_due

MORNING = Hours(weekly=(((540, 720),),) * 7)


def test_issue_gives_the_first_number_to_wait_with():
    scene = Scene()

    scene.check(issue(), issued("A001"))

    assert scene.waiting() == ["A001"]
    assert scene.ticket("A001").issue_seq == scene.hall.seq


def test_issue_tells_position_and_range():
    scene = Scene().open("1")
    scene.issue(2)

    scene.check(issue(), issued("A003", 3, wait_low=300, wait_high=1020))


def test_issue_is_the_same_for_staff():
    scene = Scene()

    scene.check(issue(channel="staff"), issued("A001", by=SATO, channel="staff"))


def test_issue_on_the_web_expects_an_arrival():
    scene = Scene()
    scene.issue(2)

    scene.check(issue(channel="web"), issued("A003", 3, by="web", channel="web", state="expected"))

    assert scene.waiting() == ["A001", "A002"]
    assert list(scene.hall.expected) == ["A003"]


def test_issue_on_the_web_waits_at_once_where_no_arrival_is_needed():
    scene = Scene()

    scene.check(
        issue("tax", "web"), issued("B501", by="web", service="tax", series="B", channel="web", state="waiting")
    )


def test_issue_on_the_web_does_not_move_anybody():
    scene = Scene()
    scene.issue(3, channel="web")

    scene.check(issue(), issued("A004", 1))


def test_issue_counts_by_series_and_not_by_service():
    scene = Scene()

    numbers = scene.issue() + scene.issue(service="residence") + scene.issue(service="tax") + scene.issue()

    assert numbers == ["A001", "A002", "B501", "A003"]


def test_issue_past_the_end_goes_on_with_more_digits():
    scene = Scene(office(series=(Series("A", "A", 998, 999), SERIES[1])))

    assert scene.issue(4) == ["A998", "A999", "A1000", "A1001"]


def test_issue_never_gives_a_number_again_on_the_same_day():
    scene = Scene()
    scene.issue(2)
    scene.does(cmd.Cancel(by="web", number="A002"))

    scene.check(issue(), issued("A003", 2))


def test_issue_counts_from_the_beginning_on_the_next_business_day():
    scene = Scene()
    scene.issue(2)
    scene.wait(14 * 3600)

    scene.check(issue(), issued("A001"))


def test_issue_refuses_an_unknown_service():
    Scene().refuses(issue("fishing"), no.UnknownService, service="fishing")


def test_issue_refuses_a_language_that_is_not_offered():
    Scene().refuses(issue(language="fr"), no.UnknownLanguage, language="fr")


def test_issue_refuses_after_an_early_close():
    scene = Scene()
    scene.does(cmd.CloseDay(by=SATO))

    for channel in ("kiosk", "web", "staff"):
        scene.refuses(issue(channel=channel), no.DayIsClosed)


@pytest.mark.parametrize("channel", ["kiosk", "web"])
def test_issue_refuses_visitors_outside_the_hours_of_the_office(channel):
    scene = Scene(office(hours=OFFICE_HOURS), at=datetime(2026, 9, 1, 8, 15, tzinfo=UTC))

    scene.refuses(issue(channel=channel), no.OfficeClosed)
    scene.does(issue(channel="staff"))


def test_issue_begins_and_ends_with_the_minute_of_the_hours():
    scene = Scene(office(hours=OFFICE_HOURS), at=datetime(2026, 8, 31, 23, 29, 59, tzinfo=UTC))

    scene.refuses(issue(), no.OfficeClosed)
    scene.check(issue(), issued("A001"), seconds=1)
    scene.check(issue(), issued("A002", 2), seconds=8 * 3600 + 45 * 60 - 1)
    scene.refuses(issue(), no.OfficeClosed, seconds=1)


def test_issue_follows_closures_and_extra_days():
    exceptions = {date(2026, 9, 1): (), date(2026, 9, 5): ((540, 720),)}
    definition = office(hours=Hours(OFFICE_HOURS.weekly, exceptions))

    Scene(definition).refuses(issue(), no.OfficeClosed)
    Scene(definition, at=datetime(2026, 9, 5, 1, tzinfo=UTC)).check(issue(), issued("A001"))
    Scene(definition, at=datetime(2026, 9, 6, 1, tzinfo=UTC)).refuses(issue(), no.OfficeClosed)


def test_issue_at_the_kiosk_keeps_to_the_hours_of_the_service_too():
    scene = Scene(with_family(kiosk_hours=MORNING))

    scene.does(issue())
    scene.refuses(issue(), no.ServiceIsClosed, seconds=2 * 3600, service="family", reason="hours")
    scene.does(issue(channel="web"))
    scene.does(issue("residence"))


def test_issue_on_the_web_keeps_to_its_own_hours_alone():
    closed = replace(office(hours=OFFICE_HOURS), services=with_family(web=web(hours=MORNING)).services)
    scene = Scene(closed, at=datetime(2026, 9, 5, 0, 0, tzinfo=UTC))

    scene.refuses(issue(), no.OfficeClosed)
    scene.does(issue(channel="web"))
    scene.refuses(issue(channel="web"), no.ServiceIsClosed, seconds=3 * 3600, service="family", reason="hours")


def test_issue_refuses_the_web_where_it_is_not_offered():
    Scene().refuses(issue("residence", "web"), no.NotOnTheWeb, service="residence")


def test_issue_refuses_the_web_past_the_quota_even_after_a_cancellation():
    scene = Scene(with_family(web=web(quota=2)))
    scene.issue(2, channel="web")
    scene.does(cmd.Cancel(by="web", number="A001"))

    scene.refuses(issue(channel="web"), no.QuotaReached, service="family", quota=2)
    scene.does(issue())


def test_issue_counts_the_quota_that_a_supervisor_set():
    scene = Scene(with_family(web=web(quota=1)))
    scene.issue(channel="web")
    scene.does(cmd.SetQuota(by=SATO, service="family", quota=2))
    scene.does(issue(channel="web"))

    scene.refuses(issue(channel="web"), no.QuotaReached, service="family", quota=2)


def test_issue_refuses_the_web_while_too_many_are_open():
    scene = Scene(with_family(web=web(most_open=2)))
    scene.issue(2, channel="web")

    scene.refuses(issue(channel="web"), no.TooManyOpen, service="family", most_open=2)
    scene.does(cmd.Cancel(by="web", number="A001"))
    scene.does(issue(channel="web"))


def test_issue_counts_open_web_tickets_where_they_were_transferred_to():
    scene = Scene(with_family(web=web(most_open=1, arrival_needed=False))).open("1")
    scene.issue(channel="web")
    scene.call()
    scene.does(cmd.Transfer(by=SATO, counter="1", service="tax"))

    scene.does(issue(channel="web"))

    assert (scene.hall.services["family"].web_open, scene.hall.services["tax"].web_open) == (1, 1)


def test_issue_refuses_the_channels_that_a_supervisor_closed():
    scene = Scene()
    scene.does(cmd.CloseService(by=SATO, service="family", channels=("kiosk",), reason="system"))

    scene.refuses(issue(), no.ServiceIsClosed, service="family", reason="system")
    scene.does(issue(channel="web"))
    scene.does(issue(channel="staff"))
    scene.does(issue("residence"))


def test_issue_opens_the_day_and_closes_the_one_before_in_one_decision():
    scene = Scene()
    scene.issue()
    ends = datetime(2026, 9, 1, 15, tzinfo=UTC)

    scene.check(
        issue(),
        then(ev.DayClosed, by="tick", day=date(2026, 9, 1), numbers=("A001",)),
        then(
            ev.DayOpened,
            by="tick",
            day=date(2026, 9, 2),
            office=office(),
            closes_at=datetime(2026, 9, 2, 15, tzinfo=UTC),
        ),
        issued("A001"),
        seconds=(ends - START).total_seconds(),
    )

    assert next_due(scene.hall, scene.now) == datetime(2026, 9, 2, 15, tzinfo=UTC)
