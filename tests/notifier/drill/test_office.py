"""The made-up office of a drill."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import trustme

from notifier.drill.office import Providers, furnish
from ticketing.clock import FixedClock


@pytest.mark.parametrize(("hour", "day"), [(14, 28), (15, 29), (23, 29)])
async def test_day_is_the_office_s_own(tmp_path: Path, hour: int, day: int) -> None:
    clock = FixedClock(datetime(2026, 11, 28, hour, 30, tzinfo=UTC))
    certificate = tmp_path / "certificate.pem"
    trustme.CA().cert_pem.write_to_path(str(certificate))
    providers = Providers(1, certificate, "http://127.0.0.1:1")

    async with furnish(tmp_path, providers, clock=clock) as office:
        assert office.day == date(2026, 11, day)
