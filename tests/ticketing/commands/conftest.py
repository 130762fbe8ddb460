from pathlib import Path

import pytest

from tests.ticketing.commands.shell import Shell, make_shell


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return make_shell(tmp_path, capsys)
