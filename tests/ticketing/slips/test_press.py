from types import SimpleNamespace
from typing import Any

import pytest

from tests.ticketing.slips.given import escpos
from tests.waiting import until
from ticketing.clock import SystemClock
from ticketing.slips.press import Press
from ticketing.storage.database import DatabaseUnavailable


async def test_database_that_is_away_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def away(*_: object) -> Any:
        raise DatabaseUnavailable("gone") from OSError(111, "Connection refused")

    printing: Any = SimpleNamespace(printers=lambda _: [("ward", escpos(9100))], next=away, listeners=[])
    press = Press(printing, SystemClock(), again_seconds=0.01)
    press.start()
    await until(lambda: len(caplog.records) >= 2)
    await press.stop()

    assert {(each.levelname, each.exc_info) for each in caplog.records} == {("WARNING", None)}
