"""What a visitor does with their own ticket, shown its secret."""

import base64
from pathlib import Path

import pytest

from tests.ticketing.web.edge import (
    MAIL,
    NO_SECRET,
    NOW,
    START,
    STRONG_KEY,
    Edge,
    code_of,
    config_in,
    edge_of,
    problem,
    text_event,
    ticket_json,
    with_rules,
)
from ticketing.config.model import Line, Mail
from ticketing.notice import line_linked

TICKET = "/api/v1/ticket"
CONTACT = {"channel": "email", "address": MAIL, "consent": True}


def own_ticket(number: str = "B501", **changes: object) -> dict[str, object]:
    return ticket_json(number, **{"service": "tax", "contact": None, "contacts": [], "alerts": [], **changes})


# Secrets


async def test_ticket_is_shown_to_its_secret_only(edge: Edge) -> None:
    first, second = await edge.ticket(), await edge.ticket()

    shown = [await each.holder.get(TICKET) for each in (first, second)]

    assert [(each.status_code, each.json()) for each in shown] == [
        (200, own_ticket()),
        (200, own_ticket("B502", position=2, ahead=1)),
    ]


def last_flipped(secret: str) -> str:
    claim, _, mac = secret.rpartition(".")
    changed = bytes([base64.urlsafe_b64decode(mac + "==")[0] ^ 1]) + base64.urlsafe_b64decode(mac + "==")[1:]
    return f"{claim}.{base64.urlsafe_b64encode(changed).decode().rstrip('=')}"


async def test_no_foreign_or_changed_secret_opens_anything(edge: Edge) -> None:
    mine, there = await edge.ticket(), await edge.ticket(office="east")
    other = await edge.ticket()
    secrets = {
        "none": "",
        "not one": "abc",
        "changed": last_flipped(mine.secret),
        "another's number": mine.secret.replace("B501", "B502"),
        "another's MAC": mine.secret.rpartition(".")[0] + "." + other.secret.rpartition(".")[2],
        "another office": there.secret.replace("east.", "ward."),
        "a day before": mine.secret.replace("20260901", "20260831"),
        "no day": mine.secret.replace("20260901", "20261399"),
        "no office": mine.secret.replace("ward.", "nowhere."),
        "a path": mine.secret.replace("ward.", "../keys."),
        "foreign digits": mine.secret.replace("20260901", "²0260901"),
        "twice": f"{mine.secret} {mine.secret}",
        "long": mine.secret * 300,
    }
    bearer = {name: {"Authorization": f"Bearer {each}".encode("latin-1")} for name, each in secrets.items()}

    answers = {name: await edge.browser().get(TICKET, headers=each) for name, each in bearer.items()}

    assert {name: each.json() for name, each in answers.items()} == dict.fromkeys(secrets, NO_SECRET)
    assert {each.headers["www-authenticate"] for each in answers.values()} == {"Bearer"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None), ("POST", "/arrive", {}), ("POST", "/defer", {}), ("POST", "/cancel", {}),
        ("PUT", "/contact", CONTACT), ("DELETE", "/contact", None), ("POST", "/line-link", {"consent": True}),
    ],
)  # fmt: skip
async def test_every_verb_needs_a_secret(edge: Edge, method: str, path: str, body: object) -> None:
    answer = await edge.browser().request(method, TICKET + path, json=body)

    assert (answer.status_code, answer.json()) == (401, NO_SECRET)


async def test_secret_of_yesterday_is_refused(edge: Edge) -> None:
    ticket = await edge.ticket()
    await edge.wait(24 * 3600)

    answer = await ticket.holder.get(TICKET)

    assert (answer.status_code, answer.json()) == (401, NO_SECRET)


@pytest.mark.parametrize(
    ("method", "path", "body"), [("POST", "/cancel", {}), ("POST", "/defer", {}), ("PUT", "/contact", CONTACT)]
)
async def test_first_command_of_a_new_day_does_not_reach_the_old_ticket(
    edge: Edge, method: str, path: str, body: object
) -> None:
    ticket = await edge.ticket()
    edge.clock.advance(seconds=24 * 3600)

    answer = await ticket.holder.request(method, TICKET + path, json=body)

    assert (answer.status_code, answer.json()) == (401, NO_SECRET)
    assert await edge.node.site.contacts.count("ward", START.date()) == 0


