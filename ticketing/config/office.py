"""Tables to offices."""

from collections.abc import Callable
from datetime import time
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ticketing.config.hours import office_hours, service_hours
from ticketing.config.icons import ICONS
from ticketing.config.office_checks import check_office, refuse_repeated
from ticketing.config.table import Table, text_problem
from ticketing.hall.office import (
    ArrivalWay,
    Board,
    BoardGroup,
    Counter,
    Hours,
    Kiosk,
    KioskGroup,
    Names,
    Office,
    Phrase,
    Reason,
    Rules,
    Series,
    Service,
    WebRules,
)
from ticketing.voice.reading import SPOKEN

#: The languages that the pages have words in, in the order in which they are offered.
LANGUAGES = ("ja", "ja-x-easy", "en", "zh-Hans", "zh-Hant", "ko", "vi", "ne", "my")
#: The languages that an office offers if it does not say; in these two every name must be given where they are offered.
USUAL_LANGUAGES = ("ja", "en")
#: Ways that an arrow can show.
DIRECTIONS = ("left", "right", "up", "down", "up-left", "up-right", "down-left", "down-right")
#: Columns that a board has room for.
MOST_GROUPS = 3
#: What lies in the folder of a board's playlist.
PLAYLIST_FILE = "playlist.toml"
_LONGEST_NAME = 80
_ARRIVAL: tuple[ArrivalWay, ...] = ("kiosk", "code", "staff", "tap")
_Item = TypeVar("_Item")


def read_offices(tables: list[Table], years: range) -> tuple[Office, ...]:
    """The offices; holidays and yearly exceptions become dates in ``years``."""
    offices = tuple(read_office(table, years) for table in tables)
    refuse_repeated(tables, "id", [office.id for office in offices], "office")
    return offices


def read_office(table: Table, years: range) -> Office:
    languages = _languages(table)
    hours = office_hours(table, "hours", years)
    series, all_series = _each(table, "series", _series)
    services, all_services = _each(table, "service", lambda each: _service(each, languages, hours, years))
    counters, all_counters = _each(table, "counter", _counter)
    reasons, all_reasons = _each(table, "reason", lambda each: _reason(each, languages))
    phrases, all_phrases = _each(table, "phrase", lambda each: _phrase(each, languages))
    refuse_repeated(phrases, "code", [each.code for each in all_phrases], "phrase")
    office = Office(
        id=table.identifier(),
        names=_names(table, "name", languages, needed=True),
        time_zone=_time_zone(table),
        series=all_series,
        services=all_services,
        counters=all_counters,
        languages=languages,
        day_starts_at=table.time_of_day("day_starts_at", time(0, 0)),
        hours=hours,
        rules=_rules(table.table("rules")),
        reasons=all_reasons,
        phrases=all_phrases,
        board=_board(table.table("board"), languages, all_services, all_counters),
        kiosk=_kiosk(table.table("kiosk"), languages, all_services),
    )
    check_office(table, office, series, services, counters, reasons)
    return office


def _each(table: Table, key: str, read: Callable[[Table], _Item]) -> tuple[list[Table], tuple[_Item, ...]]:
    tables = table.tables(key)
    return tables, tuple(read(each) for each in tables)


def _languages(table: Table) -> tuple[str, ...]:
    languages = table.distinct("languages", USUAL_LANGUAGES, LANGUAGES)
    if not languages and table.value("languages") == []:
        table.refuse("languages", "must name at least one language")
    return languages or USUAL_LANGUAGES


def _time_zone(table: Table) -> str:
    key = table.text("time_zone", "Asia/Tokyo")
    try:
        return ZoneInfo(key).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.refuse("time_zone", f"there is no time zone {key!r}; the names are like Asia/Tokyo")
        return "Asia/Tokyo"


def _names(table: Table, key: str, languages: tuple[str, ...], *, needed: bool) -> Names:
    """Names by language; in those that are needed there must be one. Empty when there is none and none is needed."""
    value = table.value(key)
    if value is None and not needed:
        return {}
    if not isinstance(value, dict):
        example = ", ".join(f'{language} = "…"' for language in _needed(languages))
        table.refuse(key, "is missing" if value is None else f"must be names by language, such as {{ {example} }}")
        return {}
    names = table.table(key)
    for language in LANGUAGES:
        if language in _needed(languages) or names.has(language):
            _check_name(names, language)
    return {language: names.text(language) for language in LANGUAGES if names.has(language)}


