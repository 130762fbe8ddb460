import os
import subprocess
import sys
from pathlib import Path

import pytest

from ticketing.__main__ import COMMANDS, parser_for

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "ticketing", "check-config"]


def test_main_ends_quietly_when_nobody_reads_on(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)

    command = [*COMMAND, "--data", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, timeout=30, check=False)

    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_main_says_that_its_output_cannot_be_written(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [*COMMAND, "--data", str(tmp_path)]
        ended = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, timeout=30, check=False)

    assert (ended.returncode, ended.stderr) == (1, b"Junban cannot go on: No space left on device.\n")


def test_each_command_is_found_in_its_module_and_all_are_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        with pytest.raises(SystemExit) as shown:
            parser_for([name]).parse_args([name, "--help"])
        assert (shown.value.code, capsys.readouterr().out.startswith(f"usage: junban {name} ")) == (0, True)

    with pytest.raises(SystemExit):
        parser_for(["unknown"]).parse_args(["unknown"])
    assert f"(choose from {', '.join(map(repr, COMMANDS))})" in capsys.readouterr().err
