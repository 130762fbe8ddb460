"""Whether the parts of an office fit together."""

from collections.abc import Sequence

from ticketing.config.table import Table
from ticketing.hall.office import Counter, Office


def check_office(
    table: Table,
    office: Office,
    series: Sequence[Table],
    services: Sequence[Table],
    counters: Sequence[Table],
    reasons: Sequence[Table],
) -> None:
    """Refuses what does not fit, at its own path; the tables are those of ``office``'s parts, in the same order."""
    for key, found in (("series", series), ("service", services), ("counter", counters)):
        if not found:
            table.refuse(key, f"an office needs at least one; write it under [[office.{key}]]")
    refuse_repeated(series, "id", [each.id for each in office.series], "series")
    refuse_repeated(services, "id", [each.id for each in office.services], "service")
    refuse_repeated(counters, "id", [each.id for each in office.counters], "counter")
    refuse_repeated(reasons, "code", [each.code for each in office.reasons], "reason")
    _check_prefixes(series, office)
    _check_services(services, office)
    for counter_table, counter in zip(counters, office.counters, strict=True):
        _check_counter(counter_table, counter, office)


def refuse_repeated(tables: Sequence[Table], key: str, values: Sequence[str], what: str) -> None:
    """Refuses each value that an earlier table has already."""
    for index, (table, value) in enumerate(zip(tables, values, strict=True)):
        if value and value in values[:index]:
            table.refuse(key, f"there is another {what} {value!r} above")


def _check_prefixes(tables: Sequence[Table], office: Office) -> None:
    """Past its end a series goes on with more digits (A999, A1000), so only the prefix keeps two series apart."""
    first_with: dict[str, str] = {}
    for table, series in zip(tables, office.series, strict=True):
        other = first_with.setdefault(series.prefix, series.id)
        if other != series.id:
            table.refuse(
                "prefix",
                f"series {other!r} has the prefix {series.prefix!r} too; past its end a series goes on with more "
                "digits, so both would give the same number one day",
            )


def _check_services(tables: Sequence[Table], office: Office) -> None:
    known = {series.id for series in office.series}
    for table, service in zip(tables, office.services, strict=True):
        if service.series and service.series not in known:
            table.refuse("series", f"there is no series {service.series!r}")
        if service.id and not any(office.counters_for(service.id)):
            table.refuse("id", f"no counter serves {service.id!r}, so its visitors would never be called")


def _check_counter(table: Table, counter: Counter, office: Office) -> None:
    if not counter.services and table.value("services") in (None, []):
        table.refuse("services", "must name at least one service")
    for index, service_id in enumerate(counter.services):
        if office.service(service_id) is None:
            table.refuse(f"services[{index}]", f"there is no service {service_id!r}")
        elif service_id in counter.services[:index]:
            table.refuse(f"services[{index}]", f"{service_id!r} is there more than once")
