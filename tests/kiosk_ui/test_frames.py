"""Boards fold frames as the rules do, and announce every call once; run by Node where it is installed."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from kiosk_ui import ROOT

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")

SNAPSHOT = {
    "type": "snapshot",
    "seq": 7,
    "now": "2026-09-03T01:00:00.000Z",
    "services": [{"id": "a", "waiting": ["A001", "A002"]}, {"id": "b", "waiting": []}],
    "counters": [{"id": "1", "calling": None}],
    "absent": ["B001"],
    "notice": "Busy today",
    "calls": [{"seq": 5, "number": "B001"}],
}


def run(expression: str, *values: Any) -> Any:
    """The value of an expression over ``hall`` (the module) and ``values``."""
    script = f"""
        const hall = await import({json.dumps((ROOT / "js/shared/hall.js").as_uri())});
        const values = {json.dumps(values)};
        console.log(JSON.stringify({expression}));
    """
    command = [str(NODE), "--no-warnings", "--experimental-default-type=module", "--input-type=module", "-e", script]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout)


def test_change_replaces_whole_entries_and_only_what_it_names() -> None:
    change = {
        "type": "change",
        "seq": 8,
        "now": "2026-09-03T01:00:01.000Z",
        "services": [{"id": "a", "waiting": ["A002"]}],
        "counters": [{"id": "1", "calling": "A001"}],
        "notice": None,
        "calls": [{"seq": 8, "number": "A001"}],
    }

    after = run("hall.afterFrame(values[0], values[1])", SNAPSHOT, change)

    assert after == {
        **SNAPSHOT,
        **change,
        "type": "snapshot",
        "services": [{"id": "a", "waiting": ["A002"]}, {"id": "b", "waiting": []}],
    }


def test_pulse_changes_only_the_time() -> None:
    pulse = {"type": "pulse", "seq": 7, "now": "2026-09-03T01:00:10.000Z"}

    assert run("hall.afterFrame(values[0], values[1])", SNAPSHOT, pulse) == {**SNAPSHOT, "now": pulse["now"]}


def test_change_before_any_snapshot_is_nothing() -> None:
    assert run("hall.afterFrame(null, values[0])", {"type": "change", "seq": 8}) is None


def test_fresh_calls_are_those_after_the_last_announced_in_order() -> None:
    calls = [{"seq": 9, "number": "A003"}, {"seq": 5, "number": "B001"}, {"seq": 8, "number": "A001"}]

    assert [call["seq"] for call in run("hall.freshCalls(values[0], 5)", calls)] == [8, 9]
    assert run("hall.highestSeq(values[0], 5)", calls) == 9


def test_picture_is_before_what_is_known_only_if_nothing_in_it_is_later() -> None:
    older, later = "2026-09-03T00:59:59.000Z", "2026-09-03T01:00:01.000Z"
    pictures = [{"seq": seq, "now": now} for seq in (6, 7, 8) for now in (older, later)]

    found = run("values[1].map((picture) => hall.isBefore(picture, values[0]))", SNAPSHOT, pictures)

    # A lower seq at a later time is a restored backup.
    assert found == [True, False, True, False, False, False]
    assert run("hall.isBefore(values[0], null)", SNAPSHOT) is False


def test_call_is_over_when_its_visitor_waits_again_or_was_called_elsewhere_since() -> None:
    calls = [
        {"seq": 1, "number": "A001", "counter": "1"},
        {"seq": 2, "number": "A003", "counter": "1"},
        {"seq": 3, "number": "A004", "counter": "1"},
        {"seq": 4, "number": "A004", "counter": "2"},
        {"seq": 5, "number": "A005", "counter": "1"},
        {"seq": 6, "number": "A005", "counter": "1"},
    ]

    over = run("values[1].map((call) => hall.isOver(call, values[0], values[1]))", SNAPSHOT, calls)

    assert over == [True, False, True, False, False, False]
