"""A PostgreSQL server of the tests' own, and a way to lose what is said to it."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import asyncpg
import pytest

from tests.processes import free_port
from ticketing.storage.migrations import Schema
from ticketing.storage.postgres import PostgresDatabase

#: What tests' databases are copied from.
TEMPLATE = "junban_template"


def _programs() -> Path | None:
    """The folder of the server's programs; the newest of several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


PROGRAMS = _programs()

#: Marks a test that needs PostgreSQL; in CI a missing server is a failure, elsewhere it is said loudly.
on_postgres = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        PROGRAMS is None and os.environ.get("CI") != "true",
        reason="PostgreSQL is not installed (on Debian: apt-get install postgresql), so nothing was tried on it",
    ),
]


@dataclass
class PostgresServer:
    """A server process, and how to stop, kill and start it."""

    folder: Path
    port: int
    has_template: bool = False
    shared: str | None = None

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    def url_of(self, database: str) -> str:
        return f"postgresql://junban@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        # What a stopped process wrote survives it; only the machine's fall would cost something.
        options += " -c fsync=off -c full_page_writes=off -c max_connections=200"
        self._run("pg_ctl", "start", "-w", "-D", self.folder / "data", "-l", self.folder / "log", "-o", options)

    def stop(self, how: str = "fast") -> None:
        """``how``: smart, fast, or immediate, which is a crash."""
        self._run("pg_ctl", "stop", "-w", "-D", self.folder / "data", "-m", how)

    def make(self) -> None:
        how = ("-U", "junban", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run("initdb", "-D", self.folder / "data", *how)

    def _run(self, program: str, *arguments: str | Path) -> None:
        assert PROGRAMS is not None, "PostgreSQL is not installed"
        subprocess.run(
            [PROGRAMS / program, *arguments], check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            user=_user(), group=_user(), extra_groups=None if _user() is None else [],
        )  # fmt: skip


def _user() -> int | None:
    """PostgreSQL does not run as root."""
    return pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else None


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    # Not in pytest's folder, which is closed to other users.
    with tempfile.TemporaryDirectory(prefix="junban-postgres-") as folder:
        server = PostgresServer(Path(folder), free_port())
        if (user := _user()) is not None:
            os.chown(folder, user, user)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")


async def new_database(server: PostgresServer, *, is_empty: bool = False) -> str:
    """The URL of a database of its own, with all tables in it unless it is to be empty."""
    name = f"test-{token_hex(8)}"
    if not is_empty and not server.has_template:
        await _make_template(server)
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {"template1" if is_empty else TEMPLATE}')
    finally:
        await connection.close()
    return server.url_of(name)


async def empty_database(server: PostgresServer) -> str:
    """The URL of one database that is emptied for each test; hundreds of their own would take gigabytes."""
    if server.shared is None:
        server.shared = await new_database(server, is_empty=True)
    connection = await asyncpg.connect(server.shared, server_settings={"client_min_messages": "warning"})
    try:
        await connection.execute("DROP SCHEMA IF EXISTS junban CASCADE; DROP SCHEMA IF EXISTS contacts CASCADE")
    finally:
        await connection.close()
    return server.shared


async def _make_template(server: PostgresServer) -> None:
    connection = await asyncpg.connect(server.url)
    await connection.execute(f"CREATE DATABASE {TEMPLATE}")
    await connection.close()
    for part in ("main", "contacts"):
        database = await PostgresDatabase.open(server.url_of(TEMPLATE), Schema(part))
        await database.close()
    server.has_template = True


#: What a standby calls itself.
STANDBY = "standby"


async def demand_standby(server: PostgresServer) -> None:
    """From now on every commit waits until a standby has it; none is there yet."""
    connection = await asyncpg.connect(server.url)
    await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'")
    # It ends no wait that it must not end: a client that is gone is no reason.
    await connection.execute("ALTER SYSTEM SET client_connection_check_interval = '100ms'")
    await connection.execute("SELECT pg_reload_conf()")
    while True:
        # The server heeds it some time later: then this one waits as well.
        commit = asyncio.ensure_future(connection.execute("SELECT pg_logical_emit_message(true, '', '')"))
        await asyncio.wait([commit], timeout=0.2)
        if not commit.done():
            break
    connection.terminate()
    await asyncio.gather(commit, return_exceptions=True)


@asynccontextmanager
async def standby(server: PostgresServer) -> AsyncIterator[None]:
    """Writes down what the server commits, and tells it so; no more than that is waited for."""
    assert PROGRAMS is not None
    with tempfile.TemporaryDirectory(prefix="junban-standby-") as folder:
        process = await asyncio.create_subprocess_exec(
            PROGRAMS / "pg_receivewal", "--directory", folder, "--synchronous",
            "--dbname", f"{server.url}?application_name={STANDBY}",
        )  # fmt: skip
        try:
            yield
        finally:
            process.terminate()
            await process.wait()


@dataclass
class Line:
    """A line to the server that can be told to lose things."""

    port: int
    #: ``before``: what is said next is lost on its way; ``after``: it arrives, and the answer is lost; ``during``: it
    #: arrives, and the line is cut while it is carried out.
    fault: str = ""
    #: Only what holds the first of these, and not the second.
    about: tuple[bytes, bytes] = (b"", b"\0nothing")
    is_cut: bool = False
    #: While it is not set, nothing comes through either way, and nobody is told: what is said arrives afterwards.
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    def url(self, url: str, port: int) -> str:
        return url.replace(f":{port}/", f":{self.port}/")

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()


@asynccontextmanager
async def line_to(server: PostgresServer) -> AsyncIterator[Line]:
    line = Line(0)
    line.flows.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if line.is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", server.port)
        except OSError:
            # The server is away.
            writer.transport.abort()
            return
        line._writers += [writer, far_writer]
        is_doomed = asyncio.Event()

        async def forth() -> None:
            while data := await reader.read(1 << 16):
                await line.flows.wait()
                if line.fault and line.about[0] in data and line.about[1] not in data:
                    fault, line.fault = line.fault, ""
                    if fault == "during":
                        far_writer.write(data)
                        await far_writer.drain()
                    if fault in ("before", "during"):
                        writer.transport.abort()
                        far_writer.transport.abort()
                        return
                    is_doomed.set()
                far_writer.write(data)
                await far_writer.drain()
            far_writer.close()

        async def back() -> None:
            while data := await far_reader.read(1 << 16):
                await line.flows.wait()
                if is_doomed.is_set():
                    writer.transport.abort()
                    far_writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
            writer.close()

        await asyncio.gather(forth(), back(), return_exceptions=True)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    line.port = listening.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        listening.close()
        line.hang_up()
        line.flows.set()
