from datetime import date
from pathlib import Path

from bench.installation import COUNTERS_OF_AN_OFFICE, OFFICES, SERVICES, configuration
from ticketing.config import read_config


def test_configuration_describes_offices_that_are_all_alike(tmp_path: Path) -> None:
    file = tmp_path / "junban.toml"
    file.write_text(configuration(), "utf-8")

    config = read_config(file, tmp_path, today=date(2026, 9, 3))

    assert [office.id for office in config.offices] == list(OFFICES)
    assert {(len(office.services), len(office.counters)) for office in config.offices} == {
        (len(SERVICES), COUNTERS_OF_AN_OFFICE)
    }


def test_configuration_gives_every_service_all_counters(tmp_path: Path) -> None:
    file = tmp_path / "junban.toml"
    file.write_text(configuration(), "utf-8")

    office = read_config(file, tmp_path, today=date(2026, 9, 3)).offices[0]

    assert {len(list(office.counters_for(service))) for service in SERVICES} == {COUNTERS_OF_AN_OFFICE}
