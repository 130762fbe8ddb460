"""Signing in and out, enrolling a device, and the record of operations."""

from typing import Any

import httpx
import pytest

from tests.ticketing.web.edge import NOT_SIGNED_IN, NOW, PASSWORD, Edge, code_of, problem

SESSION = "/api/v1/session"
AUDIT = "/api/v1/audit"
WRONG = problem(401, "wrong_password", "The name or the password is wrong.")


async def sign_in(browser: httpx.AsyncClient, name: str = "sato", password: str = PASSWORD) -> httpx.Response:
    return await browser.post(SESSION, json={"name": name, "password": password})


# Sessions


async def test_sign_in_show_and_sign_out(edge: Edge) -> None:
    await edge.accounts.add("sato", PASSWORD, ["supervisor", "clerk"], ["ward", "east"])
    browser = edge.browser("10.0.0.5")

    created = await sign_in(browser)
    shown = await browser.get(SESSION)
    ended = await browser.delete(SESSION)
    after = await browser.get(SESSION)
    again = await browser.delete(SESSION)

    session = {"name": "sato", "roles": ["clerk", "supervisor"], "offices": ["east", "ward"]}
    assert (created.status_code, created.json()) == (201, session)
    assert (shown.status_code, shown.json()) == (200, session)
    assert (ended.status_code, ended.content) == (204, b"")
    assert [(each.status_code, each.json()) for each in (after, again)] == [(401, NOT_SIGNED_IN)] * 2
    assert await edge.audit() == [
        ("staff:sato", "10.0.0.5", "session.create", None, None, "ok"),
        ("staff:sato", "10.0.0.5", "session.end", None, None, "ok"),
    ]


async def test_ended_session_is_void_even_if_the_cookie_was_kept(edge: Edge) -> None:
    browser = await edge.staff("sato")
    token = browser.cookies[edge.cookie("session")]
    await browser.delete(SESSION)

    answer = await edge.browser().get(SESSION, headers={"Cookie": f"{edge.cookie('session')}={token}"})

    assert (answer.status_code, answer.json()) == (401, NOT_SIGNED_IN)


async def test_session_ends_after_its_hours(edge: Edge) -> None:
    browser = await edge.staff("sato")

    edge.clock.advance(seconds=12 * 3600 - 1)
    before = await browser.get(SESSION)
    edge.clock.advance(seconds=1)
    after = await browser.get(SESSION)

    assert (before.status_code, after.status_code) == (200, 401)


async def test_disabled_account_is_out_at_once(edge: Edge) -> None:
    browser = await edge.staff("sato")
    await browser.get(SESSION)

    await edge.node.site.staff.disable("sato")
    session, new = await browser.get(SESSION), await sign_in(edge.browser())

    assert (session.status_code, session.json()) == (401, NOT_SIGNED_IN)
    assert (new.status_code, new.json()) == (401, WRONG)


async def test_failed_sign_ins_are_on_record_but_not_what_was_typed(edge: Edge) -> None:
    await edge.accounts.add("sato", PASSWORD, ["clerk"], ["ward"])
    browser = edge.browser("10.0.0.5")

    answers = [
        await sign_in(browser, "sato", "not my password"),
        await sign_in(browser, "sato", ""),
        await sign_in(browser, PASSWORD, "sato"),
        await sign_in(browser, "hanako@mail.example.jp", "x"),
        await sign_in(browser, "sato\x00", PASSWORD),
    ]

    assert [each.status_code for each in answers] == [401, 422, 401, 401, 401]
    assert answers[0].json() == answers[2].json() == WRONG
    assert answers[0].headers["www-authenticate"] == "Cookie"
    assert "set-cookie" not in answers[0].headers
    assert await edge.audit() == [
        ("staff:sato", "10.0.0.5", "session.create", None, None, "wrong_password"),
        ("unknown", "10.0.0.5", "session.create", None, None, "wrong_password"),
        ("unknown", "10.0.0.5", "session.create", None, None, "wrong_password"),
        ("unknown", "10.0.0.5", "session.create", None, None, "wrong_password"),
    ]
    assert b"hanako" not in edge.everything_written()


