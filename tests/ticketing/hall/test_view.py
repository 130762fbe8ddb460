"""What people may see of a hall."""

from datetime import timedelta

import pytest

from tests.ticketing.hall.board import merge
from tests.ticketing.hall.given import (
    OFFICE_HOURS,
    SATO,
    START,
    Scene,
    at_counter,
    call_next,
    issue,
    office,
    web,
    with_family,
)  # fmt: skip
from ticketing.hall import commands as cmd
from ticketing.hall.office import ALWAYS, Hours
from ticketing.hall.view import (
    CALLS_TOLD,
    changes,
    counter_view,
    day_view,
    office_view,
    queue_view,
    service_view,
    snapshot,
    ticket_view,
    timestamp,
)  # fmt: skip

AT_START = "2026-09-01T01:00:00.000Z"


def lively() -> Scene:
    """One ticket is called, one absent, one expected, two wait."""
    scene = Scene().open("1", "2")
    scene.issue(5)
    scene.call()
    scene.does(call_next(finish="no_show"), 30)
    scene.issue(channel="web")
    return scene


def test_snapshot_holds_what_a_board_shows():
    scene = lively()
    scene.does(cmd.SetNotice(by=SATO, text="Noon"))

    assert snapshot(scene.hall, scene.now) == {
        "office": "ward",
        "services": [
            {
                "id": "family", "name": "Family register（日本語）", "open": True,
                "waiting": ["A003", "A004", "A005"], "wait_low": 420, "wait_high": 840,
            },
            {
                "id": "residence", "name": "Residence（日本語）", "open": True, "waiting": [],
                "wait_low": 180, "wait_high": 840,
            },
            {
                "id": "tax", "name": "Window B（日本語）", "open": True, "waiting": [],
                "wait_low": None, "wait_high": None,
            },
        ],
        "counters": [
            {
                "id": "1", "label": "Window 1", "open": True, "calling": "A002",
                "called_at": "2026-09-01T01:00:30.000Z", "call_count": 1,
            },
            {"id": "2", "label": "Window 2", "open": True, "calling": None, "called_at": None, "call_count": 0},
            {"id": "3", "label": "Window 3", "open": False, "calling": None, "called_at": None, "call_count": 0},
            {"id": "4", "label": "Window 4", "open": False, "calling": None, "called_at": None, "call_count": 0},
        ],
        "absent": ["A001"],
        "notice": "Noon",
        "calls": [
            {"seq": 9, "number": "A001", "counter": "1", "at": AT_START, "call_count": 1, "language": "ja"},
            {
                "seq": 11, "number": "A002", "counter": "1", "at": "2026-09-01T01:00:30.000Z", "call_count": 1,
                "language": "ja",
            },
        ],
    }  # fmt: skip


def test_snapshot_tells_the_last_twenty_calls_of_three_minutes():
    scene = Scene().open("1")
    scene.issue(30)
    for _ in range(30):
        scene.does(call_next(finish="complete"), 5)

    told = [call["number"] for call in snapshot(scene.hall, scene.now)["calls"]]
    later = [call["number"] for call in snapshot(scene.hall, scene.now + timedelta(seconds=171))["calls"]]

    assert told == [f"A{each:03}" for each in range(31 - CALLS_TOLD, 31)]
    assert later == ["A029", "A030"]


def test_change_of_nothing_is_empty():
    scene = lively()
    view = snapshot(scene.hall, scene.now)

    assert changes(view, view) == {"services": [], "counters": [], "calls": []}


def test_change_holds_whole_entries_and_new_calls():
    scene = lively()
    before = snapshot(scene.hall, scene.now)
    scene.call("2")

    frame = changes(before, snapshot(scene.hall, scene.now))

    assert [entry["id"] for entry in frame["services"]] == ["family", "residence"]
    assert frame["counters"] == [
        {
            "id": "2", "label": "Window 2", "open": True, "calling": "A003", "called_at": "2026-09-01T01:00:30.000Z",
            "call_count": 1,
        }
    ]  # fmt: skip
    assert [call["number"] for call in frame["calls"]] == ["A003"]
    assert set(frame) == {"services", "counters", "calls"}


def test_change_replaces_absent_and_notice_also_when_they_become_empty():
    scene = lively()
    scene.does(cmd.SetNotice(by=SATO, text="Noon"))
    before = snapshot(scene.hall, scene.now)
    scene.does(cmd.Reinstate(by=SATO, number="A001"))
    scene.does(cmd.SetNotice(by=SATO, text=None))

    frame = changes(before, snapshot(scene.hall, scene.now))

    assert (frame["absent"], frame["notice"]) == ([], None)


def test_changes_bring_a_view_up_to_date():
    scene = lively()
    before = snapshot(scene.hall, scene.now)
    scene.does(call_next(finish="complete"), 60)
    scene.does(cmd.SetNotice(by=SATO, text="Noon"))
    after = snapshot(scene.hall, scene.now)

    merged = merge(before, changes(before, after))

    assert {**merged, "calls": after["calls"]} == after


