"""The live feed over a real WebSocket: what everyone sees, what one visitor sees, and who is sent away."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.boards import next_frame
from tests.ticketing.hall.board import merge
from tests.ticketing.web.edge import LINE_USER, MAIL, NO_OFFICE, NOW, START, problem, ticket_json
from tests.ticketing.web.server import Served, close_code, served_in
from ticketing.journal.base import JournalUnavailable

TICKETS = "/api/v1/offices/ward/tickets"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with served_in(tmp_path / "data") as running:
        yield running


def service(service_id: str, name: str, *waiting: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": service_id, "name": name, "open": True, "waiting": list(waiting), "wait_low": None, "wait_high": None,
        **changes,
    }  # fmt: skip


def counter(counter_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": counter_id, "label": counter_id, "open": False, "calling": None, "called_at": None, "call_count": 0,
        **changes,
    }  # fmt: skip


EMPTY = {
    "type": "snapshot", "seq": 1, "now": NOW, "office": "ward",
    "services": [service("family", "戸籍"), service("residence", "住民票"), service("tax", "証明")],
    "counters": [counter("1"), counter("2"), counter("3")],
    "absent": [], "notice": None, "calls": [],
}  # fmt: skip


async def test_snapshot_is_the_whole_picture(served: Served) -> None:
    async with served.connect() as board:
        assert await next_frame(board) == EMPTY


async def test_change_holds_what_changed_and_leads_to_the_next_snapshot(served: Served) -> None:
    kiosk, clerk = await served.edge.device(), await served.edge.staff("sato")
    async with served.connect() as board:
        picture = await next_frame(board)
        await kiosk.post(TICKETS, json={"service": "tax"})
        taken = await next_frame(board)
        await clerk.post("/api/v1/offices/ward/counters/3/open")
        opened = await next_frame(board)
        await clerk.post("/api/v1/offices/ward/counters/3/call-next")
        called = await next_frame(board)
        async with served.connect() as newcomer:
            now = await next_frame(newcomer)

    assert taken == {
        "type": "change", "seq": 2, "now": NOW, "services": [service("tax", "証明", "B501")],
        "counters": [], "calls": [],
    }  # fmt: skip
    assert opened["counters"] == [counter("3", open=True)]
    call = {"seq": 4, "number": "B501", "counter": "3", "at": NOW, "call_count": 1, "language": "ja"}
    assert called["calls"] == [call]
    assert called["counters"] == [counter("3", open=True, calling="B501", called_at=NOW, call_count=1)]
    for change in (taken, opened, called):
        picture = merge(picture, change)
    assert {**picture, "seq": 4, "calls": [call]} == now


async def test_pulse_is_a_sign_of_life(served: Served) -> None:
    feed = served.edge.node.site.live.feed("ward")
    assert feed is not None
    async with served.connect() as board:
        await next_frame(board)
        feed.pulse()
        async with asyncio.timeout(5):
            assert json.loads(await board.recv()) == {"type": "pulse", "seq": 1, "now": NOW}


async def test_whoever_comes_while_other_nodes_cannot_be_heard_is_not_told_what_may_be_old(served: Served) -> None:
    desk = served.edge.node.site.desk("ward")
    async with served.connect() as board:
        await next_frame(board)
        desk.is_cut_off = True
        status, body, headers = await served.refused()
        picture = await served.edge.browser().get("/api/v1/offices/ward/picture")
        desk.is_cut_off = False
        async with served.connect() as other:
            assert (await next_frame(other))["type"] == "snapshot"

    assert (status, body["code"], headers["retry-after"]) == (503, "unavailable", "2")
    assert (picture.status_code, picture.json()["code"]) == (503, "unavailable")


async def test_visitor_follows_only_the_own_ticket(served: Served) -> None:
    mine, other = await served.edge.ticket(), await served.edge.ticket()
    clerk = await served.edge.staff("sato")
    async with served.connect() as phone:
        await next_frame(phone)
        await phone.send(f'{{"ticket":"{other.secret}"}}')
        first = await next_frame(phone)
        await mine.holder.post("/api/v1/ticket/cancel")
        moved = await next_frame(phone)
        await clerk.post("/api/v1/offices/ward/counters/3/open")
        await clerk.post("/api/v1/offices/ward/counters/3/call-next")
        frames = [await next_frame(phone)]
        while frames[-1]["state"] != "called":
            frames.append(await next_frame(phone))

    ticket = ticket_json("B502", service="tax", position=2, ahead=1)
    assert first == {"type": "ticket", **ticket, "contact": None, "contacts": [], "alerts": []}
    assert moved == {**first, "position": 1, "ahead": 0}
    assert frames[-1] == {
        **first, "state": "called", "position": None, "ahead": None, "counter": "3", "called_at": NOW, "call_count": 1,
    }  # fmt: skip


async def test_visitor_is_told_of_the_contact_masked(served: Served) -> None:
    ticket = await served.edge.ticket()
    async with served.connect() as phone:
        await next_frame(phone)
        await phone.send(f'{{"ticket":"{ticket.secret}"}}')
        await next_frame(phone)
        await ticket.holder.put("/api/v1/ticket/contact", json={"channel": "email", "address": MAIL, "consent": True})
        told = await next_frame(phone)

    assert told["contact"] == {"channel": "email", "masked": "h***@mail.example.jp", "ahead": None, "minutes": None}


async def test_empty_secret_means_the_cookies(served: Served) -> None:
    ticket = await served.edge.ticket()
    async with served.connect(Cookie=f"junban_ticket={ticket.secret}") as phone:
        await next_frame(phone)
        await phone.send('{"ticket":""}')
        assert (await next_frame(phone))["number"] == ticket.number


async def test_bad_secrets_are_sent_away_with_4401(served: Served) -> None:
    mine, there = await served.edge.ticket(), await served.edge.ticket(office="east")
    changed = mine.secret[:-1] + ("A" if mine.secret[-1] != "A" else "Q")
    digits = mine.secret.replace("20260901", "２０２６０９０１")
    for secret in ("", "x", changed, digits, there.secret, mine.secret.replace("B501", "B999"), "\\u0000"):
        async with served.connect() as phone:
            await phone.send(f'{{"ticket":"{secret}"}}')
            assert await close_code(phone) == 4401, secret


async def test_secret_of_yesterday_is_sent_away(served: Served) -> None:
    ticket = await served.edge.ticket()
    async with served.connect() as early, served.connect() as late:
        await early.send(f'{{"ticket":"{ticket.secret}"}}')
        await next_frame(early)
        assert (await next_frame(early))["type"] == "ticket"
        await served.edge.wait(24 * 3600)
        await late.send(f'{{"ticket":"{ticket.secret}"}}')
        assert await close_code(early) == 4401
        assert await close_code(late) == 4401


@pytest.mark.parametrize(
    "message",
    [
        "", "x", "{", "[]", "{}", '{"ticket":1}', '{"ticket":null}', '{"ticket":"","more":1}', b"", b'{"ticket":""}',
        '{"ticket":"' + "x" * 1024 + '"}', "x" * 60_000, "[" * 1000, "é" * 600, '{"ticket":"\\ud800"}',
    ],
)  # fmt: skip
async def test_wrong_messages_are_sent_away_with_4400(served: Served, message: str | bytes) -> None:
    async with served.connect() as client:
        await client.send(message)
        assert await close_code(client) == 4400


async def test_second_message_is_sent_away(served: Served) -> None:
    ticket = await served.edge.ticket()
    async with served.connect() as phone:
        await phone.send(f'{{"ticket":"{ticket.secret}"}}')
        await phone.send(f'{{"ticket":"{ticket.secret}"}}')
        assert await close_code(phone) == 4400


async def test_message_that_no_buffer_should_hold_is_cut(served: Served) -> None:
    async with served.connect() as client:
        await client.send("x" * 200_000)
        assert await close_code(client) == 1009


async def test_handshake_of_a_foreign_page_is_refused_with_our_cookie(served: Served) -> None:
    ticket = await served.edge.ticket()
    cookie = f"junban_ticket={ticket.secret}"
    foreign = problem(403, "wrong_origin", "This request comes from another site's page.")

    for origin in ("https://evil.example", "null", "http://[::1"):
        status, body, headers = await served.refused(Origin=origin, Cookie=cookie)
        assert (status, body) == (403, foreign)
        assert headers["content-type"] == "application/problem+json"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-content-type-options"] == "nosniff"

    own = f"http://127.0.0.1:{served.port}"
    async with served.connect(Origin=own, Cookie=cookie) as ours, served.connect(Origin="https://evil.example") as bare:
        assert (await next_frame(ours))["type"] == (await next_frame(bare))["type"] == "snapshot"


async def test_journal_out_of_reach_asks_to_come_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(office_id: str) -> int:
        raise JournalUnavailable("disk")

    secret = served.edge.node.site.secrets.make("ward", START.date(), "B777")
    # A real disk cannot be made to fail on demand here.
    monkeypatch.setattr(served.edge.node.site.journal, "head", fail)
    async with served.connect() as phone:
        await phone.send(f'{{"ticket":"{secret}"}}')
        assert await close_code(phone) == 1013


async def test_unknown_office_and_path_are_refused(served: Served) -> None:
    office = await served.refused(served.live.replace("ward", "nowhere"))
    path = await served.refused(served.live.replace("/live", "/nothing"))

    assert office[:2] == (404, NO_OFFICE)
    assert path[0] == 403


async def test_plain_request_is_told_to_upgrade(served: Served) -> None:
    answer = await served.edge.browser().get("/api/v1/offices/ward/live")

    assert (answer.status_code, answer.json()) == (
        426, problem(426, "upgrade_required", "This path is a WebSocket."),
    )  # fmt: skip
    assert answer.headers["upgrade"] == "websocket"


async def test_no_secret_and_no_contact_is_in_any_frame(served: Served) -> None:
    edge, contacts = served.edge, served.edge.node.site.contacts
    mine, other = await edge.ticket(), await edge.ticket()
    clerk = await edge.staff("sato")
    await contacts.put("ward", START.date(), mine.number, "line", LINE_USER, "ja", None, None, START)
    for ticket in (mine, other):
        body = {"channel": "email", "address": MAIL, "consent": True}
        await ticket.holder.put("/api/v1/ticket/contact", json=body)
    frames: list[str] = []
    async with served.connect() as board, served.connect() as phone:
        frames += [str(await next_frame(board)), str(await next_frame(phone))]
        await phone.send(f'{{"ticket":"{mine.secret}"}}')
        frames.append(str(await next_frame(phone)))
        await clerk.post("/api/v1/offices/ward/counters/3/open")
        await clerk.post("/api/v1/offices/ward/counters/3/call-next")
        for _ in range(2):
            frames += [str(await next_frame(board)), str(await next_frame(phone))]

    told = "".join(frames)
    assert "B501" in told
    for secret in (mine.secret, other.secret, mine.secret.rpartition(".")[2], LINE_USER, MAIL.partition("@")[0]):
        assert secret not in told
