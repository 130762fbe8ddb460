"""What it was measured on."""

import os
import platform
import re
import shutil
import sqlite3
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from bench.figures import Line, milliseconds, percentile
from bench.postgres import programs
from bench.publishers import nats_program
from ticketing import __version__

PACKAGES = ("starlette", "uvicorn", "uvloop", "httptools", "websockets", "msgspec", "aiosqlite", "asyncpg")
SYNCS = 40


def describe(folder: Path) -> Line:
    """The machine, the versions, and what one fsync costs in the folder that is written to."""
    syncs = _sync_seconds(folder / "sync")
    return {
        "bench": "environment",
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 2),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "junban": __version__,
        "packages": {name: version(name) for name in PACKAGES} | {"sqlite": sqlite3.sqlite_version},
        "servers": _servers(),
        "filesystem": _filesystem(folder),
        "fsync_ms": milliseconds(median(syncs)),
        "fsync_p99_ms": milliseconds(percentile(syncs, 0.99)),
    }


def _servers() -> dict[str, str | None]:
    """Which version there is of the servers that references are; null: not installed."""
    folder = programs()
    return {
        "postgresql": _version(str(folder / "postgres")) if folder else None,
        "nats-server": _version(nats_program()),
        "redis-server": _version(shutil.which("redis-server")),
    }


def _version(program: str | None) -> str | None:
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return found[0] if found else None


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _filesystem(folder: Path) -> str:
    """The type of the filesystem with the longest mount point above the folder."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    above = [(mount[1], mount[2]) for mount in mounts if folder.resolve().is_relative_to(mount[1])]
    return max(above, key=lambda mount: len(mount[0]), default=("", "unknown"))[1]


def _sync_seconds(file: Path) -> list[float]:
    times = []
    with file.open("wb", buffering=0) as output:
        for _ in range(SYNCS):
            output.write(b"\0" * 4096)
            begin = time.perf_counter()
            os.fsync(output.fileno())
            times.append(time.perf_counter() - begin)
    return times