async def test_address_has_ten_wrong_tries_a_minute(edge: Edge) -> None:
    browser = edge.browser("10.0.0.5")
    await edge.accounts.add("sato", PASSWORD, ["clerk"], ["ward"])

    wrong = [await sign_in(browser, f"nobody{n}", "x") for n in range(10)]
    right = await sign_in(browser)
    still = await sign_in(browser)
    elsewhere = await sign_in(edge.browser("10.0.0.6"))
    edge.clock.advance(seconds=60)
    later = await sign_in(browser)

    assert [each.status_code for each in wrong] == [401] * 10
    assert [code_of(each) for each in (right, still)] == [(429, "too_many")] * 2
    assert right.headers["retry-after"] == "6"
    assert (elsewhere.status_code, later.status_code) == (201, 201)
    # A flood is on record, once a minute.
    assert [entry[0] for entry in await edge.audit() if entry[5] == "too_many"] == ["staff:sato"]


async def test_name_has_ten_wrong_tries_a_minute_from_wherever(edge: Edge) -> None:
    await edge.accounts.add("sato", PASSWORD, ["clerk"], ["ward"])

    for n in range(10):
        await sign_in(edge.browser(f"10.0.1.{n}"), "sato" if n % 2 else "SATO", "x")
    right = await sign_in(edge.browser("10.0.2.1"))
    colleague = await sign_in(edge.browser("10.0.2.1"), "mori", "x")

    assert code_of(right) == (429, "too_many")
    assert colleague.status_code == 401


async def test_right_passwords_use_no_tries_up(edge: Edge) -> None:
    await edge.accounts.add("sato", PASSWORD, ["clerk"], ["ward"])
    browser = edge.browser()

    answers = [await sign_in(browser) for _ in range(12)]

    assert {each.status_code for each in answers} == {201}


# Devices


async def test_browser_is_enrolled_once(edge: Edge) -> None:
    code = await edge.node.site.devices.invite("ward", "kiosk", "Entrance", edge.clock.now())
    kiosk, late = edge.browser("10.0.0.9"), edge.browser("10.0.0.8")

    enrolled = await kiosk.post("/api/v1/devices", json={"code": code})
    again = await late.post("/api/v1/devices", json={"code": code})
    ticket = await kiosk.post("/api/v1/offices/ward/tickets", json={"service": "residence", "via": "kiosk"})

    (device,) = await edge.node.site.devices.list()
    detail = "This link was used already or is too old; please ask for a new one."
    assert (enrolled.status_code, enrolled.json()) == (201, {"id": device.id, "kind": "kiosk", "office": "ward"})
    assert (again.status_code, again.json()) == (401, problem(401, "wrong_code", detail))
    assert ticket.status_code == 201
    assert await edge.audit() == [
        ("web", "10.0.0.9", "device.enrol", device.id, "ward", "ok"),
        ("web", "10.0.0.8", "device.enrol", None, None, "wrong_code"),
    ]


async def test_invitation_is_good_for_a_day(edge: Edge) -> None:
    code = await edge.node.site.devices.invite("ward", "board", "", edge.clock.now())
    edge.clock.advance(seconds=24 * 3600)

    answer = await edge.browser().post("/api/v1/devices", json={"code": code})

    assert code_of(answer) == (401, "wrong_code")


async def test_invitations_cannot_be_guessed_at_speed(edge: Edge) -> None:
    browser = edge.browser()

    answers = [await browser.post("/api/v1/devices", json={"code": f"guess-{n}"}) for n in range(21)]

    assert [each.status_code for each in answers] == [401] * 20 + [429]
    assert answers[20].headers["retry-after"] == "180"


