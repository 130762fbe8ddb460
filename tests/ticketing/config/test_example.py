import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields

from ticketing.config.model import Config, Line, Mail, Notices, Phone, Privacy, Retention, Server
from ticketing.config.show import show
from ticketing.hall.office import ALWAYS, Board, Rules, WebRules

#: What the example tells in prose, because it has another default; and a part of each secret.
_IN_PROSE = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}


def test_the_example_as_it_is_takes_every_default(read: Callable[[str], Config], example: str) -> None:
    config = read(example)

    (office,) = config.offices
    (service,) = office.services
    assert [
        getattr(config, part) for part in ("server", "mail", "line", "phone", "notices", "retention", "privacy")
    ] == [
        Server(),
        Mail(),
        Line(),
        Phone(),
        Notices(),
        Retention(),
        Privacy(),
    ]
    assert (office.hours, office.rules, office.board, service.web) == (ALWAYS, Rules(), Board(), WebRules())


def test_the_example_with_every_line_in_force_is_the_same(
    read: Callable[[str], Config], example: str, uncommented: str
) -> None:
    assert uncommented != example
    assert read(uncommented) == read(example)


def test_the_example_with_every_line_in_force_names_every_key(read: Callable[[str], Config], uncommented: str) -> None:
    effective = tomllib.loads("\n".join(show(read(uncommented))))

    assert set(_keys(effective)) - set(_keys(tomllib.loads(uncommented))) == {
        f"office.hours.{day}" for day in _IN_PROSE
    }


def test_the_effective_configuration_has_every_part(read: Callable[[str], Config], example: str) -> None:
    effective = tomllib.loads("\n".join(show(read(example))))

    inside_of_others = {"data_dir", "is_demo", "offices", "slips"}
    assert set(effective) == {each.name for each in fields(Config)} - inside_of_others | {"office"}


def _keys(table: dict[str, object], path: str = "") -> Iterator[str]:
    for key, value in table.items():
        tables = value if isinstance(value, list) else [value]
        nested = [item for item in tables if isinstance(item, dict)]
        if not nested:
            yield path + key
        for item in nested:
            yield from _keys(item, f"{path}{key}.")
