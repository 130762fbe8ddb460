"""A whole configuration, and ways to change it and read it."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ticketing.config import Config, ConfigError, read_config

OFFICE = """
[[office]]
id = "hall"
name = { ja = "役所", en = "Hall" }

[[office.series]]
id = "a"
prefix = "A"

[[office.service]]
id = "papers"
name = { ja = "証明", en = "Papers" }
series = "a"

[[office.counter]]
id = "1"
services = ["papers"]
"""

Read = Callable[[str], Config]
Problems = Callable[[str], list[str]]


@pytest.fixture
def office() -> str:
    """One office with everything it needs, and nothing else."""
    return OFFICE


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a text as a file, on a fixed day."""

    def read_text(text: str) -> Config:
        file = tmp_path / "junban.toml"
        file.write_text(text, encoding="utf-8")
        return read_config(file, tmp_path / "data", today=date(2026, 11, 20))

    return read_text


@pytest.fixture
def problems(read: Read) -> Problems:
    """Every problem of a text, as ``path: message``."""

    def problems_of(text: str) -> list[str]:
        with pytest.raises(ConfigError) as refused:
            read(text)
        return [str(problem) for problem in refused.value.problems]

    return problems_of


@pytest.fixture
def example() -> str:
    return (Path(__file__).parents[3] / "config.example.toml").read_text(encoding="utf-8")


@pytest.fixture
def uncommented(example: str) -> str:
    """The example with every key that is commented out put in force."""
    return re.sub(r"^#(?=[a-z_]+ = )", "", example, flags=re.MULTILINE)