async def test_revoked_device_is_out_at_once(edge: Edge) -> None:
    kiosk = await edge.device()
    await kiosk.post("/api/v1/offices/ward/tickets", json={"service": "residence"})
    (device,) = await edge.node.site.devices.list()

    await edge.node.site.devices.revoke(device.id, edge.clock.now())
    answer = await kiosk.post("/api/v1/offices/ward/tickets", json={"service": "residence", "via": "kiosk"})

    assert code_of(answer) == (401, "not_enrolled")


# The record of operations


def entry(row: int, who: str, what: str, **changes: Any) -> dict[str, Any]:
    usual = {"id": row, "at": NOW, "who": who, "address": "10.0.0.5", "what": what, "target": None, "office": None}
    return {**usual, "result": "ok", **changes}


async def test_record_is_for_privacy_officers(edge: Edge) -> None:
    stranger, chief = edge.browser(), await edge.staff("chief", "supervisor", "admin", "clerk")

    refused, forbidden = await stranger.get(AUDIT), await chief.get(AUDIT)

    assert (refused.status_code, refused.json()) == (401, NOT_SIGNED_IN)
    assert (forbidden.status_code, forbidden.json()) == (
        403, problem(403, "not_allowed", "This needs the role privacy."),
    )  # fmt: skip
    assert await edge.audit() == [
        ("staff:chief", "10.0.0.5", "access.refused", "GET /api/v1/audit", None, "not_allowed")
    ]


async def test_record_shows_the_offices_of_the_officer_and_notes_that_it_was_read(edge: Edge) -> None:
    officer, everywhere = await edge.staff("ono", "privacy"), await edge.staff("abe", "privacy", offices=["*"])
    here, there = await edge.staff("sato"), await edge.staff("mori", offices=["east"])
    await here.post("/api/v1/offices/ward/counters/1/open")
    await there.post("/api/v1/offices/east/counters/1/open")

    first = await officer.get(AUDIT)
    second = await everywhere.get(AUDIT)

    of_ward = entry(1, "staff:sato", "queue.open-counter", target="1", office="ward")
    of_east = entry(2, "staff:mori", "queue.open-counter", target="1", office="east")
    assert (first.status_code, first.json()) == (200, {"entries": [of_ward], "last_id": 1})
    assert second.json() == {"entries": [of_ward, of_east, entry(3, "staff:ono", "audit.view")], "last_id": 3}


async def test_record_is_read_page_by_page(edge: Edge) -> None:
    officer = await edge.staff("ono", "privacy")
    for _ in range(3):
        await officer.get(AUDIT)
        edge.clock.advance(seconds=60)

    pages = [
        (await officer.get(AUDIT, params=query)).json()
        for query in (
            {"limit": "2"},
            {"limit": "2", "after": "2"},
            {"since": "2026-09-01T10:01:00+09:00", "until": "2026-09-01T01:02:00Z"},
            {"who": "staff:ono", "limit": "1"},
            {"who": "nobody\x00"},
            {"after": "9007199254740992"},
            {"limit": "0"},
        )
    ]

    assert [([each["id"] for each in page["entries"]], page["last_id"]) for page in pages] == [
        ([1, 2], 2), ([3, 4], 4), ([2], 2), ([1], 1), ([], 0), ([], 9007199254740992), ([], 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        {"limit": ""}, {"since": ""}, {"limit": "1001"}, {"limit": "-1"},
        {"limit": "1.5"}, {"limit": "٣"},
        {"limit": "0" * 20 + "99999"},
        {"after": "9" * 5000}, {"after": "9007199254740993"}, {"since": "yesterday"},
        {"since": "2026-09-01T01:00:00"}, {"until": "0001-01-01T00:00:00+14:00"},
    ],
)  # fmt: skip
async def test_record_refuses_a_wrong_query(edge: Edge, query: dict[str, str]) -> None:
    officer = await edge.staff("ono", "privacy")

    answer = await officer.get(AUDIT, params=query)

    assert code_of(answer) == (422, "wrong_field")
