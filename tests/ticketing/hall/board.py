"""What a board does with the changes that it is told."""

from collections.abc import Mapping
from typing import Any


def merge(view: dict[str, Any], frame: Mapping[str, Any]) -> dict[str, Any]:
    """A snapshot brought up to date by a change; calls are kept apart by the board."""
    merged = dict(view)
    for key in ("services", "counters"):
        new = {entry["id"]: entry for entry in frame[key]}
        merged[key] = [new.get(entry["id"], entry) for entry in view[key]]
    for key in ("absent", "notice"):
        if key in frame:
            merged[key] = frame[key]
    return merged