async def test_cookie_of_the_browser_that_took_it_shows_the_ticket(edge: Edge) -> None:
    browser = edge.browser()
    await browser.post("/api/v1/offices/ward/tickets", json={"service": "tax"})

    answer = await browser.get(TICKET)

    assert (answer.status_code, answer.json()) == (200, own_ticket())


async def test_link_opened_on_another_browser_is_kept_there(edge: Edge) -> None:
    ticket = await edge.ticket()
    phone = edge.browser()

    await phone.get(TICKET, headers={"Authorization": f"Bearer {ticket.secret}"})
    again = await phone.get(TICKET)

    assert (again.status_code, again.json()) == (200, own_ticket())
    assert "set-cookie" not in again.headers


async def test_etag_saves_an_unchanged_answer(edge: Edge) -> None:
    ticket = await edge.ticket()
    etag = (await ticket.holder.get(TICKET)).headers["etag"]

    same = [
        await ticket.holder.get(TICKET, headers={"If-None-Match": value})
        for value in (etag, f"W/{etag}", f'"x", {etag}', "*")
    ]
    await ticket.holder.post(TICKET + "/cancel")
    changed = await ticket.holder.get(TICKET, headers={"If-None-Match": etag})

    assert [(each.status_code, each.content, each.headers["etag"]) for each in same] == [(304, b"", etag)] * 4
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


# The verbs


async def test_arrival_by_the_code_shown_in_the_hall(edge: Edge) -> None:
    ticket, board = await edge.ticket("family"), await edge.device("board")
    code = (await board.get("/api/v1/offices/ward/arrival-code")).json()["code"]
    wrong = f"{(int(code) + 1) % 10_000:04d}"

    refused = await ticket.holder.post(TICKET + "/arrive", json={"code": wrong})
    arrived = await ticket.holder.post(TICKET + "/arrive", json={"code": f" {code} "})

    detail = "This is not the code that is shown in the hall now."
    assert (refused.status_code, refused.json()) == (422, problem(422, "wrong_code", detail))
    assert (arrived.status_code, arrived.json()) == (200, own_ticket("A001", service="family"))


async def test_arrival_code_is_good_for_five_to_ten_minutes(edge: Edge) -> None:
    tickets, board = [await edge.ticket("family") for _ in range(3)], await edge.device("board")
    code = {"code": (await board.get("/api/v1/offices/ward/arrival-code")).json()["code"]}

    statuses = []
    for ticket, seconds in zip(tickets, (0, 599, 1), strict=True):
        edge.clock.advance(seconds=seconds)
        statuses.append((await ticket.holder.post(TICKET + "/arrive", json=code)).status_code)

    assert statuses == [200, 200, 422]


async def test_arrival_codes_cannot_be_guessed(edge: Edge) -> None:
    ticket, board = await edge.ticket("family"), await edge.device("board")
    code = (await board.get("/api/v1/offices/ward/arrival-code")).json()["code"]
    guesses = [f"{(int(code) + n) % 10_000:04d}" for n in range(1, 6)]

    wrong = [await ticket.holder.post(TICKET + "/arrive", json={"code": each}) for each in guesses]
    right = await ticket.holder.post(TICKET + "/arrive", json={"code": code})

    assert [each.status_code for each in wrong] == [422] * 5
    assert code_of(right) == (429, "too_many")
    assert right.headers["retry-after"] == "60"


async def test_arrival_code_of_another_office_is_wrong(edge: Edge) -> None:
    ticket, board = await edge.ticket("family"), await edge.device("board", "east")
    code = (await board.get("/api/v1/offices/east/arrival-code")).json()["code"]
    here = edge.node.site.secrets.arrival_code("ward", START.date(), START)[0]
    assert code != here, "one in ten thousand"

    answer = await ticket.holder.post(TICKET + "/arrive", json={"code": code})

    assert code_of(answer) == (422, "wrong_code")


async def test_tap_arrives_only_where_the_office_takes_it(edge: Edge, tmp_path: Path) -> None:
    refused = await (await edge.ticket("family")).holder.post(TICKET + "/arrive")
    async with edge_of(config_in(tmp_path / "tap", offices=(with_rules(arrival=("tap",)),))) as easy:
        ticket = await easy.ticket("family")
        taken = await ticket.holder.post(TICKET + "/arrive")
        again = await ticket.holder.post(TICKET + "/arrive")

    detail = "This office does not take arrivals in this way."
    assert (refused.status_code, refused.json()) == (409, problem(409, "wrong_arrival", detail, way="tap"))
    assert (taken.status_code, taken.json()) == (200, own_ticket("A001", service="family"))
    assert again.json() == taken.json()


