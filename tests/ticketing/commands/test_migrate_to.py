"""An installation moves from SQLite files to PostgreSQL, row by row, or not at all."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from tests.crowd import OFFICE_ID, Crowd, install, stored
from tests.postgres import PostgresServer, new_database, on_postgres
from tests.processes import Installation, junban
from ticketing.config import read_config
from ticketing.contacts import Contacts
from ticketing.keys import DayKeys
from ticketing.master_key import configured_master_key
from ticketing.storage.opening import open_database

pytestmark = [*on_postgres, pytest.mark.timeout(300)]


async def filled(folder: Path) -> Installation:
    """An office with tickets, calls and a contact."""
    installation = await install(folder)
    async with installation.serving() as server:
        crowd = await Crowd.enrol(installation, server)
        await crowd.kiosk([server.url], 20)
        await crowd.console("c1", [server.url], 5)
    config = read_config(installation.config, installation.data)
    file = await open_database(config.database, "contacts")
    contacts = Contacts(file, DayKeys(config.security.key_dir, configured_master_key(config.security, config.data_dir)))
    day = (await stored(installation)).day
    await contacts.put(OFFICE_ID, day, "A001", "email", "sato@example.jp", "ja", None, None, datetime.now(UTC))
    await file.close()
    return installation


async def migrate(installation: Installation, url: str) -> tuple[int, str, str]:
    return await junban("migrate-to", url, "--config", str(installation.config), "--data", str(installation.data))


async def test_a_moved_installation_goes_on_where_it_was(tmp_path: Path, postgres: PostgresServer) -> None:
    url, empty = await new_database(postgres, is_empty=True), await new_database(postgres, is_empty=True)
    installation = await filled(tmp_path)
    before = await stored(installation)

    code, output, errors = await migrate(installation, url)

    assert (code, errors) == (0, "")
    assert f"events\t{len(before.seqs)} rows\t" in output
    assert "contacts\t1 rows\t" in output
    assert (await migrate(installation, url))[0] == 1
    office = installation.config.read_text("utf-8")
    installation.config.write_text(f'[database]\nurl = "{url}"\n{office}', "utf-8")
    assert await stored(installation) == before
    await _checks(installation)
    async with installation.serving() as server:
        kiosk = await server.enrolled(await installation.invite("kiosk"))
        answer = await kiosk.post(f"/api/v1/offices/{OFFICE_ID}/tickets", json={"service": "family", "via": "kiosk"})
        assert answer.status_code == 201, answer.text
        assert answer.json()["number"] not in before.issued
    config = read_config(installation.config, installation.data)
    contacts = await open_database(config.database, "contacts")
    keys = DayKeys(config.security.key_dir, configured_master_key(config.security, config.data_dir))
    (contact,) = await Contacts(contacts, keys).get(OFFICE_ID, before.day, "A001")
    await contacts.close()
    assert contact.address == "sato@example.jp"

    # And back: a backup has one form, whatever it was made from, and begins either kind.
    moved = await stored(installation)
    backup = tmp_path / "backup.sqlite3"
    await installation.run("backup", str(backup))
    for restored in (Installation.make(tmp_path / "file", office=office), _on(empty, tmp_path / "server", office)):
        await restored.run("restore", str(backup))
        assert await stored(restored) == moved
        code, _, errors = await junban("audit", "verify", *_where(restored), "--public-key", str(_public(tmp_path)))
        assert (code, errors) == (0, "")
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def _on(url: str, folder: Path, office: str) -> Installation:
    return Installation.make(folder, f'[database]\nurl = "{url}"\n', office)


def _where(installation: Installation) -> tuple[str, ...]:
    return ("--config", str(installation.config), "--data", str(installation.data))


def _public(folder: Path) -> Path:
    return folder / "public.pem"


async def _checks(installation: Installation) -> None:
    """Commands of every kind work on it."""
    day = (await stored(installation)).day.isoformat()
    assert "all are as they were written" in await installation.run("audit", "verify")
    assert "Erasure records checked: 0" in await installation.run("erasures", "verify")
    assert (await installation.run("replay", OFFICE_ID, day)).splitlines()[-1].endswith("equal to the stored rows: yes")
    assert len((await installation.run("report", OFFICE_ID, day)).splitlines()) == 21
    assert "sato\tclerk\tminato\tenabled" in await installation.run("staff", "list")
    assert "kiosk" in await installation.run("device", "list")
    assert "database.migrate" in await installation.run("audit", "list")
    assert "Nothing is due." in await installation.run("purge")
    await installation.run("purge", "--dry-run", "--as-of", "2099-01-01T00:00:00Z")
    await installation.run("keys", "list")
    report = installation.data / "report.pdf"
    await installation.run("handling-report", day, day, "-o", str(report))
    assert report.read_bytes().startswith(b"%PDF")
    public = _public(installation.config.parent)
    public.write_text(await installation.run("keys", "public"), "utf-8")


async def test_nothing_is_moved_while_a_server_runs_or_to_a_database_in_use(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = await new_database(postgres, is_empty=True)
    installation = await install(tmp_path)
    async with installation.serving():
        code, output, errors = await migrate(installation, url)
    assert (code, output, "stop Junban, and run this again" in errors) == (1, "", True)

    other = await install(tmp_path / "other", f'[database]\nurl = "{url}"\n')
    assert (await migrate(installation, url))[0] == 1
    assert "begins with SQLite files" in (await migrate(other, url))[2]
    connection = await asyncpg.connect(url)
    names = [row["name"] for row in await connection.fetch("SELECT name FROM junban.staff")]
    count = await connection.fetchval("SELECT count(*) FROM junban.events")
    await connection.close()
    assert (names, count) == (["sato"], 0)


async def test_a_target_that_is_none_is_refused(tmp_path: Path, postgres: PostgresServer) -> None:
    installation = await install(tmp_path)

    refused = [await migrate(installation, url) for url in ("sqlite:///x", "postgresql://db", postgres.url_of("no"))]

    assert [code for code, _, _ in refused] == [1, 1, 1]
    assert "URL.url: must name user, host and database" in refused[1][2]
    assert 'database "no" does not exist' in refused[2][2]
