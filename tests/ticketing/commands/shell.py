"""The commands as a shell runs them, in this process, and data for them to work on."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.processes import Installation
from ticketing.__main__ import main
from ticketing.audit import Audit
from ticketing.clock import FixedClock
from ticketing.commands.assembly import open_node
from ticketing.commands.node import Node
from ticketing.config import read_config
from ticketing.hall import commands as cmd
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

#: 11:00 in Tokyo.
MORNING = datetime(2026, 9, 3, 2, tzinfo=UTC)
DAY = date(2026, 9, 3)
OFFICE_ID = "minato"
SATO = "staff:sato"


@dataclass
class Shell:
    """One installation; every command gets its configuration and data directory."""

    installation: Installation
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, output and errors."""
        self.capsys.readouterr()
        code = main([*words, "--config", str(self.installation.config), "--data", str(self.installation.data)])
        return code, *self.capsys.readouterr()

    def happens(self, work: Callable[[Node], Awaitable[None]], at: datetime = MORNING) -> None:
        """Something happens in a node at a time."""

        async def happen() -> None:
            config = read_config(self.installation.config, self.installation.data)
            async with open_node(config, FixedClock(at)) as node:
                await work(node)

        asyncio.run(happen())

    def serve_two(self, at: datetime = MORNING) -> None:
        """Two tickets are taken; the first is called, the second comes from the web."""

        async def work(node: Node) -> None:
            for command in (
                cmd.OpenCounter(by=SATO, counter="c1"),
                cmd.Issue(by="kiosk:k", service="family", channel="kiosk", language="ja"),
                cmd.Issue(by="web", service="tax", channel="web", language="en"),
                cmd.CallNext(by=SATO, counter="c1"),
            ):
                await node.site.desk(OFFICE_ID).submit(command)

        self.happens(work, at)

    def change(self, sql: str) -> None:
        """Changes the database behind Junban's back."""
        with sqlite3.connect(self.installation.data / "junban.sqlite3") as connection:
            connection.execute(sql)
        connection.close()

    def recorded(self, what: str) -> list[tuple[str | None, str]]:
        """Target and result of the operations of one kind, as the record has them."""
        return [(target, result) for _, target, _, result in self.record(what)]

    def record(self, what: str) -> list[tuple[str, str | None, str | None, str]]:
        """Who, target, office and result of the operations of one kind, as the record has them."""

        async def read() -> list[tuple[str, str | None, str | None, str]]:
            file = await SqliteFile.open(self.installation.data / "junban.sqlite3", Schema("main"))
            rows = await Audit(file).list()
            await file.close()
            entries = [row.entry for row in rows if row.entry.what == what]
            return [(each.who, each.target, each.office_id, each.result) for each in entries]

        return asyncio.run(read())


def make_shell(folder: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(Installation.make(folder), capsys)
