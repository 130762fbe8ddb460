"""What a supervisor does with services, the boards' message, the day and its list."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from tests.ticketing.web.edge import NO_OFFICE, NOT_SIGNED_IN, NOW, Edge, code_of, needs, problem

WARD = "/api/v1/offices/ward"
LIST = f"{WARD}/days/2026-09-01/tickets"
VERBS: list[tuple[str, str, Any]] = [
    ("POST", "services/tax/open", {"for": "web"}),
    ("POST", "services/tax/close", {"for": "web"}),
    ("PUT", "services/tax/quota", {"quota": 3}),
    ("PUT", "notice", {"text": "hello"}),
    ("POST", "day/close", {}),
    ("POST", "day/extend", {"until": "2026-09-01T16:00:00Z"}),
    ("GET", "days/2026-09-01/tickets", None),
]
#: Those that leave no entry in the record: what they tell names no ticket.
QUIET: list[tuple[str, str, Any]] = [("GET", "days/2026-09-01/quarters", None), ("GET", "phrases", None)]
CORRECT = ("POST", "tickets/A001/correct", {"reason": "papers", "state": "absent"})


def switches(**changes: Any) -> dict[str, Any]:
    return {"service": "tax", "closed": {}, "quota": None, "web_issued": 0, "web_open": 0, **changes}


def day(**changes: Any) -> dict[str, Any]:
    usual = {
        "business_day": "2026-09-01",
        "closes_at": "2026-09-01T15:00:00.000Z",
        "closed": False,
        "notice": None,
        "notice_until": None,
    }
    return {**usual, **changes}


@pytest.mark.parametrize(("method", "path", "body"), [*VERBS, *QUIET, CORRECT])
async def test_every_verb_is_for_supervisors_of_the_office(edge: Edge, method: str, path: str, body: Any) -> None:
    stranger, clerk = edge.browser(), await edge.staff("sato", "clerk", "admin", "privacy")
    elsewhere = await edge.staff("mori", "supervisor", offices=["east"])
    everywhere = await edge.staff("chief", "supervisor", offices=["*"])

    refused = await stranger.request(method, f"{WARD}/{path}", json=body)
    forbidden = [await each.request(method, f"{WARD}/{path}", json=body) for each in (clerk, elsewhere)]
    nowhere = await everywhere.request(method, f"/api/v1/offices/nowhere/{path}", json=body)

    assert (refused.status_code, refused.json()) == (401, NOT_SIGNED_IN)
    assert [(each.status_code, each.json()) for each in forbidden] == [(403, needs("supervisor"))] * 2
    assert (nowhere.status_code, nowhere.json()) == (404, NO_OFFICE)
    assert [entry[::5] for entry in await edge.audit()] == [
        ("staff:sato", "not_allowed"),
        ("staff:mori", "not_allowed"),
    ]


async def test_service_is_closed_and_opened_for_a_channel(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")
    path = f"{WARD}/services/tax"

    web = await chief.post(f"{path}/close", json={"for": "web", "reason": "papers"})
    both = await chief.post(f"{path}/close", json={"for": "both"})
    kiosk = await chief.post(f"{path}/open", json={"for": "kiosk"})
    opened = await chief.post(f"{path}/open", json={"for": "both"})
    reason = await chief.post(f"{path}/close", json={"for": "web", "reason": "lunch"})

    assert [(each.status_code, each.json()) for each in (web, both, kiosk, opened)] == [
        (200, switches(closed={"web": "papers"})),
        (200, switches(closed={"web": None, "kiosk": None})),
        (200, switches(closed={"web": None})),
        (200, switches()),
    ]
    detail = "The reason is not on the office's list."
    assert (reason.status_code, reason.json()) == (422, problem(422, "unknown_reason", detail, reason="lunch"))


async def test_quota_is_set_and_lifted(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")

    limited = await chief.put(f"{WARD}/services/tax/quota", json={"quota": 0})
    lifted = await chief.put(f"{WARD}/services/tax/quota", json={"quota": None})
    not_there = await chief.put(f"{WARD}/services/residence/quota", json={"quota": 1})

    assert (limited.status_code, limited.json()) == (200, switches(quota=0))
    assert (lifted.status_code, lifted.json()) == (200, switches())
    assert code_of(not_there) == (409, "not_on_web")


@pytest.mark.parametrize(
    ("method", "verb", "body"),
    [("POST", "open", {"for": "web"}), ("POST", "close", {"for": "web"}), ("PUT", "quota", {"quota": 1})],
)
async def test_unknown_service_in_the_path_is_404(edge: Edge, method: str, verb: str, body: Any) -> None:
    chief = await edge.staff("chief", "supervisor")

    unknown = await chief.request(method, f"{WARD}/services/fishing/{verb}", json=body)
    no_id = await chief.request(method, f"{WARD}/services/%00/{verb}", json=body)

    detail = "There is no such service in this office."
    assert (unknown.status_code, unknown.json()) == (404, problem(404, "unknown_service", detail, service="fishing"))
    assert (no_id.status_code, no_id.json()) == (404, problem(404, "unknown_service", detail))


async def test_notice_is_put_up_and_taken_down(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")

    up = await chief.put(f"{WARD}/notice", json={"text": " 13時から  "})
    down = await chief.put(f"{WARD}/notice", json={"text": "  "})
    gone = await chief.put(f"{WARD}/notice", json={"text": None})

    assert [(each.status_code, each.json()) for each in (up, down, gone)] == [
        (200, day(notice="13時から")), (200, day()), (200, day()),
    ]  # fmt: skip


async def test_notice_is_taken_down_at_its_time(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")
    body = {"text": "13時から", "until": "2026-09-01T10:30:00+09:00"}

    up = await chief.put(f"{WARD}/notice", json=body)
    queue = (await chief.get(f"{WARD}/queue")).json()
    await edge.wait(1800)
    again = await chief.put(f"{WARD}/notice", json=body)

    until = "2026-09-01T01:30:00.000Z"
    assert (up.status_code, up.json()) == (200, day(notice="13時から", notice_until=until))
    assert queue["notice_until"] == until
    assert (await edge.browser().get(WARD)).json()["notice"] is None
    detail = "A message can be taken down by itself only at a time that is still to come."
    facts = {"until": "2026-09-01T01:30:00+00:00"}
    assert (again.status_code, again.json()) == (422, problem(422, "wrong_notice_until", detail, **facts))


async def test_phrases_are_those_of_the_office(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")

    answer = await chief.get(f"{WARD}/phrases")

    phrases = [{"code": "busy", "text": {"ja": "混雑しています。", "en": "We are busy."}}]
    assert (answer.status_code, answer.json()) == (200, {"phrases": phrases, "languages": ["ja", "en"]})


async def test_ticket_is_corrected_and_it_is_on_record_and_on_the_list(edge: Edge) -> None:
    chief, clerk, kiosk = await edge.staff("chief", "supervisor"), await edge.staff("sato"), await edge.device()
    await kiosk.post(f"{WARD}/tickets", json={"service": "family"})
    for verb in ("open", "call-next", "complete"):
        await clerk.post(f"{WARD}/counters/1/{verb}")
    edge.clock.advance(seconds=5)

    path = f"{WARD}/tickets/A001/correct"
    answer = await chief.post(path, json={"reason": "papers", "state": "absent"}, headers={"Idempotency-Key": "k"})
    again = await chief.post(path, json={"reason": "papers", "state": "absent"}, headers={"Idempotency-Key": "k"})
    nothing = await chief.post(path, json={"reason": "papers", "state": "absent"})
    undone = await clerk.post(f"{WARD}/counters/1/undo")
    wrong = [
        await chief.post(path, json=body)
        for body in (
            {"state": "absent"},
            {"reason": "mood", "state": "completed"},
            {"reason": "papers", "state": "waiting"},
        )
    ]

    assert (answer.status_code, answer.json()["state"], again.json()) == (200, "absent", answer.json())
    detail = "The ticket ended just so already."
    assert (nothing.status_code, nothing.json()) == (409, problem(409, "nothing_to_correct", detail, number="A001"))
    assert code_of(undone) == (409, "moved_on")
    assert [code_of(each) for each in wrong] == [
        (422, "wrong_field"), (422, "unknown_reason"), (422, "wrong_field"),
    ]  # fmt: skip
    (row,) = (await chief.get(f"{LIST}?corrected=yes")).json()["tickets"]
    corrected = {name: row[name] for name in row if name.startswith(("corrected", "was_"))}
    assert corrected == {
        "corrected_at": "2026-09-01T01:00:05.000Z", "corrected_by": "staff:chief", "corrected_reason": "papers",
        "was_state": "completed", "was_service": "family",
    }  # fmt: skip
    assert await edge.audit("queue.correct") == [
        ("staff:chief", "10.0.0.5", "queue.correct", "A001", "ward", result)
        for result in ("ok", "nothing_to_correct", "unknown_reason")
    ]


async def test_correction_says_of_which_day_and_of_what_it_is(edge: Edge) -> None:
    chief, kiosk = await edge.staff("chief", "supervisor"), await edge.device()
    await kiosk.post(f"{WARD}/tickets", json={"service": "family"})
    await (await edge.staff("sato")).post(f"{WARD}/tickets/A001/cancel")
    seen = {"business_day": "2026-09-01", "seen_state": "cancelled", "seen_service": "family"}

    answers = [
        await chief.post(f"{WARD}/tickets/A001/correct", json={"reason": "papers", "state": "absent", **seen, **other})
        for other in (
            {"business_day": "2026-08-31"},
            {"seen_state": "completed"},
            {"seen_service": "tax"},
            {"business_day": "yesterday"},
            {"seen_state": "waiting"},
            {},
            {},
        )
    ]

    assert [each.status_code for each in answers] == [409, 409, 409, 422, 422, 200, 409]
    assert [each.json()["code"] for each in (*answers[:3], answers[6])] == [
        "other_day", "corrected_meanwhile", "corrected_meanwhile", "corrected_meanwhile",
    ]  # fmt: skip


async def test_day_is_closed_and_goes_on_when_extended(edge: Edge) -> None:
    chief, kiosk = await edge.staff("chief", "supervisor"), await edge.device()

    closed = await chief.post(f"{WARD}/day/close")
    again = await chief.post(f"{WARD}/day/close")
    extended = await chief.post(f"{WARD}/day/extend", json={"until": "2026-09-02T01:00:00.9999+09:00"})
    taken = await kiosk.post(f"{WARD}/tickets", json={"service": "tax"})

    assert (closed.status_code, closed.json()) == (200, day(closed=True))
    assert (again.status_code, again.json()) == (409, problem(409, "day_closed", "The office has ended its day."))
    assert (extended.status_code, extended.json()) == (200, day(closes_at="2026-09-01T16:00:00.999Z"))
    assert taken.status_code == 201


async def test_day_that_was_erased_gets_no_key_again(edge: Edge) -> None:
    chief, kiosk = await edge.staff("chief", "supervisor"), await edge.device()
    taking = {"json": {"service": "family"}, "headers": {"Idempotency-Key": "k"}}
    await kiosk.post(f"{WARD}/tickets", **taking)
    await chief.post(f"{WARD}/day/close")
    edge.node.keys.destroy("ward", date(2026, 9, 1))

    again = await kiosk.post(f"{WARD}/tickets", **taking)

    assert code_of(again) == (409, "day_closed")
    assert edge.node.keys.days() == []


@pytest.mark.parametrize(
    "until",
    ["2026-09-01T15:00:00Z", "2026-09-02T15:00:01Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
)
async def test_day_is_extended_by_a_day_at_most(edge: Edge, until: str) -> None:
    chief = await edge.staff("chief", "supervisor")

    answer = await chief.post(f"{WARD}/day/extend", json={"until": until})

    assert code_of(answer) == (422, "wrong_until")


async def test_daily_list_has_every_ticket_and_no_contact(edge: Edge) -> None:
    chief, kiosk = await edge.staff("chief", "supervisor"), await edge.device()
    await kiosk.post(f"{WARD}/tickets", json={"service": "family"})
    await edge.browser().post(f"{WARD}/tickets", json={"service": "tax", "language": "en"})
    await chief.post(f"{WARD}/counters/1/open")
    await chief.post(f"{WARD}/counters/1/call-next")
    await chief.post(f"{WARD}/counters/1/start")
    edge.clock.advance(seconds=90)
    await chief.post(f"{WARD}/counters/1/complete")

    answer = await chief.get(LIST)

    served = {
        "number": "A001", "service": "family", "channel": "kiosk", "language": "ja", "state": "completed",
        "issued_at": NOW, "position_at_issue": 1, "wait_low_at_issue": None, "wait_high_at_issue": None,
        "arrived_at": None, "first_called_at": NOW, "called_at": NOW, "call_count": 1, "serving_at": NOW,
        "served_seconds": 90.0, "counter": "1", "deferrals": 0, "reason": None,
        "ended_at": "2026-09-01T01:01:30.000Z", "ended_by": "staff:chief", "corrected_at": None, "corrected_by": None,
        "corrected_reason": None, "was_state": None, "was_service": None, "wait_seconds": 0,
    }  # fmt: skip
    waiting = {
        **served, "number": "B501", "service": "tax", "channel": "web", "language": "en", "state": "waiting",
        "first_called_at": None, "called_at": None, "call_count": 0, "serving_at": None, "served_seconds": 0.0,
        "counter": None, "ended_at": None, "ended_by": None, "wait_seconds": 90,
    }  # fmt: skip
    assert (answer.status_code, answer.json()) == (200, {"tickets": [served, waiting]})


async def test_daily_list_comes_as_a_file_for_spreadsheets(edge: Edge) -> None:
    chief, kiosk = await edge.staff("chief", "supervisor"), await edge.device()
    await kiosk.post(f"{WARD}/tickets", json={"service": "family"})
    rows = (await chief.get(LIST)).json()["tickets"]

    by_query = await chief.get(f"{LIST}?format=csv")
    by_header = await chief.get(LIST, headers={"Accept": "text/csv"})

    assert by_query.content == by_header.content
    assert by_query.headers["content-type"] == "text/csv; charset=utf-8"
    assert by_query.headers["content-disposition"] == 'attachment; filename="ward-2026-09-01.csv"'
    assert by_query.content.startswith(b"\xef\xbb\xbfnumber,service,")
    parsed = list(csv.DictReader(io.StringIO(by_query.content.decode("utf-8-sig"))))
    assert parsed == [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


async def test_day_without_tickets_is_empty_and_no_day_is_404(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")

    empty = await chief.get(f"{WARD}/days/2020-01-01/tickets")
    wrong = [await chief.get(f"{WARD}/days/{text}/tickets") for text in ("today", "2026-13-01", "%00", "2026-09-1")]

    assert (empty.status_code, empty.json()) == (200, {"tickets": []})
    detail = "A day is written like 2026-09-03."
    assert [(each.status_code, each.json()) for each in wrong] == [(404, problem(404, "unknown_day", detail))] * 4


async def test_every_operation_is_on_record(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")
    for method, path, body in VERBS:
        await chief.request(method, f"{WARD}/{path}", json=body)
    await chief.get(f"{LIST}?format=csv")
    await chief.post(f"{WARD}/day/extend", json={"until": "2026-09-01T16:00:00Z"})

    assert await edge.audit() == [
        ("staff:chief", "10.0.0.5", what, target, "ward", result)
        for what, target, result in (
            ("queue.open-service", "tax", "ok"),
            ("queue.close-service", "tax", "ok"),
            ("queue.set-quota", "tax", "ok"),
            ("queue.set-notice", None, "ok"),
            ("queue.close-day", None, "ok"),
            ("queue.extend-day", None, "ok"),
            ("list.view", "2026-09-01", "ok"),
            ("list.export", "2026-09-01", "ok"),
            ("queue.extend-day", None, "wrong_until"),
        )
    ]
