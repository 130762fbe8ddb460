"""What LINE tells: codes, blocks, and everything else that comes to that door."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from linebot.v3.webhook import SignatureValidator

from tests.ticketing.web.edge import (
    LINE_SECRET,
    LINE_USER,
    MAIL,
    START,
    Edge,
    Ticket,
    code_of,
    config_in,
    edge_of,
    problem,
    sign,
    text_event,
)
from ticketing.config.model import Line
from ticketing.config.secret import Secret
from ticketing.web.line_webhook import is_genuine

DAY = START.date()
SECRETS = ("kept", "next", "relay", "other")
OUT_OF_ORDER = "This server's clock is wrong; it takes no commands until it is set."


async def link_code(ticket: Ticket, **more: object) -> str:
    answer = await ticket.holder.post("/api/v1/ticket/line-link", json={"consent": True, **more})
    return str(answer.json()["code"])


async def contact(ticket: Ticket) -> object:
    return (await ticket.holder.get("/api/v1/ticket")).json()["contact"]


async def told(ticket: Ticket) -> list[str]:
    return [each["kind"] for each in (await ticket.holder.get("/api/v1/ticket")).json()["alerts"]]


LINKED = {"channel": "line", "masked": "LINE", "ahead": None, "minutes": None}


@pytest.mark.parametrize("body", [b"", b"{}", "順番".encode(), b"\x00\xff" * 500, b'{"events":[]}\n'])
def test_is_genuine_agrees_with_lines_own_library(body: bytes) -> None:
    right = sign(body)
    signatures = [right, right[:-1], right + "=", right.lower(), "", "x", " " + right, sign(body, "other"), sign(b"x")]

    ours = [is_genuine(LINE_SECRET, body, each) for each in signatures]

    validate = SignatureValidator(LINE_SECRET).validate
    text = body.decode("latin-1") if b"\xff" in body else body.decode()
    theirs = [validate(text, each) for each in signatures] if text.encode() == body else ours
    assert ours == theirs == [each == right for each in signatures]


def test_is_genuine_refuses_a_missing_or_foreign_signature() -> None:
    assert not is_genuine(LINE_SECRET, b"{}", None)
    assert not is_genuine(LINE_SECRET, b"{}", "署名\udcff")


async def test_code_sent_to_the_account_links_it(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = await link_code(ticket, ahead=2)

    answer = await edge.line(text_event(f" {code.lower()[:4]}-{code.lower()[4:]} "))

    assert (answer.status_code, answer.json()) == (200, {})
    assert await contact(ticket) == {**LINKED, "ahead": 2}
    alerts = (await ticket.holder.get("/api/v1/ticket")).json()["alerts"]
    assert [(each["kind"], each["channel"]) for each in alerts] == [("line_linked", "line")]


async def test_code_counts_once(edge: Edge) -> None:
    ticket, other = await edge.ticket(), "U" + "f" * 32
    code = await link_code(ticket)

    await edge.line(text_event(code))
    await edge.line(text_event(code, user=other, event_id="second"))

    (kept,) = await edge.node.site.contacts.get("ward", DAY, ticket.number)
    assert kept.address == LINE_USER


async def test_code_is_good_for_ten_minutes(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = await link_code(ticket)
    edge.clock.advance(seconds=600)

    answer = await edge.line(text_event(code))

    assert (answer.status_code, await contact(ticket)) == (200, None)


async def test_redelivered_event_does_nothing_twice(edge: Edge) -> None:
    ticket = await edge.ticket()
    event = text_event(await link_code(ticket))

    await edge.line(event)
    await ticket.holder.delete("/api/v1/ticket/contact")
    answer = await edge.line({**event, "deliveryContext": {"isRedelivery": True}})

    assert (answer.status_code, await contact(ticket)) == (200, None)


async def test_wrong_codes_tell_nothing_and_are_limited(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = await link_code(ticket)
    guesses = [text_event("ABCDEFGH"[n:] + "ABCDEFGH"[:n], event_id=f"guess-{n}") for n in range(8)]

    answers = [await edge.line(each) for each in guesses]
    await edge.line(*[text_event("HGFEDCBA", event_id=f"more-{n}") for n in range(4)])
    right = await edge.line(text_event(code, event_id="right"))

    assert {(each.status_code, each.text) for each in (*answers, right)} == {(200, "{}")}
    assert await contact(ticket) is None


async def test_unfollow_erases_everywhere_even_if_told_twice(edge: Edge) -> None:
    here, there = await edge.ticket(), await edge.ticket(office="east")
    for place, ticket in enumerate((here, there)):
        await edge.line(text_event(await link_code(ticket), event_id=f"link-{place}"))
    unfollow = {"type": "unfollow", "webhookEventId": "bye", "source": {"type": "user", "userId": LINE_USER}}

    first = await edge.line(unfollow)
    gone = [await contact(each) for each in (here, there)]
    await edge.line(text_event(await link_code(here), event_id="back"))
    again = await edge.line(unfollow)

    assert (first.status_code, again.status_code) == (200, 200)
    assert gone == [None, None]
    assert await contact(here) is None
    alert = edge.node.site.desk("ward").hall.tickets[here.number].alert
    assert alert is None


async def test_unfollow_leaves_the_mail_contact_and_its_alert(edge: Edge) -> None:
    ticket = await edge.ticket()
    mail = {"channel": "email", "address": MAIL, "consent": True}
    await ticket.holder.put("/api/v1/ticket/contact", json=mail)
    await edge.line(text_event(await link_code(ticket)))

    await edge.line({"type": "unfollow", "source": {"userId": LINE_USER}})

    assert await contact(ticket) == {
        "channel": "email",
        "masked": "h***@mail.example.jp",
        "ahead": None,
        "minutes": None,
    }
    assert edge.node.site.desk("ward").hall.tickets[ticket.number].alert is not None


async def test_ticket_that_ended_meanwhile_is_not_linked(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = await link_code(ticket)
    await ticket.holder.post("/api/v1/ticket/cancel")

    answer = await edge.line(text_event(code))

    assert answer.status_code == 200
    assert await edge.node.site.contacts.count("ward", DAY) == 0


async def test_account_linked_before_stays_when_the_ticket_has_ended(edge: Edge) -> None:
    ticket = await edge.ticket()
    await edge.line(text_event(await link_code(ticket)))
    code = await link_code(ticket)
    await ticket.holder.post("/api/v1/ticket/cancel")

    await edge.line(text_event(code, event_id="second"))

    assert await edge.node.site.contacts.count("ward", DAY) == 1


async def test_account_stays_linked_when_the_desk_cannot_decide(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = await link_code(ticket)
    edge.node.site.desk("ward").out_of_order = OUT_OF_ORDER

    answer = await edge.line(text_event(code))

    assert (answer.status_code, await contact(ticket)) == (503, LINKED)


async def test_event_that_failed_is_dealt_with_when_line_delivers_it_again(edge: Edge) -> None:
    ticket = await edge.ticket()
    event = text_event(await link_code(ticket, ahead=2))
    edge.node.site.desk("ward").out_of_order = OUT_OF_ORDER
    failed = await edge.line(event)
    before = edge.node.site.desk("ward").hall.tickets[ticket.number].alert

    edge.node.site.desk("ward").out_of_order = None
    edge.clock.advance(seconds=1200)
    again = [await edge.line({**event, "deliveryContext": {"isRedelivery": True}}) for _ in range(2)]

    alert = edge.node.site.desk("ward").hall.tickets[ticket.number].alert
    assert (failed.status_code, before, [each.status_code for each in again]) == (503, None, [200, 200])
    assert (alert and alert.ahead, await contact(ticket)) == (2, {**LINKED, "ahead": 2})
    assert await told(ticket) == ["line_linked"]


async def test_code_of_a_failed_event_is_nobody_elses(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = await link_code(ticket)
    edge.node.site.desk("ward").out_of_order = OUT_OF_ORDER
    await edge.line(text_event(code))

    edge.node.site.desk("ward").out_of_order = None
    await edge.line(text_event(code, user="U" + "f" * 32, event_id="second"))

    (kept,) = await edge.node.site.contacts.get("ward", DAY, ticket.number)
    assert kept.address == LINE_USER


async def test_failed_event_keeps_no_other_waiting(edge: Edge) -> None:
    here, there = await edge.ticket(), await edge.ticket(office="east")
    events = [text_event(await link_code(each), event_id=each.secret[:20]) for each in (here, there)]
    edge.node.site.desk("ward").out_of_order = OUT_OF_ORDER

    answer = await edge.line(*events)

    assert (answer.status_code, await contact(there), await told(there)) == (503, LINKED, ["line_linked"])


async def test_same_event_delivered_twice_at_once_links_once(edge: Edge) -> None:
    ticket = await edge.ticket()
    event = text_event(await link_code(ticket))

    answers = await asyncio.gather(*(edge.line(event) for _ in range(4)))

    assert {each.status_code for each in answers} == {200}
    assert (await contact(ticket), await told(ticket)) == (LINKED, ["line_linked"])


async def test_redelivery_after_a_restart_is_known(tmp_path: Path) -> None:
    config = config_in(tmp_path / "data")
    async with edge_of(config) as edge:
        ticket = await edge.ticket()
        event = text_event(await link_code(ticket))
        await edge.line(event)
        await ticket.holder.delete("/api/v1/ticket/contact")

    async with edge_of(config) as edge:
        answer = await edge.line(event)

        assert answer.status_code == 200
        assert await edge.node.site.contacts.count("ward", DAY) == 0


async def test_overdue_erasure_links_nobody(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = await link_code(ticket)
    edge.node.site.is_erasure_overdue = True

    answer = await edge.line(text_event(code))

    assert (answer.status_code, await contact(ticket)) == (200, None)


# Every event in every mode


def event_of(kind: str, mode: str, code: str) -> dict[str, object]:
    message = {"type": "text", "id": "1", "text": code}
    return {**text_event(code, event_id=f"{kind}-{mode}"), "type": kind, "mode": mode, "message": message}


@pytest.mark.parametrize("mode", ["active", "standby", "someday"])
@pytest.mark.parametrize(
    "kind", ["follow", "join", "postback", "accountLink", "unsend", "delivery", "someday", "message", "unfollow"]
)
async def test_only_an_active_message_links_and_every_unfollow_erases(edge: Edge, kind: str, mode: str) -> None:
    linked, fresh = await edge.ticket(), await edge.ticket()
    await edge.line(text_event(await link_code(linked), event_id="before"))
    code = await link_code(fresh)

    answer = await edge.line(event_of(kind, mode, code))

    expected_linked = None if kind == "unfollow" else LINKED
    expected_fresh = LINKED if (kind, mode) == ("message", "active") else None
    assert answer.status_code == 200
    assert (await contact(linked), await contact(fresh)) == (expected_linked, expected_fresh)


# What is not ours


async def test_other_peoples_messages_leave_no_trace(edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
    await edge.ticket()
    caplog.set_level("INFO")
    stranger = "U" + "e" * 32
    before = await stored(edge)

    answer = await edge.line(
        text_event("ゴミの日はいつですか", user=stranger, event_id="EVENT-OF-A-STRANGER"),
        text_event("ABCD2345", user=stranger, event_id="EVENT-OF-A-STRANGER-2"),
        {"type": "follow", "source": {"userId": stranger}, "webhookEventId": "EVENT-OF-A-STRANGER-3"},
        {"type": "unfollow", "source": {"userId": stranger}, "webhookEventId": "EVENT-OF-A-STRANGER-4"},
    )

    assert (answer.status_code, await stored(edge)) == (200, before)
    written = caplog.text.encode() + edge.everything_written()
    assert [each for each in (stranger, "EVENT-OF-A", "ゴミ", "ABCD2345") if each.encode() in written] == []


async def stored(edge: Edge) -> list[list[tuple[object, ...]]]:
    tables = ("contacts", "link_codes", "webhook_events", "notices")
    return [[tuple(row) for row in await edge.node.contacts_file.fetch_all(f"SELECT * FROM {each}")] for each in tables]


# Whose signature


@pytest.mark.parametrize("kept", ["channel_secret", "relay_secret"])
async def test_each_secret_signs_and_no_other(tmp_path: Path, kept: str) -> None:
    usual = Line(channel_access_token=Secret("token"), account="@minato", approval="2026-2")
    line = replace(usual, **{kept: Secret("kept")})
    if kept == "channel_secret":
        line = replace(line, next_channel_secret=Secret("next"), relay_secret=Secret("relay"))
    async with edge_of(config_in(tmp_path / "data", line=line)) as edge:
        body = json.dumps({"events": []}).encode()

        answers = {each: (await edge.signed(body, sign(body, each))).status_code for each in SECRETS}

        others = 200 if kept == "channel_secret" else 401
        assert answers == {"kept": 200, "next": others, "relay": others, "other": 401}


async def test_relay_with_its_own_secret_links(tmp_path: Path) -> None:
    line = Line(channel_access_token=Secret("token"), relay_secret=Secret("relay"), account="@minato")
    async with edge_of(config_in(tmp_path / "data", line=line)) as edge:
        ticket = await edge.ticket()
        body = json.dumps({"events": [text_event(await link_code(ticket))]}).encode()

        answer = await edge.signed(body, sign(body, "relay"))

        assert (answer.status_code, await contact(ticket)) == (200, LINKED)


async def test_without_a_webhook_there_is_no_such_path(tmp_path: Path) -> None:
    line = Line(channel_access_token=Secret("token"), liff_id="1-a", login_channel_id="1")
    async with edge_of(config_in(tmp_path / "data", line=line)) as edge:
        answers = [await edge.signed(b"{}", sign(b"{}", each)) for each in ("", "token")]

        assert [code_of(each) for each in answers] == [(404, "unknown_path")] * 2


# Strangers


async def test_unsigned_body_is_never_looked_at(edge: Edge) -> None:
    ticket = await edge.ticket()
    body = json.dumps({"events": [text_event(await link_code(ticket))]}).encode()

    answers = [
        await edge.browser().post("/webhooks/line", content=body),
        await edge.signed(body, "x"),
        await edge.signed(body, sign(body, "another secret")),
        await edge.signed(body + b" ", sign(body)),
        await edge.browser().post("/webhooks/line", content=b"not json"),
        await edge.browser().post("/webhooks/line"),
    ]

    wrong = problem(401, "wrong_signature", "The signature does not fit the body.")
    assert [(each.status_code, each.json()) for each in answers] == [(401, wrong)] * 6
    assert await contact(ticket) is None


@pytest.mark.parametrize(
    "body",
    [
        b"", b"nonsense", b"[]", b"null", b'{"events":{}}', b'{"events":[', b'{"events":[nonsense]}', b"\xff",
        b'{"x":' + b"[" * 100_000, b'{"events":[' + b"[" * 100_000,
    ],
)  # fmt: skip
async def test_signed_nonsense_is_400(edge: Edge, body: bytes) -> None:
    answer = await edge.signed(body)

    detail = "The body is not a webhook."
    assert (answer.status_code, answer.json()) == (400, problem(400, "not_json", detail))


@pytest.mark.parametrize(
    "event",
    [
        1, None, [], "x", {}, {"type": "follow", "source": {"userId": LINE_USER}}, {"type": "message"},
        {"type": "message", "source": {"userId": LINE_USER}, "message": {"type": "sticker"}},
        {"type": "message", "source": {"userId": "nobody"}, "message": {"type": "text", "text": "ABCDEFGH"}},
        {"type": "message", "source": {"type": "group", "groupId": "C1"}, "message": {"type": "text", "text": "hi"}},
        {"type": "message", "source": {"userId": 5}}, {"type": "x" * 10_000, "source": {"userId": LINE_USER}},
        text_event("x" * 5000), text_event("\x00"), text_event("順番"), text_event("ABCDEFGH", mode="standby"),
    ],
)  # fmt: skip
async def test_unknown_events_are_passed_over(edge: Edge, event: object) -> None:
    ticket = await edge.ticket()
    known = text_event(await link_code(ticket), event_id="known")

    answer = await edge.line(event, known)  # type: ignore[arg-type]

    assert (answer.status_code, await contact(ticket)) == (200, LINKED)


async def test_invalid_utf8_in_one_event_spares_the_others(edge: Edge) -> None:
    ticket = await edge.ticket()
    known = json.dumps(text_event(await link_code(ticket))).encode()

    answer = await edge.signed(b'{"events":[{"type":"\xff"},' + known + b"]}")

    assert (answer.status_code, await contact(ticket)) == (200, LINKED)


async def test_body_is_bounded(edge: Edge) -> None:
    body = b" " * (256 * 1024 + 1)

    async def pieces() -> object:
        for _ in range(300):
            yield b" " * 1024

    whole = await edge.signed(body)
    chunked = await edge.browser().post("/webhooks/line", content=pieces())  # type: ignore[arg-type]

    assert [code_of(each) for each in (whole, chunked)] == [(413, "too_large")] * 2


async def test_without_line_there_is_no_such_path(tmp_path: Path) -> None:
    async with edge_of(config_in(tmp_path / "data", line=Line())) as edge:
        answer: httpx.Response = await edge.line(text_event("ABCDEFGH"))

        detail = "LINE is not used here."
        assert (answer.status_code, answer.json()) == (404, problem(404, "unknown_path", detail))


async def test_line_user_is_in_no_log(edge: Edge, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    ticket = await edge.ticket()
    code = await link_code(ticket)
    await ticket.holder.post("/api/v1/ticket/cancel")

    await edge.line(text_event(code))

    assert LINE_USER not in caplog.text
    assert LINE_USER.encode() not in edge.everything_written()
