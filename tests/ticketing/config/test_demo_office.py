from pathlib import Path

from ticketing.config import read_config
from ticketing.hall.office import ALWAYS


def test_the_demonstration_is_read_without_a_file(tmp_path: Path) -> None:
    config = read_config(None, tmp_path)

    assert config.is_demo
    assert [office.id for office in config.offices] == ["sakura", "sakura-kita"]


def test_the_demonstration_is_open_at_all_hours(tmp_path: Path) -> None:
    offices = read_config(None, tmp_path).offices

    assert [office.hours for office in offices] == [ALWAYS, ALWAYS]
    assert {service.kiosk_hours for office in offices for service in office.services} == {None}
    assert {service.web.hours for office in offices for service in office.services if service.web} == {None}


def test_the_demonstration_has_a_ward_office_of_its_size(tmp_path: Path) -> None:
    ward, branch = read_config(None, tmp_path).offices

    assert [(len(office.services), len(office.counters)) for office in (ward, branch)] == [(8, 8), (2, 2)]
    assert set(ward.counters[0].services) == {service.id for service in ward.services}


def test_every_service_of_the_demonstration_has_two_counters(tmp_path: Path) -> None:
    for office in read_config(None, tmp_path).offices:
        few = [service.id for service in office.services if len(list(office.counters_for(service.id))) < 2]
        assert few == []
