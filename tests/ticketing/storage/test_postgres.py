"""What is PostgreSQL's own: the tables of SQLite, the chain reckoned in the server, days in tables of their own."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import pytest

from tests.postgres import PostgresServer, new_database, on_postgres
from ticketing.audit import Audit, Entry
from ticketing.audit_chain import row_hash
from ticketing.storage.database import DatabaseFault, DatabaseUnavailable, NewerDatabase, NoDatabase
from ticketing.storage.migrations import Schema
from ticketing.storage.postgres import PostgresDatabase, committed, numbered, placed
from ticketing.storage.sqlite import SqliteFile

pytestmark = on_postgres

AT = datetime(2026, 9, 3, 1, tzinfo=UTC)
DAY = date(2026, 9, 3)
KINDS = {"TEXT": "text", "INTEGER": "bigint", "BLOB": "bytea", "REAL": "double precision"}
#: Of tables that are cut into days, every key holds office and day.
CUT = {"contacts", "link_codes", "canaries"}
OWN = {"main": {"chains", "schema_version"}, "contacts": {"key_directory", "schema_version"}}
FIELDS = ("at", "who", "address", "what", "target", "office_id", "result")


@pytest.fixture
async def main(postgres: PostgresServer) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(await new_database(postgres), Schema("main"), 4)
    yield database
    await database.close()


@pytest.fixture
async def contacts(postgres: PostgresServer) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(await new_database(postgres), Schema("contacts"), 4)
    yield database
    await database.close()


@dataclass
class Shape:
    """Columns with kind and whether they must have a value, and the unique keys."""

    columns: dict[str, tuple[str, bool]]
    keys: set[tuple[str, frozenset[str]]]


async def shapes_of_file(file: SqliteFile) -> dict[str, Shape]:
    found = {}
    for (table,) in await file.fetch_all(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ):
        columns = await file.fetch_all(f"PRAGMA table_info({table})")
        keys = {("", frozenset(row["name"] for row in columns if row["pk"]))}
        for index in await file.fetch_all(f"PRAGMA index_list({table})"):
            if index["unique"]:
                of = await file.fetch_all(f"PRAGMA index_info({index['name']})")
                sql = await file.fetch_one("SELECT sql FROM sqlite_master WHERE name = ?", (index["name"],))
                keys.add((condition(sql[0] if sql else ""), frozenset(row["name"] for row in of)))
        kinds = {row["name"]: (KINDS[row["type"]], bool(row["notnull"] or row["pk"])) for row in columns}
        found[table] = Shape(kinds, keys)
    return found


async def shapes_of_server(database: PostgresDatabase) -> dict[str, Shape]:
    rows = await database.fetch_all(
        """
        SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema = ? AND table_name NOT LIKE '%/%'
        """,
        (database.namespace,),
    )
    indexes = await database.fetch_all(
        """
        SELECT t.relname AS name, pg_get_indexdef(i.indexrelid) AS sql,
            ARRAY(
                SELECT attname::text FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (i.indkey)
            ) AS keys
        FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE i.indisunique AND n.nspname = ?
        """,
        (database.namespace,),
    )
    found: dict[str, Shape] = {}
    for row in rows:
        shape = found.setdefault(row["table_name"], Shape({}, set()))
        shape.columns[row["column_name"]] = (row["data_type"], row["is_nullable"] == "NO")
    for row in indexes:
        if row["name"] in found:
            found[row["name"]].keys.add((condition(row["sql"]), frozenset(row["keys"])))
    return found


def condition(sql: str | None) -> str:
    """What a partial index is about, without what each kind of database adds to it."""
    return re.sub(r"::text|[() \n]", "", (sql or "").partition("WHERE ")[2])


@pytest.mark.parametrize("part", ["main", "contacts"])
async def test_both_kinds_have_the_same_tables(postgres: PostgresServer, tmp_path: Path, part: str) -> None:
    file = await SqliteFile.open(tmp_path / "new.sqlite3", Schema(part))
    database = await PostgresDatabase.open(await new_database(postgres), Schema(part), 2)

    wanted, found = await shapes_of_file(file), await shapes_of_server(database)

    await file.close()
    await database.close()
    for table in CUT & wanted.keys():
        wanted[table].keys = {(where, names | {"office_id", "business_day"}) for where, names in wanted[table].keys}
    assert {name: shape for name, shape in found.items() if name not in OWN[part]} == wanted


async def test_an_append_replaces_every_column_of_a_ticket(main: PostgresDatabase) -> None:
    row = await main.fetch_one("SELECT prosrc FROM pg_proc WHERE proname = 'append_rows'")
    columns = await main.fetch_all(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'junban' AND table_name = 'tickets'"
    )
    assert row is not None

    named = set(re.findall(r"(\w+) = excluded\.\1", row["prosrc"]))

    # A migration that adds a column has to make the function anew.
    assert named == {column for (column,) in columns} - {"office_id", "business_day", "number"}


TEXTS = [
    *map(chr, range(1, 0x20)), '"', "\\", "/", "\x7f", "\x80", "\x9f", "\u2028", "\u2029", "\ufffd", "\ufeff", "é",
    "順番", "が", "か\u3099", "\U0001f3ab", "\U0010ffff", "'", "<&>", "%s $1 ?", "null", "\\u0041", " \t x ",
]  # fmt: skip


async def test_the_server_chains_operations_with_the_same_hash(main: PostgresDatabase) -> None:
    at = "2026-09-03T01:00:00.000Z"
    lines = [("ward", at, f"x{text}", text, f"{text}x", text * 3, None, f"{text}ok") for text in TEXTS]
    lines.append(("ward", at, "x", None, "x", None, "ward", "ok"))  # type: ignore[arg-type]
    async with main.connection() as connection:
        await connection.execute("SELECT append_audit($1::audit_line[])", lines[:3])
        await connection.execute("SELECT append_audit($1::audit_line[])", lines[3:])

    rows = await main.fetch_all(f"SELECT id, {', '.join(FIELDS)}, hash FROM audit ORDER BY id")

    previous = "0" * 64
    for row_id, *fields, stored in rows:
        previous = row_hash(previous, row_id, tuple(fields))
        assert stored == previous, fields
    assert [tuple(row)[1:-1] for row in rows] == [line[1:] for line in lines]
    assert await main.last_id("audit") == len(lines)


async def test_a_day_has_tables_of_its_own_until_it_is_dropped(contacts: PostgresDatabase) -> None:
    async def tables() -> list[str]:
        rows = await contacts.fetch_all("SELECT tablename::text FROM pg_tables WHERE tablename LIKE '%/%' ORDER BY 1")
        return [row[0] for row in rows]

    longest = "o" * 32
    async with contacts.transaction() as connection:
        for office_id in ("minato", "minato", longest):
            await connection.make_day(office_id, DAY)
    made = await tables()
    async with contacts.transaction() as connection:
        await connection.drop_day("minato", DAY)
        await connection.drop_day("nobody", date(2026, 9, 4))
    left = await tables()
    async with contacts.transaction() as connection:
        await connection.drop_day(longest, DAY)

    assert len(made) == 9
    assert sorted(left) == sorted(f"{parent}/2026-09-03{end}" for parent in CUT for end in ("", f"/{longest}"))
    assert await tables() == []


async def test_transactions_of_two_nodes_take_turns(postgres: PostgresServer) -> None:
    url = await new_database(postgres)
    nodes = [await PostgresDatabase.open(url, Schema("main"), 4) for _ in range(2)]

    async def count(node: PostgresDatabase) -> None:
        for _ in range(5):
            async with node.transaction() as connection:
                rows = list(await connection.execute_fetchall("SELECT max(last_id) AS n FROM chains WHERE name = 'x'"))
                await connection.execute("DELETE FROM chains WHERE name = 'x'")
                await asyncio.sleep(0)
                await connection.execute("INSERT INTO chains VALUES ('x', ?)", ((rows[0]["n"] or 0) + 1,))

    await asyncio.gather(*(count(node) for node in nodes for _ in range(2)))

    assert await nodes[0].last_id("x") == 20
    for node in nodes:
        await node.close()


async def test_a_node_that_stops_in_a_transaction_is_thrown_out(postgres: PostgresServer) -> None:
    url = await new_database(postgres)
    paused, other = [await PostgresDatabase.open(url, Schema("main"), 2) for _ in range(2)]
    audit = Audit(other)

    async def stop_in_the_middle() -> None:
        async with paused.transaction() as connection:
            await connection.execute("INSERT INTO chains VALUES ('x', 1)")
            # Its turn is over before the other one gives up.
            await audit.record(Entry(at=AT, who="tick", what="test.run"))
            await connection.execute("INSERT INTO chains VALUES ('y', 1)")

    with pytest.raises(DatabaseUnavailable):
        await stop_in_the_middle()

    assert (len(await audit.list()), await other.last_id("x")) == (1, 0)
    for node in (paused, other):
        await node.close()


async def test_what_was_given_up_is_not_carried_out_later(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ticketing.storage.postgres.STATEMENT_SECONDS", 0.2)
    url = await new_database(postgres)
    one, other = [await PostgresDatabase.open(url, Schema("main"), 2) for _ in range(2)]

    async with one.connection() as connection, other.connection() as in_the_way:
        await in_the_way.execute("BEGIN; LOCK TABLE chains")
        with pytest.raises(asyncpg.QueryCanceledError):
            await committed(connection, connection.execute, "INSERT INTO chains VALUES ('x', 1)")
        await in_the_way.execute("ROLLBACK")

    assert await other.last_id("x") == 0
    for node in (one, other):
        await node.close()


async def test_work_on_whole_tables_may_take_longer(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ticketing.storage.postgres.STATEMENT_SECONDS", 0.2)
    url = await new_database(postgres)
    one, other = [await PostgresDatabase.open(url, Schema("main"), 2) for _ in range(2)]

    async with other.connection() as in_the_way:
        await in_the_way.execute("BEGIN; LOCK TABLE chains")
        compacting = asyncio.create_task(one.compact())
        await asyncio.sleep(1)
        await in_the_way.execute("ROLLBACK")
    is_compact = await compacting
    with pytest.raises(DatabaseUnavailable):
        await one.fetch_all("SELECT pg_sleep(1)")

    assert is_compact
    for node in (one, other):
        await node.close()


async def test_one_node_has_the_turn_at_a_time(postgres: PostgresServer) -> None:
    url = await new_database(postgres)
    one, other = [await PostgresDatabase.open(url, Schema("main"), 2) for _ in range(2)]

    async with one.turn(1) as first, other.turn(0.2) as second:
        pass
    async with other.turn(5) as third:
        pass

    assert (first, second, third) == (True, False, True)
    for node in (one, other):
        await node.close()


async def test_a_database_without_tables_is_none_unless_it_is_begun(postgres: PostgresServer) -> None:
    url = await new_database(postgres, is_empty=True)

    with pytest.raises(NoDatabase):
        await PostgresDatabase.open(url, Schema("main"), 2, begins=False)

    opened = await asyncio.gather(*(PostgresDatabase.open(url, Schema("main"), 2) for _ in range(3)))
    versions = await opened[0].fetch_all("SELECT version FROM schema_version")
    assert [row["version"] for row in versions] == list(range(1, len(Schema("main_postgres").migrations()) + 1))
    for each in opened:
        await each.close()


async def test_a_newer_database_is_refused(postgres: PostgresServer) -> None:
    url = await new_database(postgres)
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO junban.schema_version VALUES (1000)")
    await connection.close()

    with pytest.raises(NewerDatabase):
        await PostgresDatabase.open(url, Schema("main"), 2)


async def test_what_cannot_be_reached_or_entered_says_so(postgres: PostgresServer) -> None:
    with pytest.raises(DatabaseUnavailable, match="the database cannot be reached"):
        await PostgresDatabase.open("postgresql://junban@127.0.0.1:1/nothing", Schema("main"), 2)
    with pytest.raises(DatabaseFault, match='database "nothing" does not exist'):
        await PostgresDatabase.open(postgres.url_of("nothing"), Schema("main"), 2)


async def test_a_fault_does_not_quote_the_row(main: PostgresDatabase) -> None:
    with pytest.raises(DatabaseFault) as refused:
        async with main.transaction() as connection:
            await connection.execute("INSERT INTO staff VALUES ('sato', 'secret', 1, 'x', NULL)")

    assert "secret" not in str(refused.value)


def test_parameters_are_numbered() -> None:
    assert numbered("a = ? AND b = ?") == "a = $1 AND b = $2"
    assert placed("a = :x OR a = :y AND b = :x", {"x": 1, "y": 2, "z": 3}) == ("a = $1 OR a = $2 AND b = $1", 1, 2)