async def test_defer_goes_behind_others_and_at_most_twice(edge: Edge) -> None:
    ticket = await edge.ticket()
    alone = await ticket.holder.post(TICKET + "/defer")
    for _ in range(4):
        await edge.ticket()

    first = await ticket.holder.post(TICKET + "/defer")
    second = await ticket.holder.post(TICKET + "/defer")
    third = await ticket.holder.post(TICKET + "/defer")

    detail = "Nobody is waiting behind this ticket, so its place cannot be moved back."
    assert (alone.status_code, alone.json()) == (409, problem(409, "nobody_behind", detail))
    assert (first.status_code, first.json()) == (200, own_ticket(position=4, ahead=3, deferrals_left=1))
    assert second.json() == own_ticket(position=5, ahead=4, deferrals_left=0)
    detail = "The place was moved back as often as allowed."
    assert (third.status_code, third.json()) == (409, problem(409, "defer_limit", detail, limit=2))


@pytest.mark.parametrize("body", [{"channel": MAIL}, {MAIL: True}])
async def test_address_in_the_wrong_field_is_not_quoted(edge: Edge, body: dict[str, object]) -> None:
    answer = await (await edge.ticket()).holder.put(TICKET + "/contact", json=CONTACT | body)

    assert code_of(answer) == (422, "wrong_field")
    assert MAIL not in answer.text


async def test_cancel_ends_the_ticket_and_tells_no_contact(edge: Edge) -> None:
    ticket = await edge.ticket()

    answer = await ticket.holder.post(TICKET + "/cancel")
    again = await ticket.holder.post(TICKET + "/cancel")

    assert (answer.status_code, answer.json()) == (200, own_ticket(state="cancelled", position=None, ahead=None))
    detail = "The ticket is not in a state that allows this."
    assert (again.status_code, again.json()) == (
        409, problem(409, "wrong_state", detail, number="B501", state="cancelled"),
    )  # fmt: skip


async def test_repeated_defer_moves_once(edge: Edge) -> None:
    ticket = await edge.ticket()
    for _ in range(4):
        await edge.ticket()
    key = {"Idempotency-Key": STRONG_KEY}

    first = await ticket.holder.post(TICKET + "/defer", headers=key)
    again = await ticket.holder.post(TICKET + "/defer", headers=key)

    assert (first.status_code, again.json()) == (200, first.json())


# Contacts


async def test_contact_is_answered_masked_and_shown_with_the_ticket(edge: Edge) -> None:
    ticket = await edge.ticket()

    put = await ticket.holder.put(TICKET + "/contact", json={**CONTACT, "ahead": 2, "minutes": 15, "language": "en"})
    shown = await ticket.holder.get(TICKET)

    contact = {"channel": "email", "masked": "h***@mail.example.jp", "ahead": 2, "minutes": 15}
    assert (put.status_code, put.json()) == (200, contact)
    assert shown.json() == own_ticket(contact=contact, contacts=[contact])


async def test_second_contact_takes_the_place_of_the_first(edge: Edge) -> None:
    ticket = await edge.ticket()
    await ticket.holder.put(TICKET + "/contact", json=CONTACT)

    second = await ticket.holder.put(TICKET + "/contact", json={**CONTACT, "address": "taro@example.jp"})

    contact = {"channel": "email", "masked": "t***@example.jp", "ahead": None, "minutes": None}
    assert (second.status_code, second.json()) == (200, contact)
    kept = await edge.node.site.contacts.get("ward", START.date(), ticket.number)
    assert [each.address for each in kept] == ["taro@example.jp"]


async def test_deleted_contact_is_gone(edge: Edge) -> None:
    ticket = await edge.ticket()
    await ticket.holder.put(TICKET + "/contact", json=CONTACT)

    deleted = await ticket.holder.delete(TICKET + "/contact")
    again = await ticket.holder.delete(TICKET + "/contact")

    assert [(each.status_code, each.content) for each in (deleted, again)] == [(204, b"")] * 2
    assert (await ticket.holder.get(TICKET)).json() == own_ticket()
    assert await edge.node.site.contacts.count("ward", START.date()) == 0