def test_call_that_was_undone_is_not_told_again():
    scene = Scene().open("1")
    scene.issue(2)
    scene.call()
    before = snapshot(scene.hall, scene.now)
    scene.does(at_counter(cmd.Undo))
    between = snapshot(scene.hall, scene.now)
    scene.call()
    after = snapshot(scene.hall, scene.now)

    assert changes(before, between)["calls"] == []
    assert [call["seq"] for call in changes(between, after)["calls"]] == [scene.hall.seq]


def test_ticket_view_of_a_waiting_ticket():
    scene = lively()

    assert ticket_view(scene.hall, scene.ticket("A004"), scene.now) == {
        "office": "ward", "number": "A004", "service": "family", "state": "waiting", "language": "ja",
        "position": 2, "ahead": 1, "wait_low": 180, "wait_high": 480, "issued_at": AT_START,
        "business_day": "2026-09-01", "counter": None, "called_at": None, "call_count": 0, "deferrals_left": 2,
    }  # fmt: skip


def test_ticket_view_of_a_called_ticket_has_no_position():
    scene = lively()

    view = ticket_view(scene.hall, scene.ticket("A002"), scene.now)

    assert (view["state"], view["position"], view["ahead"], view["wait_low"]) == ("called", None, None, None)
    assert (view["counter"], view["called_at"]) == ("1", "2026-09-01T01:00:30.000Z")


def test_ticket_view_of_an_expected_ticket_is_where_it_would_stand():
    scene = lively()

    view = ticket_view(scene.hall, scene.ticket("A006"), scene.now)

    assert (view["state"], view["position"], view["ahead"]) == ("expected", 4, 3)


def test_queue_view_lists_every_open_ticket_with_the_waiting_first():
    scene = lively()
    scene.does(at_counter(cmd.Complete))
    scene.does(cmd.Defer(by="web", number="A003"))

    view = queue_view(scene.hall, scene.now + timedelta(seconds=10), "en")

    assert [(each["number"], each["state"]) for each in view["tickets"]] == [
        ("A004", "waiting"), ("A005", "waiting"), ("A003", "waiting"), ("A001", "absent"), ("A006", "expected"),
    ]  # fmt: skip
    assert view["tickets"][0]["wait_seconds"] == 40
    assert [counter["id"] for counter in view["counters"]] == ["1", "2", "3", "4"]
    assert (view["closed"], view["business_day"], view["seq"]) == (False, "2026-09-01", scene.hall.seq)


def test_queue_view_tells_waits_against_the_target_and_since_when_a_visitor_is_at_a_counter():
    scene = Scene(with_family(wait_target_minutes=20)).open("1")
    scene.issue(3)
    scene.call()
    called_at = scene.now
    scene.does(at_counter(cmd.Recall), seconds=30)
    scene.does(at_counter(cmd.Start), seconds=30)

    view = queue_view(scene.hall, scene.now + timedelta(seconds=10), "en")

    waits = [(each["wait_target_seconds"], each["longest_wait_seconds"]) for each in view["services"]]
    assert waits == [(1200, 70), (1800, None), (1800, None)]
    visits = [(each["since"], each["usual_seconds"]) for each in view["counters"]]
    assert visits == [(timestamp(called_at), 300), (None, None), (None, None), (None, None)]


def test_queue_view_has_no_target_where_the_office_wants_none():
    view = queue_view(Scene(with_family(wait_target_minutes=None)).hall, START, "en")

    assert [each["wait_target_seconds"] for each in view["services"]] == [None, 1800, 1800]


def test_counter_view_offers_the_undo_only_while_it_would_be_taken():
    scene = Scene().open("1")
    scene.issue()
    scene.call()
    until = scene.now + timedelta(seconds=30)
    undo = {"step": "call", "number": "A001", "until": timestamp(until)}

    assert counter_view(scene.hall, "1", until)["undo"] == undo
    assert counter_view(scene.hall, "1", until + timedelta(seconds=1))["undo"] is None
    scene.does(at_counter(cmd.Start))
    assert counter_view(scene.hall, "1", scene.now) == {
        "id": "1", "label": "Window 1", "open": True, "services": ["family"], "order": "merged", "staff": "sato",
        "number": "A001", "state": "serving", "undo": None, "on_break": None,
    }  # fmt: skip


def test_service_and_day_view_show_what_a_supervisor_switched():
    scene = Scene()
    scene.issue(2, channel="web")
    scene.does(cmd.Cancel(by="web", number="A001"))
    scene.does(cmd.SetQuota(by=SATO, service="family", quota=5))
    scene.does(cmd.CloseService(by=SATO, service="family", channels=("web",), reason="system"))

    assert service_view(scene.hall, "family") == {
        "service": "family", "closed": {"web": "system"}, "quota": 5, "web_issued": 2, "web_open": 1,
    }  # fmt: skip
    assert day_view(scene.hall) == {
        "business_day": "2026-09-01", "closes_at": "2026-09-01T15:00:00.000Z", "closed": False,
        "notice": None, "notice_until": None,
    }  # fmt: skip


