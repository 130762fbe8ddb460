import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ticketing.playlist import Item, PlaylistError, Playlists, read_playlist, version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spring.png").write_bytes(b"picture")
    (tmp_path / "trip.MP4").write_bytes(b"video")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / "playlist.toml").write_text(text, "utf-8")
    return folder


EVERYTHING = """
[[item]]
id = "spring"
file = "spring.png"
seconds = 15
weight = 3
from = 2026-04-01
until = "2026-04-30"
times = ["09:00-12:00", "13:00-24:00"]

[[item]]
id = "trip"
file = "trip.MP4"

[[item]]
id = "hours"
text = { ja = "夜間窓口", en = "Open late" }
"""


def test_a_playlist_is_read_with_every_key(folder: Path) -> None:
    assert read_playlist(write(folder, EVERYTHING)) == (
        Item(
            "spring", "image", "spring.png", {}, 15, 3, date(2026, 4, 1), date(2026, 4, 30), ((540, 720), (780, 1440))
        ),
        Item("trip", "video", "trip.MP4"),
        Item("hours", "text", "", {"ja": "夜間窓口", "en": "Open late"}),
    )


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('file = "../secret.png"', "item[0].file: must be the name of a file in the same folder"),
        ('file = "/etc/passwd"', "item[0].file: must be the name"),
        ('file = ".hidden.png"', "item[0].file: must be the name"),
        ('file = "drawing.svg"', "item[0].file: must end with one of .png"),
        ('file = "gone.png"', "item[0].file: there is no such file in the folder"),
        ('file = "outside.png"', "item[0].file: there is no such file in the folder"),
        ("seconds = 5", "item[0].file: give a file or a text"),
        ('text = { ja = "x" }\nfile = "spring.png"', "item[0].file: give a file or a text"),
        ('text = { ja = "x" }\nseconds = 1', "item[0].seconds: 1 must be from 3 to 600"),
        ('text = { ja = "x" }\nfrom = "soon"', "item[0].from: must be a day such as 2026-04-01"),
        ('text = { ja = "x" }\nfrom = 2026-04-02\nuntil = 2026-04-01', "item[0].until: is before from"),
        ('text = { ja = "x" }\ntimes = ["12:00-09:00"]', 'item[0].times[0]: must be like "09:00-12:00"'),
        ('text = { ja = "x" }\nwight = 2', "item[0].wight: there is no such key; is it weight?"),
    ],
)
def test_a_mistake_is_refused_at_its_place(folder: Path, line: str, problem: str) -> None:
    (folder / "outside.png").symlink_to("/etc/hostname")

    with pytest.raises(PlaylistError) as refused:
        read_playlist(write(folder, f'[[item]]\nid = "one"\n{line}\n'))

    assert problem in str(refused.value)


@pytest.mark.parametrize("text", ["[[item", "x" * 300_000])
def test_what_is_no_playlist_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(PlaylistError):
        read_playlist(write(folder, text))


@pytest.mark.parametrize(
    ("changes", "at", "is_on"),
    [
        ({}, "2026-04-01T00:00", True),
        ({"first": date(2026, 4, 1)}, "2026-03-31T23:59", False),
        ({"last": date(2026, 4, 1)}, "2026-04-01T23:59", True),
        ({"last": date(2026, 4, 1)}, "2026-04-02T00:00", False),
        ({"times": ((540, 720),)}, "2026-04-01T09:00", True),
        ({"times": ((540, 720),)}, "2026-04-01T12:00", False),
        ({"times": ((540, 720), (780, 1440))}, "2026-04-01T23:59", True),
    ],
)
def test_an_item_is_shown_on_its_days_and_times(changes: dict[str, Any], at: str, is_on: bool) -> None:
    assert Item("one", "text", text={"ja": "x"}, **changes).is_on(datetime.fromisoformat(at)) is is_on


def test_a_changed_playlist_is_read_again_and_a_wrong_one_is_not_used(folder: Path) -> None:
    playlists = Playlists()
    write(folder, '[[item]]\nid = "one"\ntext = { ja = "1" }\n')
    before = playlists.items(str(folder))

    write(folder, '[[item]]\nid = "two-longer"\ntext = { ja = "2" }\n')
    changed = playlists.items(str(folder))
    write(folder, "[[item]]\nwrong\n")
    wrong = playlists.items(str(folder))

    assert [[item.id for item in items] for items in (before, changed, wrong)] == [
        ["one"],
        ["two-longer"],
        ["two-longer"],
    ]
    assert playlists.items("") == ()


def test_a_playlist_is_used_when_the_file_that_it_missed_has_come(folder: Path) -> None:
    playlists = Playlists()
    write(folder, '[[item]]\nid = "new"\nfile = "new.png"\n')
    os.utime(folder, (1_000_000_000, 1_000_000_000))
    before = playlists.items(str(folder))

    (folder / "new.png").write_bytes(b"picture")

    assert (before, [item.id for item in playlists.items(str(folder))]) == ((), ["new"])


def test_the_version_changes_with_the_file(folder: Path) -> None:
    item = Item("spring", "image", "spring.png")
    before = version(str(folder), item)

    os.utime(folder / "spring.png", ns=(1, 1))

    assert before
    assert version(str(folder), item) not in ("", before)
    assert version(str(folder), Item("gone", "image", "gone.png")) == ""


def test_the_module_can_be_the_first_that_is_loaded() -> None:
    subprocess.run([sys.executable, "-c", "import ticketing.playlist"], check=True)
