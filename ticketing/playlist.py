"""What boards show beside the calls: an office's ``playlist.toml``, read again when it changes."""

import logging
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from ticketing.config.office import PLAYLIST_FILE
from ticketing.config.table import Reading, Table

log = logging.getLogger(__name__)

#: Items, and bytes of the file that lists them.
MOST_ITEMS, MOST_BYTES = 200, 256 * 1024
Kind = Literal["image", "video", "text"]
#: What is shown, by the end of its name. No SVG, for it may hold scripts.
MEDIA_TYPES: Mapping[str, str] = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif",
    ".mp4": "video/mp4", ".webm": "video/webm",
}  # fmt: skip
_FILE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIMES = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z]{2,8})?")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to show, and when."""

    id: str
    kind: Kind
    #: Empty for a text.
    file: str = ""
    text: Mapping[str, str] = field(default_factory=dict)
    seconds: int = 10
    #: How often it comes, against the others.
    weight: int = 1
    #: The first and the last day; None: no bound.
    first: date | None = None
    last: date | None = None
    #: Minutes after midnight, the end not included; empty: all day.
    times: tuple[tuple[int, int], ...] = ()

    def is_on(self, local: datetime) -> bool:
        day, minute = local.date(), local.hour * 60 + local.minute
        if (self.first and day < self.first) or (self.last and day > self.last):
            return False
        return not self.times or any(start <= minute < end for start, end in self.times)

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[Path(self.file).suffix.lower()]


class PlaylistError(Exception):
    """The playlist cannot be used; the message names every mistake."""


def read_playlist(folder: Path) -> tuple[Item, ...]:
    """Raises PlaylistError."""
    path = folder / PLAYLIST_FILE
    try:
        if path.stat().st_size > MOST_BYTES:
            raise PlaylistError(f"{path} is larger than {MOST_BYTES} bytes")
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PlaylistError(f"{path} cannot be read: {error}") from None
    reading = Reading(folder)
    table = Table(content, "", reading)
    tables = table.tables("item")
    items = tuple(_item(each, folder) for each in tables)
    if len(items) > MOST_ITEMS:
        table.refuse("item", f"there are more than {MOST_ITEMS}")
    for index, (each, item) in enumerate(zip(tables, items, strict=True)):
        if any(item.id == other.id for other in items[:index]):
            each.refuse("id", f"there is another item {item.id!r} above")
    table.finish()
    if reading.problems:
        raise PlaylistError(f"{path}: " + "; ".join(map(str, reading.problems)))
    return items


def _item(table: Table, folder: Path) -> Item:
    file, text = table.text("file"), _text(table)
    if bool(file) == bool(text):
        table.refuse("file", "give a file or a text")
    elif file:
        _check_file(table, folder, file)
    suffix = Path(file).suffix.lower()
    first, last = _day(table, "from"), _day(table, "until")
    if first and last and last < first:
        table.refuse("until", "is before from")
    return Item(
        id=table.identifier(),
        kind="text" if not file else "video" if MEDIA_TYPES.get(suffix, "").startswith("video/") else "image",
        file=file,
        text=text,
        seconds=table.integer("seconds", 10, 3, 600),
        weight=table.integer("weight", 1, 1, 100),
        first=first,
        last=last,
        times=_times(table),
    )


def _text(table: Table) -> Mapping[str, str]:
    if not table.has("text"):
        return {}
    texts = table.table("text")
    for language in texts.written_keys():
        if not _LANGUAGE.fullmatch(language):
            texts.refuse(language, "is no language")
    return {language: texts.needed_text(language) for language in texts.written_keys()}


def _check_file(table: Table, folder: Path, name: str) -> None:
    path = folder / name
    if not _FILE_NAME.fullmatch(name):
        table.refuse(
            "file", "must be the name of a file in the same folder, of the characters A-Z, a-z, 0-9, . _ and -"
        )
    elif path.suffix.lower() not in MEDIA_TYPES:
        table.refuse("file", f"must end with one of {', '.join(MEDIA_TYPES)}")
    elif not path.is_file() or path.resolve().parent != folder.resolve():
        table.refuse("file", "there is no such file in the folder")


def _day(table: Table, key: str) -> date | None:
    value = table.value(key)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    table.refuse(key, "must be a day such as 2026-04-01")
    return None


def _times(table: Table) -> tuple[tuple[int, int], ...]:
    found = []
    for index, text in enumerate(table.texts("times")):
        match = _TIMES.fullmatch(text)
        start, end = (_minute(part) for part in text.split("-")) if match else (0, 0)
        if start >= end:
            table.refuse(f"times[{index}]", 'must be like "09:00-12:00"')
        found.append((start, end))
    return tuple(found)


def _minute(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@dataclass(slots=True)
class _Known:
    """A playlist as it was read last."""

    sign: tuple[object, object]
    items: tuple[Item, ...]


class Playlists:
    """The playlists of all offices; one with a mistake leaves the last good one in use."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def items(self, folder: str) -> tuple[Item, ...]:
        """Those of a folder; none where there is no folder."""
        if not folder:
            return ()
        # The folder's changes when a file that was missing is put into it.
        sign = _sign(Path(folder) / PLAYLIST_FILE), _sign(Path(folder))
        known = self._known.get(folder)
        if known is None or known.sign != sign:
            known = self._known[folder] = _Known(sign, self._read(folder, known.items if known else ()))
        return known.items

    def item(self, folder: str, file: str) -> Item | None:
        """The item that shows a file; any other file is none."""
        return next((item for item in self.items(folder) if item.file and item.file == file), None)

    @staticmethod
    def _read(folder: str, before: tuple[Item, ...]) -> tuple[Item, ...]:
        try:
            return read_playlist(Path(folder))
        except PlaylistError as error:
            log.error("the playlist is not used as it is: %s", error)
            return before


def version(folder: str, item: Item) -> str:
    """Changes with the file, so that browsers may keep it; empty when it is gone."""
    sign = _sign(Path(folder) / item.file)
    return f"{sign[0]:x}-{sign[1]:x}" if sign else ""


def _sign(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
