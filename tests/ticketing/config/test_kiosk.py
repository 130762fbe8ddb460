from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from kiosk_ui import ROOT
from ticketing.config import Config
from ticketing.config.icons import ICONS
from ticketing.config.show import show
from ticketing.hall.office import Kiosk, KioskGroup

GROUP = """
[[office.kiosk.group]]
id = "all"
name = { ja = "証明", en = "Papers" }
icon = "file-text"
services = ["papers"]
"""


def test_groups_and_icons_are_read_and_shown_again(read: Callable[[str], Config], office: str) -> None:
    config = read(office.replace('id = "papers"\n', 'id = "papers"\nicon = "stamp"\n') + GROUP)

    (hall,) = config.offices
    assert hall.kiosk == Kiosk((KioskGroup("all", ("papers",), {"ja": "証明", "en": "Papers"}, "file-text"),))
    assert hall.services[0].icon == "stamp"
    assert read("\n".join(show(config))) == config


@pytest.mark.parametrize(
    ("replaced", "by", "path"),
    [
        ('icon = "file-text"', 'icon = "rocket"', "office[0].kiosk.group[0].icon: 'rocket' is not one of"),
        ('services = ["papers"]', 'services = ["cards"]', "office[0].kiosk.group[0].services: 'cards' is not one of"),
        ('services = ["papers"]', "services = []", "office[0].kiosk.group[0].services: must name at least one service"),
        ('id = "all"', 'id = "A"', "office[0].kiosk.group[0].id: "),
    ],
)
def test_mistake_in_a_group_is_refused_at_its_path(
    problems: Callable[[str], list[str]], office: str, replaced: str, by: str, path: str
) -> None:
    (problem,) = problems(office + GROUP.replace(replaced, by))

    assert problem.startswith(path)


def test_unknown_icon_of_a_service_is_refused(problems: Callable[[str], list[str]], office: str) -> None:
    (problem,) = problems(office.replace('id = "papers"\n', 'id = "papers"\nicon = "rocket"\n'))

    assert problem.startswith("office[0].service[0].icon: 'rocket' is not one of")


def test_service_in_two_groups_is_refused(problems: Callable[[str], list[str]], office: str) -> None:
    assert problems(office + GROUP + GROUP.replace('"all"', '"more"')) == [
        "office[0].kiosk.group[1].services: 'papers' is in the group 'all' already"
    ]


def test_every_icon_is_in_the_picture_file_and_none_that_nothing_shows() -> None:
    symbols = {each.attrib["id"] for each in ElementTree.parse(ROOT / "icons.svg").getroot()}

    sources = "".join(path.read_text("utf-8") for kind in ("js", "html") for path in ROOT.rglob(f"*.{kind}"))
    assert symbols == set(ICONS) | {each for each in symbols if f'"{each}"' in sources}
    assert len(set(ICONS)) == len(ICONS)
