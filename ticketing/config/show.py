"""The effective configuration as lines that can be read again, without its secrets."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import time

from ticketing.config.hours import DAYS
from ticketing.config.model import Config
from ticketing.hall.office import Hours, Interval

_SECTIONS = ("server", "database", "mail", "line", "phone", "notices", "retention", "security", "privacy")
#: Where the file says it in other words than the code.
_KEYS = {"names": "name", "public_names": "public_name", "services": "service", "counters": "counter"}
_KEYS |= {
    "reasons": "reason",
    "offices": "office",
    "printers": "printer",
    "groups": "group",
    "phrases": "phrase",
}
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WITHOUT_A_VALUE = {"hours": "office", "kiosk_hours": "office", "ca_file": "", "master_key_file": "", "web": None}


def show(config: Config) -> list[str]:
    """The configuration as it is in effect, as TOML: holidays as dates, paths in full, secrets as ``***``."""
    lines: list[str] = []
    for name in _SECTIONS:
        lines += ["", *_table(getattr(config, name), name)]
        if name == "database":
            lines.append(_line("data_dir", config.data_dir))
    for office in config.offices:
        lines += ["", *_table(office, "office", "[[office]]"), "", *_table(config.slip(office.id), "office.slip")]
    return lines[1:]


def fingerprint(config: Config) -> str:
    """Sixteen characters that change with the configuration, for the record of operations; no secret is in it."""
    return hashlib.sha256("\n".join(show(config)).encode()).hexdigest()[:16]


def _table(part: object, path: str, header: str = "") -> Iterator[str]:
    """A part as a table: its plain values first, then the tables below it."""
    yield header or f"[{path}]"
    below: list[tuple[str, object]] = []
    for key, value in _items(part):
        if _is_below(value):
            below.append((key, value))
        else:
            yield _line(key, value)
    for key, value in below:
        yield from _below(f"{path}.{_written_key(key)}", value)


def _below(path: str, value: object) -> Iterator[str]:
    if not isinstance(value, tuple):
        yield from ["", *_table(value, path)]
        return
    for item in value:
        yield from ["", *_table(item, path, f"[[{path}]]")]


def _items(part: object) -> Iterator[tuple[str, object]]:
    if isinstance(part, Hours):
        yield from _hours(part)
    elif isinstance(part, Mapping):
        yield from part.items()
    elif is_dataclass(part):
        for field in fields(part):
            value = getattr(part, field.name)
            key = _key(field.name, value)
            value = _WITHOUT_A_VALUE.get(key, "off") if value is None else value
            if value is not None and not (key in ("name", "public_name") and not value):
                yield key, value


def _key(name: str, value: object) -> str:
    """A counter's ``services`` are ids and keep their name."""
    is_list_of_words = isinstance(value, tuple) and value != () and isinstance(value[0], str)
    return name if is_list_of_words else _KEYS.get(name, name)


def _hours(hours: Hours) -> Iterable[tuple[str, object]]:
    yield from zip(DAYS, (_intervals(day) for day in hours.weekly), strict=True)
    if hours.exceptions:
        yield "exceptions", {str(day): _intervals(hours.exceptions[day]) for day in sorted(hours.exceptions)}


def _intervals(intervals: tuple[Interval, ...]) -> object:
    written = tuple(f"{_clock(start)}-{_clock(end)}" for start, end in intervals)
    return written or "closed"


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _is_below(value: object) -> bool:
    if isinstance(value, tuple):
        return value != () and is_dataclass(value[0])
    return is_dataclass(value) or isinstance(value, Mapping)


def _line(key: str, value: object) -> str:
    return f"{_written_key(key)} = {_value(value)}"


def _written_key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: object) -> str:
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_line(key, item) for key, item in value.items()) + " }"
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return json.dumps(str(value), ensure_ascii=False)
