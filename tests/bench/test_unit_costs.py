import json

import pytest

from bench.scale_model import COSTS_FILE, Costs
from bench.unit_costs import main, unit_costs

LINE = {
    "issue_cpu_us": 600, "call_next_cpu_us": 900, "look_cpu_us": 300, "plain_cpu_us": 160,
    "issue_at_the_limit_cpu_us": 400, "call_next_at_the_limit_cpu_us": 700, "look_at_the_limit_cpu_us": 200,
    "plain_at_the_limit_cpu_us": 80, "board_frame_cpu_us": 21.0, "raw_frame_cpu_us": 15.0, "visitor_frame_cpu_us": 90.0,
    "visitor_bytes": 27_000, "board_bytes": 25_000, "resident_mib": 110, "events_a_ticket": 3.0,
    "audit_rows_a_ticket": 1.0, "sqlite_bytes_a_ticket": 1300,
}  # fmt: skip
POSTGRES = {
    "issue_cpu_us": 500, "call_next_cpu_us": 700, "bytes_a_ticket": 2000, "issue_wal_bytes": 900,
    "call_next_wal_bytes": 2300,
}  # fmt: skip


def test_times_are_given_as_on_a_calm_machine() -> None:
    costs = unit_costs(LINE, POSTGRES, plain_us=40, raw_us=5)

    # Plain requests took twice as long as they do on a calm machine, raw frames three times.
    assert (costs["issue_cpu_us"], costs["call_next_cpu_us"], costs["look_cpu_us"]) == (300, 450, 150)
    assert (costs["board_frame_cpu_us"], costs["visitor_frame_cpu_us"]) == (7.0, 45.0)
    assert (costs["postgres_issue_cpu_us"], costs["postgres_call_next_cpu_us"]) == (250, 350)


def test_bytes_are_the_same_on_any_machine() -> None:
    costs = unit_costs(LINE, POSTGRES, plain_us=40, raw_us=5)

    assert (costs["visitor_bytes"], costs["sqlite_bytes_a_ticket"]) == (27_000, 1300)
    assert (costs["postgres_bytes_a_ticket"], costs["postgres_wal_bytes_a_ticket"]) == (2000, 3200)


def test_table_has_all_that_the_model_reckons_with() -> None:
    table = json.loads(COSTS_FILE.read_text("utf-8"))

    assert set(table["measured"]) == set(unit_costs(LINE, POSTGRES, plain_us=40, raw_us=5))
    assert all(value > 0 for value in Costs.read().values.values())


def test_without_a_file_it_says_what_it_needs() -> None:
    with pytest.raises(SystemExit, match="Name the files"):
        main([])
