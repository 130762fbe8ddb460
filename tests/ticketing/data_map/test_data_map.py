"""The data map lists everything that is stored, and nothing that is not."""

import ast
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import msgspec
import pytest

from kiosk_ui import ROOT as PAGES
from tests.processes import ROOT
from ticketing.config.model import Config
from ticketing.config.secret import Secret
from ticketing.data_map.model import Field, Place, Row, rows_of
from ticketing.data_map.show import DATA_MAP, as_json, as_markdown
from ticketing.hall.events import KINDS, Event
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

FILES = {"main": "junban.sqlite3", "contacts": "contacts.sqlite3"}
WRITES = re.compile(
    r"\b(localStorage|sessionStorage|caches)\.(?:setItem|open)\(\s*(\w+)|\b(indexedDB|caches\.open|document\.cookie)\b"
)


def listed(place: str) -> set[str]:
    return {row.field for each in DATA_MAP if each.name == place for row in rows_of(each)}


def in_file(file: str) -> set[str]:
    places = [each for each in DATA_MAP if each.name.startswith(f"{file}: ") and "." not in each.name.split(": ")[1]]
    return {f"{place.name.split(': ')[1]}.{row.field}" for place in places for row in rows_of(place)}


@pytest.mark.parametrize("name", FILES)
async def test_every_column_is_listed_and_none_that_is_not_there(tmp_path: Path, name: str) -> None:
    file = await SqliteFile.open(tmp_path / "new.sqlite3", Schema(name))

    tables = await file.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    columns = {
        f"{table['name']}.{column['name']}"
        for table in tables
        for column in await file.fetch_all(f"PRAGMA table_xinfo({table['name']})")
    }

    await file.close()
    assert columns
    assert in_file(FILES[name]) == columns


def test_every_field_of_every_event_is_listed_and_none_that_is_not_there() -> None:
    common = {field.name for field in fields(Event)}

    stored = {f"Event.{name}" for name in common} | {
        f"{name}.{field.name}" for name, kind in KINDS.items() for field in fields(kind) if field.name not in common
    }

    assert listed("junban.sqlite3: events.data") == stored


def test_every_cookie_is_listed() -> None:
    names = {
        node.args[0].value
        for file in (ROOT / "ticketing").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "set_cookie"
        if node.args and isinstance(node.args[0], ast.Constant)
    }

    assert listed("cookies") == names


def test_everything_that_pages_keep_in_the_browser_is_listed() -> None:
    found = set()
    for file in (*PAGES.rglob("*.js"), *(ROOT / "ticketing" / "demo").rglob("*.js")):
        script = file.read_text("utf-8")
        for store, key, other in WRITES.findall(script):
            value = re.search(rf'const {key} = "([^"]+)"', script) if key else None
            found.add(f"{store}:{value[1]}" if value else f"{store or other}:{key or file.name}")

    assert listed("browser storage") == found


def secrets_of(part: type, path: str) -> set[str]:
    found = set()
    for field in fields(part):
        kind = field.type
        if kind is Secret:
            found.add(f"{path}{field.name}")
        elif isinstance(kind, type) and is_dataclass(kind):
            found |= secrets_of(kind, f"{path}{field.name}.")
    return found


def test_every_secret_of_the_configuration_is_listed() -> None:
    assert listed("configuration") == secrets_of(Config, "")


def test_an_address_lies_in_one_field_under_the_days_key() -> None:
    contacts = next(place for place in DATA_MAP if place.name == "contacts.sqlite3: contacts")

    sealed = next(row for row in rows_of(contacts) if row.field == "sealed")

    assert sealed.key == "the day's key (contact), AES-256-GCM bound to office, day, ticket and channel"
    assert sealed.kept == "until the day's erasure, the night after; at once when the visitor asks"


def test_rows_take_from_the_place_what_a_field_does_not_say() -> None:
    place = Place(
        name="p", about="", seen_by="all", kept="a day", fields={"a b": "x", "c": Field("y", None, "an hour")}
    )

    assert list(rows_of(place)) == [
        Row("p", "a", "x", "all", "a day", "none"),
        Row("p", "b", "x", "all", "a day", "none"),
        Row("p", "c", "y", "all", "an hour", "none"),
    ]


def test_no_field_is_listed_twice() -> None:
    names = [(row.place, row.field) for place in DATA_MAP for row in rows_of(place)]

    assert len(names) == len(set(names))


def test_page_and_json_show_the_same_fields() -> None:
    rows = [row for place in DATA_MAP for row in rows_of(place)]

    as_lines = [f"| `{row.field}` | {row.purpose} | {row.seen_by} | {row.kept} | {row.key} |" for row in rows]

    assert [line for line in as_markdown().splitlines() if line.startswith("| `")] == as_lines
    assert msgspec.json.decode(as_json(), type=dict[str, list[Row]])["fields"] == rows


def test_the_page_in_docs_is_the_data_map() -> None:
    page = (ROOT / "docs" / "data-map.md").read_text("utf-8")

    assert page == as_markdown() + "\n", "write it anew: junban data-map > docs/data-map.md"
