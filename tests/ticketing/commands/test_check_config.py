import argparse
from pathlib import Path

import pytest

from ticketing.commands import check_config


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    check_config.add_parser(parser.add_subparsers())
    args = parser.parse_args(["check-config", *arguments])
    result: int = args.run(args)
    return result


def test_check_config_prints_what_is_in_effect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = run("--data", str(tmp_path))

    printed = capsys.readouterr()
    assert (result, printed.err) == (0, "")
    assert printed.out.startswith('[server]\nhost = "127.0.0.1"\n')
    assert f'\ndata_dir = "{tmp_path}"\n' in printed.out


def test_check_config_prints_every_mistake_with_its_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "junban.toml"
    file.write_text("[server]\nport = 0.5\nprot = 1\n")

    result = run("--config", str(file))

    printed = capsys.readouterr()
    assert (result, printed.out) == (1, "")
    assert printed.err.splitlines() == [
        "office: there is none; describe at least one under [[office]]",
        "server.port: must be a whole number, not a number with a point",
        "server.prot: there is no such key; is it port?",
    ]
