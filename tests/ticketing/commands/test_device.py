import argparse
import asyncio
from pathlib import Path

import pytest

from ticketing.audit import Audit
from ticketing.clock import SystemClock
from ticketing.commands import device as command
from ticketing.commands.operation import operator
from ticketing.config import read_config
from ticketing.devices import Device, Devices
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

OFFICE = "sakura"  # of the demonstration


def run(data_dir: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["device", *words, "--data", str(data_dir)])
    code: int = args.run(args)
    return code


def add(data_dir: Path, *words: str) -> int:
    return run(data_dir, "add", "--office", OFFICE, "--kind", "kiosk", *words)


def enrol(data_dir: Path, code: str) -> Device | None:
    async def use() -> Device | None:
        file = await SqliteFile.open(data_dir / "junban.sqlite3", Schema("main"))
        result = await Devices(file).enrol(code, SystemClock().now())
        await file.close()
        return result[0] if result else None

    return asyncio.run(use())


def recorded(data_dir: Path) -> list[tuple[str, str, str | None, str | None, str]]:
    async def read() -> list[tuple[str, str, str | None, str | None, str]]:
        file = await SqliteFile.open(data_dir / "junban.sqlite3", Schema("main"))
        entries = [row.entry for row in await Audit(file).list()]
        await file.close()
        return [(entry.who, entry.what, entry.target, entry.office_id, entry.result) for entry in entries]

    return asyncio.run(read())


def test_add_prints_a_link_that_enrols_one_browser(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = add(tmp_path, "--label", "entrance")

    printed = capsys.readouterr()
    link, _, enrolment_code = printed.out.rstrip("\n").partition("#")
    device = enrol(tmp_path, enrolment_code)
    assert (code, link, printed.err) == (0, f"{read_config(None, tmp_path).server.public_url}/enrol", "")
    assert device is not None
    assert (device.office_id, device.kind, device.label) == (OFFICE, "kiosk", "entrance")
    assert recorded(tmp_path) == [(operator(), "device.invite", device.id, OFFICE, "ok")]


def test_add_for_an_unknown_office_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(tmp_path, "add", "--office", "moon", "--kind", "board")

    assert (code, capsys.readouterr()) == (1, ("", "There is no such office in the configuration.\n"))
    assert recorded(tmp_path) == [(operator(), "device.invite", None, None, "unknown_office")]


def test_list_shows_each_device_in_its_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(tmp_path, "--label", "entrance")
    add(tmp_path, "--label", "stairs")
    first, second = (link.partition("#")[2] for link in capsys.readouterr().out.splitlines())
    enrolled = enrol(tmp_path, first)
    revoked = enrol(tmp_path, second)
    assert enrolled is not None
    assert revoked is not None
    run(tmp_path, "revoke", revoked.id)
    add(tmp_path)
    capsys.readouterr()

    code = run(tmp_path, "list")

    lines = sorted(line.split("\t")[1:] for line in capsys.readouterr().out.splitlines())
    assert (code, [[*line[:2], line[2].split()[0], line[3]] for line in lines]) == (
        0,
        [
            [OFFICE, "kiosk", "enrolled", "entrance"],
            [OFFICE, "kiosk", "invited", ""],
            [OFFICE, "kiosk", "revoked", "stairs"],
        ],
    )


def test_revoke_of_an_unknown_device_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add(tmp_path)
    capsys.readouterr()

    code = run(tmp_path, "revoke", "unknown")

    assert (code, capsys.readouterr()) == (1, ("", "There is no device with this id in use.\n"))
    assert recorded(tmp_path)[1:] == [(operator(), "device.revoke", "unknown", None, "unknown_device")]


@pytest.mark.parametrize(
    "words", [(), ("add", "--office", OFFICE), ("add", "--office", OFFICE, "--kind", "printer"), ("revoke",)]
)
def test_device_called_wrongly_exits_with_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        run(tmp_path, *words)

    assert exit_info.value.code == 2
