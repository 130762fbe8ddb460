"""The path from the clerk's key to the board's pixels, at its smallest; how long it takes is for the bench to say."""

import dataclasses
from pathlib import Path

from bench import pixels
from bench.scale import QUICK
from tests.browser import in_browser

pytestmark = in_browser


async def test_pixels_are_measured_from_the_key_to_the_console_and_to_the_board(tmp_path: Path) -> None:
    line = await pixels.measure(dataclasses.replace(QUICK, shown_calls=2), tmp_path)

    assert (line["bench"], line["calls"]) == ("pixels", 2)
    assert 0 < line["number_p50_ms"] <= line["number_p95_ms"] == line["number_most_ms"]
    assert 0 < line["board_p50_ms"] <= line["board_p95_ms"] == line["board_most_ms"]
