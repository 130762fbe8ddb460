"""What docs/incident.md tells people to type can be typed."""

import re
import shlex

import pytest

from tests.processes import ROOT
from ticketing.__main__ import parser_for

PAGE = (ROOT / "docs" / "incident.md").read_text("utf-8")
COMMANDS = [line.strip().partition(" > ")[0] for line in PAGE.splitlines() if re.match(r" {4,}junban ", line)]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_one(command: str) -> None:
    words = shlex.split(command)[1:]
    args = parser_for(words).parse_args(words)

    assert callable(args.run)


def test_page_has_commands() -> None:
    assert len(COMMANDS) > 15


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`junban ([a-z-]+)", PAGE))))
def test_command_that_is_mentioned_is_one(name: str) -> None:
    with pytest.raises(SystemExit) as help_shown:
        parser_for([name]).parse_args([name, "--help"])

    assert help_shown.value.code == 0