def test_office_view_is_what_anyone_may_know():
    scene = Scene().open("1")
    scene.issue(2)

    view = office_view(scene.hall, scene.now, "en")

    assert {key: view[key] for key in ("id", "name", "open", "languages", "notice")} == {
        "id": "ward", "name": "Ward office", "open": True, "languages": ["ja", "en"], "notice": None,
    }  # fmt: skip
    assert view["services"][0] == {
        "id": "family", "name": "Family register", "public_name": "Family register", "open": True, "kiosk": True,
        "web": True, "on_web": True, "arrival_needed": True, "reason": None, "web_reason": None, "opens_at": None,
        "web_opens_at": None, "alert_ahead": 3, "icon": "", "alert_minutes": None, "waiting_count": 2,
        "wait_low": 300, "wait_high": 1020,
    }  # fmt: skip
    assert view["counters"][0] == {"id": "1", "label": "Window 1", "open": True, "services": ["family"]}


def test_office_view_names_services_as_boards_do():
    scene = Scene()

    tax = office_view(scene.hall, scene.now, "en")["services"][2]

    assert (tax["id"], tax["name"], tax["public_name"]) == ("tax", "Tax", "Window B")


def offer(scene: Scene, *keys: str) -> list[object]:
    service = office_view(scene.hall, scene.now, "en")["services"][0]
    return [service[key] for key in keys]


def test_office_view_says_why_a_service_gives_no_tickets():
    scene = Scene(with_family(web=web(quota=0)))
    assert offer(scene, "open", "web", "web_reason") == [True, False, "quota_reached"]

    scene.does(cmd.CloseService(by=SATO, service="family", channels=("kiosk",), reason="papers"))
    assert offer(scene, "open", "reason") == [False, "papers"]

    scene.does(cmd.CloseDay(by=SATO))
    assert offer(scene, "open", "reason") == [False, "day_closed"]


@pytest.mark.parametrize(
    ("kiosk_hours", "opens_at"),
    [
        (None, "2026-09-06T23:30:00.000Z"),
        (Hours(weekly=(((540, 720),),) * 7), "2026-09-07T00:00:00.000Z"),
        (Hours(weekly=(((420, 720),),) * 7), "2026-09-06T23:30:00.000Z"),
    ],
)
def test_office_view_says_when_a_service_opens_again(kiosk_hours, opens_at):
    definition = with_family(kiosk_hours=kiosk_hours)
    scene = Scene(office(hours=OFFICE_HOURS, services=definition.services), at=START + timedelta(days=4))

    assert offer(scene, "open", "reason", "opens_at") == [False, "office_closed", opens_at]


@pytest.mark.parametrize(
    ("hours", "opens_at"),
    [
        (OFFICE_HOURS, "2026-09-01T23:30:00.000Z"),
        (Hours(weekly=(((540, 660), (780, 1020)),) * 7), "2026-09-02T00:00:00.000Z"),
        (ALWAYS, "2026-09-01T15:00:00.000Z"),
    ],
)
def test_office_view_says_when_the_next_day_opens_once_a_day_was_ended(hours, opens_at):
    scene = Scene(office(hours=hours))

    scene.does(cmd.CloseDay(by=SATO))

    assert offer(scene, "reason", "opens_at", "web_reason", "web_opens_at") == ["day_closed", opens_at] * 2


def test_office_view_says_why_and_until_when_the_web_gives_no_tickets():
    evening = Hours(weekly=(((1140, 1200),),) * 7)
    scene = Scene(with_family(web=web(hours=evening)))
    assert offer(scene, "web", "web_reason", "web_opens_at") == [False, "hours", "2026-09-01T10:00:00.000Z"]

    scene.does(cmd.CloseService(by=SATO, service="family", channels=("web",), reason="papers"))
    assert offer(scene, "web_reason", "reason") == ["papers", None]

    scene = Scene(with_family(web=web(quota=0)))
    assert offer(scene, "web_reason", "web_opens_at") == ["quota_reached", None]


@pytest.mark.parametrize("channel", ["kiosk", "web", "staff"])
def test_views_hold_no_word_of_how_to_reach_anybody(channel):
    scene = Scene()
    scene.does(issue(channel=channel))

    view = ticket_view(scene.hall, scene.ticket("A001"), scene.now)

    assert {"contact", "secret", "address"} & set(view) == set()


def test_timestamp_is_utc_with_milliseconds():
    assert timestamp(START) == AT_START
    assert timestamp(START + timedelta(microseconds=1999)) == "2026-09-01T01:00:00.001Z"
    assert timestamp(None) is None
