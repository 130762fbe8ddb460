import re
from pathlib import Path

from notifier.drill.faults import EVERY, USUAL

ROOT = Path(__file__).parents[3]


def test_faults_have_names_of_their_own() -> None:
    names = [fault.name for fault in EVERY]

    assert len(names) == len(set(names))


def test_usual_faults_are_among_all() -> None:
    assert {fault.name for fault in EVERY} >= USUAL


def test_documented_table_has_every_fault_in_order() -> None:
    text = (ROOT / "docs" / "drill.md").read_text("utf-8")

    rows = re.findall(r"^\| ((?:email|line|phone) [^|]+) \|", text, re.MULTILINE)

    assert rows == [fault.name for fault in EVERY]
