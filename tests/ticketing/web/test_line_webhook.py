"""What LINE tells: codes, blocks, and everything else that comes to that door."""

import json
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
from ticketing.web.line_webhook import is_genuine

DAY = START.date()


async def link_code(ticket: Ticket, **more: object) -> str:
    answer = await ticket.holder.post("/api/v1/ticket/line-link", json={"consent": True, **more})
    return str(answer.json()["code"])


async def contact(ticket: Ticket) -> object:
    return (await ticket.holder.get("/api/v1/ticket")).json()["contact"]


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
    edge.node.site.desk("ward").out_of_order = "This server's clock is wrong; it takes no commands until it is set."

    answer = await edge.line(text_event(code))

    assert (answer.status_code, await contact(ticket)) == (503, LINKED)


async def test_overdue_erasure_links_nobody(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = await link_code(ticket)
    edge.node.site.is_erasure_overdue = True

    answer = await edge.line(text_event(code))

    assert (answer.status_code, await contact(ticket)) == (200, None)


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