def _needed(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Those in which every name must be given: the usual ones, or the first of an office that offers neither."""
    return tuple(language for language in languages if language in USUAL_LANGUAGES) or languages[:1]


def _check_name(names: Table, language: str) -> None:
    text = names.needed_text(language)
    if text and text_problem(text, _LONGEST_NAME) and not text_problem(text):
        names.refuse(language, f"is longer than {_LONGEST_NAME} characters")


def _series(table: Table) -> Series:
    series = Series(
        id=table.identifier(),
        prefix=table.text("prefix"),
        first=table.integer("first", 1, 0, 99_999),
        last=table.integer("last", 999, 0, 99_999),
    )
    if len(series.prefix) > 3 or not all("A" <= letter <= "Z" for letter in series.prefix):
        table.refuse("prefix", f"{series.prefix!r} must be none to three of the letters A-Z")
    if series.first > series.last:
        table.refuse("last", f"{series.last} is before the first number, {series.first}")
    return series


def _service(table: Table, languages: tuple[str, ...], hours: Hours, years: range) -> Service:
    return Service(
        id=table.identifier(),
        names=_names(table, "name", languages, needed=True),
        series=table.needed_text("series"),
        public_names=_names(table, "public_name", languages, needed=False),
        priority=table.integer("priority", 0, -100, 100),
        expected_seconds=table.integer("expected_seconds", 300, 10, 28_800),
        web=_web(table.table("web"), hours, years) if table.has("web") else None,
        kiosk_hours=service_hours(table, "kiosk_hours", hours, years),
        alert_ahead=table.integer("alert_ahead", 3, 0, 100),
        alert_minutes=table.integer_or_off("alert_minutes", None, 1, 240),
        icon=_icon(table),
        wait_target_minutes=table.integer_or_off("wait_target_minutes", 30, 1, 480),
    )


def _web(table: Table, hours: Hours, years: range) -> WebRules:
    return WebRules(
        hours=service_hours(table, "hours", hours, years),
        quota=table.integer_or_off("quota", None, 0, 100_000),
        most_open=table.integer_or_off("most_open", None, 0, 100_000),
        arrival_needed=table.flag("arrival_needed", True),
        grace_calls=table.integer("grace_calls", 5, 0, 1_000),
        grace_seconds=table.integer("grace_seconds", 900, 0, 86_400),
    )


def _counter(table: Table) -> Counter:
    counter_id = table.identifier()
    label = table.text("label", counter_id)
    if not label or len(label) > 20:
        table.refuse("label", "must be 1 to 20 characters")
    return Counter(counter_id, label, table.texts("services"), table.choice("order", "merged", ("merged", "listed")))


def _rules(table: Table) -> Rules:
    default = Rules()
    arrival = table.distinct("arrival", default.arrival, _ARRIVAL)
    if not arrival:
        table.refuse("arrival", 'must name at least one way; staff always may, so the least is ["staff"]')
    return Rules(
        undo_seconds=table.integer("undo_seconds", default.undo_seconds, 0, 600),
        calls_before_no_show=table.integer("calls_before_no_show", default.calls_before_no_show, 1, 10),
        no_show_after_seconds=table.integer_or_off("no_show_after_seconds", default.no_show_after_seconds, 10, 7_200),
        defer_by=table.integer("defer_by", default.defer_by, 1, 100),
        defer_limit=table.integer("defer_limit", default.defer_limit, 0, 100),
        max_overtakes=table.integer_or_off("max_overtakes", default.max_overtakes, 1, 10_000),
        transfer_place=table.choice("transfer_place", default.transfer_place, ("issue", "end", "head")),
        call_number=table.choice("call_number", default.call_number, ("clerk", "supervisor", "off")),
        arrival=arrival or default.arrival,
    )


def _reason(table: Table, languages: tuple[str, ...]) -> Reason:
    return Reason(table.identifier("code"), _names(table, "name", languages, needed=True))


def _phrase(table: Table, languages: tuple[str, ...]) -> Phrase:
    return Phrase(table.identifier("code"), _names(table, "text", languages, needed=True))


def _board(
    table: Table, languages: tuple[str, ...], services: tuple[Service, ...], counters: tuple[Counter, ...]
) -> Board:
    tables, groups = _each(table, "group", lambda each: _group(each, languages, services))
    refuse_repeated(tables, "id", [group.id for group in groups], "group")
    if len(groups) > MOST_GROUPS:
        table.refuse("group", f"a board has at most {MOST_GROUPS} columns")
    return Board(
        chime=table.flag("chime", True),
        languages=table.distinct("languages", (), languages),
        silent=table.flag("silent", False),
        voice=table.distinct("voice", SPOKEN, SPOKEN),
        directions=_directions(table.table("directions"), counters),
        groups=groups,
        playlist=_playlist(table),
    )


def _directions(table: Table, counters: tuple[Counter, ...]) -> dict[str, str]:
    known = {counter.id for counter in counters}
    for key in table.written_keys():
        if key not in known:
            table.refuse(key, f"there is no counter {key!r}")
    return {key: table.choice(key, DIRECTIONS[0], DIRECTIONS) for key in table.written_keys()}


def _group(table: Table, languages: tuple[str, ...], services: tuple[Service, ...]) -> BoardGroup:
    chosen = _some_services(table, services)
    return BoardGroup(table.identifier(), chosen, _names(table, "name", languages, needed=True))


def _some_services(table: Table, services: tuple[Service, ...]) -> tuple[str, ...]:
    chosen = table.distinct("services", (), tuple(service.id for service in services))
    if not chosen and table.value("services") in (None, []):
        table.refuse("services", "must name at least one service")
    return chosen


def _kiosk(table: Table, languages: tuple[str, ...], services: tuple[Service, ...]) -> Kiosk:
    tables, groups = _each(table, "group", lambda each: _kiosk_group(each, languages, services))
    refuse_repeated(tables, "id", [group.id for group in groups], "group")
    taken: dict[str, str] = {}
    for each, group in zip(tables, groups, strict=True):
        for service in group.services:
            if (other := taken.setdefault(service, group.id)) != group.id:
                each.refuse("services", f"{service!r} is in the group {other!r} already")
    return Kiosk(groups)


def _kiosk_group(table: Table, languages: tuple[str, ...], services: tuple[Service, ...]) -> KioskGroup:
    chosen = _some_services(table, services)
    return KioskGroup(table.identifier(), chosen, _names(table, "name", languages, needed=True), _icon(table))


def _icon(table: Table) -> str:
    return table.choice("icon", "", ("", *ICONS))


def _playlist(table: Table) -> str:
    folder = table.file("playlist")
    if folder is None:
        return ""
    if not (folder / PLAYLIST_FILE).is_file():
        table.refuse("playlist", f"there is no {folder / PLAYLIST_FILE}")
    return str(folder.absolute())