async def test_address_is_nowhere_but_in_its_sealed_place(edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    ticket, chief = await edge.ticket(), await edge.staff("chief", "supervisor", "privacy", offices=["*"])

    answers = [
        await ticket.holder.put(TICKET + "/contact", json=CONTACT),
        await ticket.holder.get(TICKET),
        await ticket.holder.put(TICKET + "/contact", json={**CONTACT, "address": f"{MAIL} {MAIL}"}),
        await ticket.holder.put(TICKET + "/contact", json={**CONTACT, "ahead": MAIL}),
        await ticket.holder.put(TICKET + "/contact", json={**CONTACT, MAIL: 1}),
        await ticket.holder.post(TICKET + "/cancel"),
        *[await chief.get(f"/api/v1/offices/ward/{path}") for path in ("queue", "days/2026-09-01/tickets")],
        await chief.get("/api/v1/offices/ward/days/2026-09-01/tickets?format=csv"),
        await chief.get("/api/v1/audit"),
        await chief.get("/metrics"),
        await chief.get("/api/v1/offices/ward"),
    ]

    written = edge.everything_written() + caplog.text.encode()
    answered = b"".join(each.content for each in answers if each is not answers[4])
    assert [each.status_code for each in answers] == [200, 200, 422, 422, 422, 200, 200, 200, 200, 200, 200, 200]
    local = MAIL.partition("@")[0].encode()
    for form in (local, base64.b64encode(local)[:-4], local.decode().encode("utf-16-le"), local.upper()):
        assert form not in answered
        assert form not in written


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"consent": False}, 422, "consent_needed"),
        ({"consent": 1}, 422, "wrong_field"),
        ({"address": "nobody"}, 422, "bad_address"),
        ({"address": "a@b"}, 422, "bad_address"),
        ({"address": "a@example.jp\r\nBcc: b@example.jp"}, 422, "bad_address"),
        ({"address": ""}, 422, "wrong_field"),
        ({"address": "x" * 321}, 422, "wrong_field"),
        ({"channel": "phone", "address": "+819012345678"}, 422, "channel_off"),
        ({"channel": "line"}, 422, "wrong_field"),
        ({"language": "fr"}, 422, "unknown_language"),
        ({"ahead": -1}, 422, "wrong_field"),
        ({"ahead": 1.5}, 422, "wrong_field"),
        ({"minutes": 601}, 422, "wrong_field"),
        ({"name": "Hanako"}, 422, "wrong_field"),
    ],
)
async def test_contact_that_cannot_be_taken_is_refused(
    edge: Edge, change: dict[str, object], status: int, code: str
) -> None:
    ticket = await edge.ticket()

    answer = await ticket.holder.put(TICKET + "/contact", json={**CONTACT, **change})

    assert code_of(answer) == (status, code)
    assert await edge.node.site.contacts.days() == []


async def test_closed_ticket_takes_no_contact(edge: Edge) -> None:
    ticket = await edge.ticket()
    await ticket.holder.post(TICKET + "/cancel")

    mail = await ticket.holder.put(TICKET + "/contact", json=CONTACT)
    line = await ticket.holder.post(TICKET + "/line-link", json={"consent": True})

    assert [code_of(mail), code_of(line)] == [(409, "wrong_state")] * 2


async def test_overdue_erasure_refuses_new_contacts_and_nothing_else(edge: Edge) -> None:
    ticket = await edge.ticket()
    await ticket.holder.put(TICKET + "/contact", json=CONTACT)
    edge.node.site.is_erasure_overdue = True

    mail = await ticket.holder.put(TICKET + "/contact", json=CONTACT)
    line = await ticket.holder.post(TICKET + "/line-link", json={"consent": True})

    detail = "Alerts cannot be registered at the moment; the queue goes on without them."
    for answer in (mail, line):
        assert (answer.status_code, answer.json()) == (503, problem(503, "erasure_overdue", detail))
        assert answer.headers["retry-after"] == "600"
    assert (await edge.ticket()).number == "B502"
    assert (await ticket.holder.delete(TICKET + "/contact")).status_code == 204


