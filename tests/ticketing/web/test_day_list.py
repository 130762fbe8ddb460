"""The daily list: its filters, its file for people, and the course of the day."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ticketing.web.edge import OFFICE, Edge, config_in, edge_of, problem
from ticketing.hall.office import Counter

WARD = "/api/v1/offices/ward"
LIST = f"{WARD}/days/2026-09-01/tickets"


@pytest.fixture
async def morning(edge: Edge) -> httpx.AsyncClient:
    """Ten in Tokyo: A001 waits 12 minutes and is served; A002 is absent; B501 waits from 10:20."""
    chief, kiosk = await edge.staff("chief", "clerk", "supervisor"), await edge.device()
    for service in ("family", "residence"):
        await kiosk.post(f"{WARD}/tickets", json={"service": service})
    edge.clock.advance(seconds=60 * 12)
    for counter in ("1", "2"):
        for verb in ("open", "call-next"):
            (await chief.post(f"{WARD}/counters/{counter}/{verb}")).raise_for_status()
    await chief.post(f"{WARD}/counters/1/complete")
    await chief.post(f"{WARD}/counters/2/no-show")
    edge.clock.advance(seconds=60 * 8)
    await edge.browser().post(f"{WARD}/tickets", json={"service": "tax", "language": "en"})
    edge.clock.advance(seconds=60 * 15)
    return chief


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["A001", "A002", "B501"]),
        ("number=00", ["A001", "A002"]),
        ("number=b5", ["B501"]),
        ("service=family", ["A001"]),
        ("service=fishing", []),
        ("state=absent", ["A002"]),
        ("state=waiting&channel=web", ["B501"]),
        ("counter=2", ["A002"]),
        ("ticket_language=en", ["B501"]),
        ("wait_over=12", ["B501"]),
        ("wait_over=11", ["A001", "A002", "B501"]),
        ("issued_from=10:20", ["B501"]),
        ("issued_until=10:20", ["A001", "A002"]),
        ("issued_from=10:00&issued_until=10:01&state=completed", ["A001"]),
        ("corrected=yes", []),
        ("state=&number=", ["A001", "A002", "B501"]),
    ],
)
async def test_filters_leave_what_they_say(morning: httpx.AsyncClient, query: str, numbers: list[str]) -> None:
    listed = await morning.get(f"{LIST}?{query}")
    file = await morning.get(f"{LIST}?{query}&format=csv")

    assert [each["number"] for each in listed.json()["tickets"]] == numbers
    assert [each["number"] for each in csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))] == numbers


@pytest.mark.parametrize(
    ("language", "column", "reason"),
    [("ja", "保留・窓口交代の理由", "書類"), ("en", "Reason of hold or transfer", "Papers are missing")],
)
async def test_file_tells_why_a_ticket_was_transferred(edge: Edge, language: str, column: str, reason: str) -> None:
    chief, kiosk = await edge.staff("chief", "clerk", "supervisor"), await edge.device()
    await kiosk.post(f"{WARD}/tickets", json={"service": "family"})
    for verb, body in (("open", {}), ("call-next", {}), ("transfer", {"service": "residence", "reason": "papers"})):
        (await chief.post(f"{WARD}/counters/1/{verb}", json=body)).raise_for_status()

    file = await chief.get(f"{LIST}?format=csv&language={language}")

    (row,) = csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))
    assert row[column] == reason


@pytest.mark.parametrize(
    ("query", "field", "what"),
    [
        ("number=%00", "number", "up to twelve letters and digits"),
        ("service=../x", "service", "the id of one of the office's"),
        ("counter=%EF%BC%91", "counter", "the id of one of the office's"),
        ("channel=mail", "channel", "one of kiosk, web, staff"),
        ("ticket_language=ja%0A", "ticket_language", "the code of a language"),
        ("wait_over=-1", "wait_over", "a number of minutes, 0 to 1440"),
        ("wait_over=1441", "wait_over", "a number of minutes, 0 to 1440"),
        ("wait_over=%D9%A3", "wait_over", "a number of minutes, 0 to 1440"),
        ("issued_from=9:30", "issued_from", "a local time such as 09:30"),
        ("issued_until=24:00", "issued_until", "a local time such as 09:30"),
        ("corrected=no", "corrected", "one of yes"),
    ],
)
async def test_wrong_filter_is_named(edge: Edge, query: str, field: str, what: str) -> None:
    chief = await edge.staff("chief", "supervisor")

    answer = await chief.get(f"{LIST}?{query}")

    expected = problem(422, "wrong_field", f"{field} is {what}.", field=field)
    assert (answer.status_code, answer.json()) == (422, expected)
    assert await edge.audit() == []


async def test_file_for_people_speaks_their_language_in_local_time(morning: httpx.AsyncClient) -> None:
    body = {"reason": "papers", "state": "completed", "service": "family"}
    (await morning.post(f"{WARD}/tickets/A002/correct", json=body)).raise_for_status()

    ja = await morning.get(f"{LIST}?number=A002&format=csv&language=ja")
    en = await morning.get(f"{LIST}?number=A002&format=csv&language=en")

    assert ja.content.startswith("\ufeff受付番号,ご用件,状態,発券,言語,発券時刻,".encode())
    japanese, english = (dict(*csv.DictReader(io.StringIO(each.text.removeprefix("\ufeff")))) for each in (ja, en))
    columns = ("受付番号", "ご用件", "状態", "発券", "発券時刻", "待ち時間（分）", "訂正前の状態")
    assert {key: japanese[key] for key in columns} == {
        "受付番号": "A002", "ご用件": "戸籍", "状態": "終了", "発券": "発券機", "発券時刻": "2026-09-01 10:00:00",
        "待ち時間（分）": "12.0", "訂正前の状態": "不在",
    }  # fmt: skip
    assert {key: english[key] for key in ("Service", "Corrected by", "Reason of correction", "Service before")} == {
        "Service": "Family register", "Corrected by": "chief", "Reason of correction": "Papers are missing",
        "Service before": "Residence",
    }  # fmt: skip


async def test_what_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    formula = '=HYPERLINK("//e")'
    ward = replace(OFFICE, counters=(Counter("1", formula, ("family", "residence", "tax")),))
    async with edge_of(config_in(tmp_path, offices=(ward,))) as edge:
        chief, kiosk = await edge.staff("chief", "clerk", "supervisor"), await edge.device()
        await kiosk.post(f"{WARD}/tickets", json={"service": "family"})
        for verb in ("open", "call-next"):
            await chief.post(f"{WARD}/counters/1/{verb}")

        file = await chief.get(f"{LIST}?format=csv&language=en")

    (row,) = csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))
    assert row["Counter"] == f"'{formula}"


async def test_quarters_tell_the_course_of_the_day(morning: httpx.AsyncClient) -> None:
    answer = await morning.get(f"{WARD}/days/2026-09-01/quarters?language=ja")

    def course(waiting: Any, arrivals: Any, calls: Any, waits: Any, measured: int) -> dict[str, Any]:
        return {
            "waiting": waiting, "arrivals": arrivals, "calls": calls, "median_wait_seconds": waits,
            "measured": measured, "within_target": measured,
        }  # fmt: skip

    assert answer.json() == {
        "business_day": "2026-09-01",
        "quarter_seconds": 900,
        "starts": ["2026-09-01T01:00:00.000Z", "2026-09-01T01:15:00.000Z", "2026-09-01T01:30:00.000Z"],
        "all": course([0, 1, 1], [2, 1, 0], [2, 0, 0], [720, None, None], 2),
        "services": [
            {"id": "family", "name": "戸籍", "wait_target_seconds": 1800,
             **course([0, 0, 0], [1, 0, 0], [1, 0, 0], [720, None, None], 1)},
            {"id": "residence", "name": "住民票", "wait_target_seconds": 1800,
             **course([0, 0, 0], [1, 0, 0], [1, 0, 0], [720, None, None], 1)},
            {"id": "tax", "name": "税証明", "wait_target_seconds": 1800,
             **course([0, 1, 1], [0, 1, 0], [0, 0, 0], [None, None, None], 0)},
        ],
    }  # fmt: skip


async def test_quarters_of_a_day_without_visitors_are_none(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")

    answer = await chief.get(f"{WARD}/days/2020-01-01/quarters")

    assert (answer.status_code, answer.json()["starts"], answer.json()["all"]["waiting"]) == (200, [], [])
