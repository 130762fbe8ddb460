"""A purge that is killed at any step is finished by the next one, and recorded once."""

import asyncio
import signal
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.processes import ROOT, Installation, junban
from ticketing.clock import FixedClock, SystemClock
from ticketing.commands.assembly import open_node
from ticketing.config import read_config
from ticketing.hall import commands as cmd

#: Yesterday at noon in Tokyo.
YESTERDAY = SystemClock().now().replace(hour=3, minute=0, second=0, microsecond=0) - timedelta(days=1)
MAIL = "hanako.known-bytes@example.jp"

#: Runs a purge that kills itself before or after one of its steps, as `kill -9` does.
KILLED = """
import asyncio, importlib, os, signal, sys
from ticketing.__main__ import main

when, place, *words = sys.argv[1:]
module, *names = place.split(":")
owner = importlib.import_module(module)
for name in names[:-1]:
    owner = getattr(owner, name)
whole = getattr(owner, names[-1])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

async def awaited(*arguments, **more):
    if when == "before":
        die()
    await whole(*arguments, **more)
    die()

def called(*arguments, **more):
    if when == "before":
        die()
    whole(*arguments, **more)
    die()

setattr(owner, names[-1], awaited if asyncio.iscoroutinefunction(whole) else called)
sys.exit(main(words))
"""

STEPS = [
    ("before", "purge_jobs.removal:remove"),
    ("after", "purge_jobs.removal:remove"),
    ("after", "ticketing.key_files:overwrite"),
    ("after", "ticketing.keys:DayKeys:destroy"),
    ("after", "purge_jobs.removal:compact"),
    ("after", "purge_jobs.removal:forget_requests"),
    ("after", "purge_jobs.erase_contacts:prove"),
    ("before", "purge_jobs.erasure_log:write_entry"),
    ("after", "purge_jobs.erasure_log:sign_head"),
    ("before", "purge_jobs.removal:note_recorded"),
    ("after", "purge_jobs.removal:note_recorded"),
]

#: Each run comes one step further than the one before.
ROTATION_STEPS = [
    "ticketing.master_key:create",
    "ticketing.key_rotation:wrap_next",
    "os:replace",
    "ticketing.key_files:overwrite",
    "ticketing.key_files:replace",
    "ticketing.key_files:destroy",
]


async def register(made: Installation) -> tuple[date, list[bytes]]:
    """A contact is registered yesterday; its day, and bytes that nothing may hold tomorrow."""
    async with open_node(read_config(made.config, made.data), FixedClock(YESTERDAY)) as node:
        desk = node.site.desk("minato")
        await desk.submit(cmd.Issue(by="web", service="family", channel="web", language="ja"))
        day = desk.hall.day
        assert day is not None
        await node.site.contacts.put("minato", day, "A001", "email", MAIL, "ja", None, None, YESTERDAY)
        row = await node.contacts_file.fetch_one("SELECT sealed, address_index FROM contacts")
        wrapped = node.keys.wrapped("minato", day)
        assert row is not None
        assert wrapped is not None
        return day, [MAIL.encode(), row["sealed"], row["address_index"], node.keys.key("minato", day), wrapped]


async def killed_purge(made: Installation, when: str, place: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, when, place, "purge", "--config", str(made.config), "--data", str(made.data),
        cwd=ROOT, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    return await process.wait()


def files_with(folder: Path, secrets: list[bytes]) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if any(secret in path.read_bytes() for secret in secrets)]


@pytest.mark.parametrize(("when", "place"), STEPS)
async def test_killed_purge_is_finished_and_recorded_once(tmp_path: Path, when: str, place: str) -> None:
    made = Installation.make(tmp_path)
    day, secrets = await register(made)

    code = await killed_purge(made, when, place)
    await made.run("purge")

    assert code == -signal.SIGKILL
    listed = [line.split("\t")[1:4] for line in (await made.run("erasures", "list")).splitlines()]
    assert listed == [["minato", day.isoformat(), "email=1 line=0 phone=0"]]
    assert (await made.run("erasures", "verify")).startswith("Erasure records checked: 1; all are as they were written")
    assert (await made.run("audit", "verify")).startswith("Operations checked: ")
    assert await made.run("purge") == "Nothing is due.\n"
    assert files_with(made.data, secrets) == []


async def test_purges_of_several_processes_at_once_leave_one_record(tmp_path: Path) -> None:
    made = Installation.make(tmp_path)
    day, secrets = await register(made)

    told = await asyncio.gather(
        *(junban("purge", "--config", str(made.config), "--data", str(made.data)) for _ in range(3))
    )

    assert [code for code, _, _ in told] == [0, 0, 0]
    assert sorted(output.split()[0] for _, output, _ in told) == ["Nothing", "Nothing", "erased"]
    assert len((await made.run("erasures", "list")).splitlines()) == 1
    assert files_with(made.data, secrets) == []
    assert not list((made.data / "keys").rglob(f"*{day}*"))


async def test_rotation_that_is_killed_again_and_again_is_finished(tmp_path: Path) -> None:
    made = Installation.make(tmp_path)
    _, secrets = await register(made)
    listed = await made.run("keys", "list")
    for place in ROTATION_STEPS:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KILLED, "after", place, "keys", "rotate", "--to", str(tmp_path / "new.key"),
            "--config", str(made.config), "--data", str(made.data), cwd=ROOT, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert await process.wait() == -signal.SIGKILL
        code, half_way, _ = await junban("keys", "list", "--config", str(made.config), "--data", str(made.data))
        assert (code, half_way) == (0, listed)

    await made.run("keys", "rotate", "--to", str(tmp_path / "new.key"))

    assert await made.run("keys", "list") == listed
    assert files_with(made.data / "keys", [secrets[-1]]) == []
    assert [path.name for path in made.data.glob(".*")] == []
