"""A PostgreSQL server of the benchmark's own, started as a user that may run it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import HOST
from bench.processes import cpu_seconds, free_port

MISSING = "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server."""

    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://junban@{HOST}:{self.port}/postgres"

    def cpu_seconds(self) -> float:
        """Processor time of its processes that live now."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return sum(cpu_seconds(pid) for pid in (first, *map(int, children)))


def programs() -> Path | None:
    """The folder of the server's programs, the newest of several; None: not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@asynccontextmanager
async def postgres(parent: Path) -> AsyncIterator[Postgres]:
    """A new, empty server with the settings it comes with: every commit is synced.

    Its data lie on the disk of ``parent``. Raises FileNotFoundError when it is not installed.
    """
    bin_folder = programs()
    if bin_folder is None:
        raise FileNotFoundError("initdb")
    # The benchmark's own folder is closed to other users, and PostgreSQL does not run as root.
    with tempfile.TemporaryDirectory(prefix="junban-bench-postgres-", dir=_open_folder(parent)) as name:
        user = pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else None
        if user is not None:
            os.chown(name, user, user)
        server = Postgres(Path(name) / "data", free_port())

        def run(program: str, *arguments: str | Path) -> None:
            subprocess.run(
                [bin_folder / program, *arguments], check=True, cwd="/", stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, group=user,
                extra_groups=None if user is None else [],
            )  # fmt: skip

        run("initdb", "-D", server.data, "-U", "junban", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-p {server.port} -c listen_addresses={HOST} -c unix_socket_directories= -c max_connections=200"
        run("pg_ctl", "start", "-w", "-D", server.data, "-l", Path(name) / "log", "-o", options)
        try:
            yield server
        finally:
            run("pg_ctl", "stop", "-w", "-D", server.data, "-m", "fast")


def _open_folder(folder: Path) -> Path:
    """The nearest folder above that every user may enter."""
    for each in (folder, *folder.parents):
        if all(above.stat().st_mode & 0o001 for above in (each, *each.parents)):
            return each
    return folder