async def test_channels_that_are_off_are_refused(tmp_path: Path) -> None:
    async with edge_of(config_in(tmp_path / "data", mail=Mail(), line=Line())) as edge:
        ticket = await edge.ticket()

        mail = await ticket.holder.put(TICKET + "/contact", json=CONTACT)
        line = await ticket.holder.post(TICKET + "/line-link", json={"consent": True})

        detail = "Messages of this kind are not offered here."
        assert [each.json() for each in (mail, line)] == [problem(422, "channel_off", detail)] * 2


async def test_contacts_are_limited_for_each_ticket(edge: Edge) -> None:
    ticket, other = await edge.ticket(), await edge.ticket()

    answers = [await ticket.holder.put(TICKET + "/contact", json=CONTACT) for _ in range(11)]
    others = await other.holder.put(TICKET + "/contact", json=CONTACT)

    assert [each.status_code for each in answers] == [200] * 10 + [429]
    assert others.status_code == 200


async def test_alert_that_a_desk_cannot_decide_costs_no_contact(edge: Edge) -> None:
    ticket, site = await edge.ticket(), edge.node.site
    await ticket.holder.put(TICKET + "/contact", json=CONTACT)
    await site.contacts.put("ward", START.date(), ticket.number, "line", "U" + "0" * 32, "ja", None, None, START)
    site.desk("ward").out_of_order = "This server's clock is wrong; it takes no commands until it is set."

    answer = await ticket.holder.put(TICKET + "/contact", json={**CONTACT, "address": "taro@example.jp"})

    assert code_of(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "2"
    kept = await site.contacts.get("ward", START.date(), ticket.number)
    assert sorted(each.address for each in kept) == ["U" + "0" * 32, "taro@example.jp"]


async def test_refused_alert_keeps_what_was_registered_before(edge: Edge) -> None:
    ticket = await edge.ticket()
    await ticket.holder.put(TICKET + "/contact", json=CONTACT)
    edge.clock.advance(seconds=24 * 3600)

    answer = await ticket.holder.put(TICKET + "/contact", json=CONTACT)

    assert (answer.status_code, answer.json()) == (401, NO_SECRET)
    assert await edge.node.site.contacts.days() == [("ward", START.date())]


async def test_deleting_the_contact_ends_the_line_code(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await ticket.holder.post(TICKET + "/line-link", json={"consent": True})).json()["code"]

    await ticket.holder.delete(TICKET + "/contact")
    await edge.line(text_event(code))

    assert await edge.node.site.contacts.count("ward", START.date()) == 0


async def test_line_link_gives_an_opaque_code_for_ten_minutes(edge: Edge) -> None:
    ticket = await edge.ticket()

    answer = await ticket.holder.post(TICKET + "/line-link", json={"consent": True, "ahead": 1})
    without = await ticket.holder.post(TICKET + "/line-link", json={"consent": False})

    code = answer.json()["code"]
    expected = {"code": code, "expires_at": "2026-09-01T01:10:00.000Z", "by_message": True, "liff_url": None}
    assert (answer.status_code, answer.json()) == (201, expected)
    assert not any(part in code for part in ("B501", "501", "ward", "tax"))
    assert code_of(without) == (422, "consent_needed")


async def test_alerts_sent_are_shown(edge: Edge) -> None:
    ticket = await edge.ticket()
    await edge.node.site.notices.add("ward", line_linked(START.date(), ticket.number, START))

    alerts = (await ticket.holder.get(TICKET)).json()["alerts"]

    assert [(each["kind"], each["channel"], each["at"]) for each in alerts] == [("line_linked", "line", NOW)]


async def test_quiet_language_defaults_to_the_tickets(edge: Edge) -> None:
    given = await edge.browser().post("/api/v1/offices/ward/tickets", json={"service": "tax", "language": "en"})
    holder = edge.browser(Authorization=f"Bearer {given.json()['secret']}")

    await holder.put(TICKET + "/contact", json=CONTACT)

    (contact,) = await edge.node.site.contacts.get("ward", START.date(), "B501")
    assert contact.language == "en"


async def test_offices_share_no_numbers(edge: Edge) -> None:
    here, there = await edge.ticket(), await edge.ticket(office="east")

    shown = (await there.holder.get(TICKET)).json()

    assert here.number == there.number == "B501"
    assert shown == own_ticket(office="east")
