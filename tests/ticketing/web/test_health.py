"""What operations ask."""

import sqlite3
from datetime import date, datetime, timedelta

import pytest

from tests.ticketing.web.edge import START, Edge
from ticketing.addresses import ContactChannel
from ticketing.journal.base import JournalUnavailable
from ticketing.notice import NewNotice

DAY = date(2026, 9, 1)


async def test_healthy_node_says_so(edge: Edge) -> None:
    browser = edge.browser()

    alive, ready = await browser.get("/healthz"), await browser.get("/readyz")

    assert [(each.status_code, each.json()) for each in (alive, ready)] == [(200, {"status": "ok", "problems": []})] * 2


async def test_node_that_cannot_do_its_work_is_alive_but_not_ready(edge: Edge) -> None:
    site = edge.node.site
    site.is_erasure_overdue = True
    site.desk("east").out_of_order = "This server's clock is wrong."

    alive, ready = await edge.browser().get("/healthz"), await edge.browser().get("/readyz")

    failing = {"status": "failing", "problems": ["erasure_overdue", "clock_wrong"]}
    assert (alive.status_code, ready.status_code, ready.json()) == (200, 503, failing)
    assert ready.headers["retry-after"] == "30"


async def test_journal_out_of_reach_is_seen(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(office_id: str) -> int:
        raise JournalUnavailable("disk") from sqlite3.OperationalError("disk I/O error")

    # A real disk cannot be made to fail on demand here.
    monkeypatch.setattr(edge.node.site.journal, "head", fail)

    ready = await edge.browser().get("/readyz")

    assert (ready.status_code, ready.json()) == (503, {"status": "failing", "problems": ["journal_unavailable"]})


async def test_metrics_are_numbers_and_nothing_personal(edge: Edge) -> None:
    ticket, kiosk = await edge.ticket(), await edge.device()
    await edge.ticket("family")
    await kiosk.post("/api/v1/offices/ward/tickets", json={"service": "family"})
    contact = {"channel": "email", "address": "hanako@example.jp", "consent": True}
    await ticket.holder.put("/api/v1/ticket/contact", json=contact)

    answer = await edge.browser().get("/metrics")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == (
        "# TYPE junban_watchers gauge\n"
        "junban_watchers 0\n"
        "# TYPE junban_erasure_overdue gauge\n"
        "junban_erasure_overdue 0\n"
        "# TYPE junban_journal_seq counter\n"
        'junban_journal_seq{office="ward"} 6\n'
        'junban_journal_seq{office="east"} 1\n'
        "# TYPE junban_tickets gauge\n"
        'junban_tickets{office="ward",state="waiting"} 2\n'
        'junban_tickets{office="ward",state="expected"} 1\n'
        'junban_tickets{office="ward",state="absent"} 0\n'
        'junban_tickets{office="east",state="waiting"} 0\n'
        'junban_tickets{office="east",state="expected"} 0\n'
        'junban_tickets{office="east",state="absent"} 0\n'
        "# TYPE junban_notices gauge\n"
        "# TYPE junban_notice_outcomes gauge\n"
        "# TYPE junban_notice_oldest_seconds gauge\n"
        "# TYPE junban_attention_total counter\n"
        "# TYPE junban_print_jobs gauge\n"
    )


def notice(number: str, at: datetime, channel: ContactChannel = "email") -> NewNotice:
    return NewNotice(
        day=DAY, number=number, kind="called", occurrence="1", seq=1, channel=channel, created_at=at,
        useful_until=at + timedelta(minutes=5), counter="1",
    )  # fmt: skip


async def test_metrics_say_what_became_of_alerts(edge: Edge) -> None:
    site = edge.node.site
    for index in range(4):
        await site.notices.add("ward", notice(f"A00{index}", START + timedelta(seconds=index)))
    await site.notices.add("ward", notice("A009", START, "line"))
    claimed = await site.notices.claim("email", START + timedelta(seconds=2), 3, 30)
    await site.notices.note_sent(claimed[0], START)
    await site.notices.note_failed(claimed[1], START, "smtp_550")
    await site.notices.note_retry(claimed[2], START, "smtp_451")
    site.attention.note("email", "smtp_535")
    site.attention.note("email", "smtp_535")
    edge.clock.advance(seconds=12.5)

    answer = await edge.browser().get("/metrics")

    assert answer.text.partition("# TYPE junban_notices gauge\n")[2] == (
        'junban_notices{channel="email",kind="called",state="failed"} 1\n'
        'junban_notices{channel="email",kind="called",state="pending"} 2\n'
        'junban_notices{channel="email",kind="called",state="sent"} 1\n'
        'junban_notices{channel="line",kind="called",state="pending"} 1\n'
        "# TYPE junban_notice_outcomes gauge\n"
        'junban_notice_outcomes{channel="email",state="failed",outcome="smtp_550"} 1\n'
        'junban_notice_outcomes{channel="email",state="pending",outcome="smtp_451"} 1\n'
        'junban_notice_outcomes{channel="email",state="sent",outcome="ok"} 1\n'
        "# TYPE junban_notice_oldest_seconds gauge\n"
        'junban_notice_oldest_seconds{channel="email"} 10.500\n'
        'junban_notice_oldest_seconds{channel="line"} 12.500\n'
        "# TYPE junban_attention_total counter\n"
        'junban_attention_total{channel="email",code="smtp_535"} 2\n'
        "# TYPE junban_print_jobs gauge\n"
    )
