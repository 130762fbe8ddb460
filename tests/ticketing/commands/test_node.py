"""A node put together: what it records, warns of and erases by itself."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.processes import Installation
from ticketing.clock import FixedClock
from ticketing.commands.assembly import open_node
from ticketing.commands.node import Node
from ticketing.config import read_config
from ticketing.hall import commands as cmd

#: 11:00 in Tokyo.
MORNING = datetime(2026, 9, 3, 2, tzinfo=UTC)
DAY = date(2026, 9, 3)


@asynccontextmanager
async def node_at(folder: Path, clock: FixedClock, more: str = "", office: str | None = None) -> AsyncIterator[Node]:
    made = Installation.make(folder, more) if office is None else Installation.make(folder, more, office)
    async with open_node(read_config(made.config, made.data), clock) as node:
        yield node


async def issue(node: Node) -> str:
    desk = node.site.desk("minato")
    answer = await desk.submit(cmd.Issue(by="kiosk:k", service="family", channel="kiosk", language="ja"))
    assert answer.body is not None
    return str(answer.body["number"])


async def test_configuration_is_recorded_when_it_is_another_than_before(tmp_path: Path) -> None:
    clock = FixedClock(MORNING)
    for more in ("", "", "[retention]\njournal_days = 90\n"):
        async with node_at(tmp_path, clock, more) as node:
            await node.note_configuration()

    async with node_at(tmp_path, clock) as node:
        entries = [row.entry for row in await node.site.audit.list()]

    assert [entry.what for entry in entries] == ["configuration.change"] * 2
    assert entries[0].target != entries[1].target


async def test_a_series_past_its_end_is_warned_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    office = Installation.make(tmp_path / "usual").config.read_text("utf-8")
    short = office.replace('prefix = "A"', 'prefix = "A"\nlast = 2')
    caplog.set_level(logging.WARNING, "ticketing.commands.node")
    async with node_at(tmp_path / "short", FixedClock(MORNING), office=short) as node:
        numbers = []
        for _ in range(3):
            numbers.append(await issue(node))
            node.warn_of_full_series()
        node.warn_of_full_series()

    assert numbers == ["A1", "A2", "A10"]
    assert [record.getMessage() for record in caplog.records] == ["office minato: series a is past its end of 2"]


async def test_the_nightly_purge_erases_yesterday_and_leaves_today_open(tmp_path: Path) -> None:
    clock = FixedClock(MORNING)
    async with node_at(tmp_path, clock) as node:
        number = await issue(node)
        await node.site.contacts.put("minato", DAY, number, "email", "hanako@example.jp", "ja", None, None, clock.now())

    # The machine was off over midnight: the day is closed first, then erased, and the new day stays open.
    clock.set(datetime(2026, 9, 3, 20, tzinfo=UTC))
    async with node_at(tmp_path, clock) as node:
        assert node.site.is_erasure_overdue
        await node.run_purge()

        desk = node.site.desk("minato")
        assert (desk.hall.day, desk.hall.is_closed) == (date(2026, 9, 4), False)
        assert not node.site.is_erasure_overdue
        records = await node.erasures.list()
        assert [(record.erasure.day, record.erasure.counts["email"]) for record in records] == [(DAY, 1)]
        entries = [row.entry for row in await node.site.audit.list(who="purge") if row.entry.what == "purge"]
        assert [(each.what, each.target, each.office_id, each.result) for each in entries] == [
            ("purge", DAY.isoformat(), "minato", "ok")
        ]


async def test_the_purge_locks_where_the_keys_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Installation.make(tmp_path)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    async with open_node(read_config(made.config, Path("data")), FixedClock(MORNING)) as node:
        await node.run_purge()

        assert node.config.security.key_dir.is_absolute()
        assert [each.name for each in node.config.security.key_dir.iterdir()] == ["purge.lock"]


async def test_a_purge_as_of_tomorrow_closes_today_and_no_other_day(tmp_path: Path) -> None:
    clock = FixedClock(MORNING)
    async with node_at(tmp_path, clock) as node:
        node.site.secrets.make("minato", DAY, await issue(node))

        erased = await node.purge.purge(datetime(2026, 9, 4, 2, tzinfo=UTC))

        desk = node.site.desk("minato")
        assert [(erasure.day, erasure.is_future) for erasure in erased] == [(DAY, True)]
        assert (desk.hall.day, desk.hall.is_closed) == (DAY, True)
        assert await node.site.journal.day("minato", date(2026, 9, 4)) is None
