"""The notifier as a process of its own, with a provider that fails, and killed while it sends."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifier.drill.faults import EVERY
from notifier.drill.kills import try_kills
from notifier.drill.result import Tally
from notifier.drill.smtp_server import Tls
from notifier.drill.start import starting
from notifier.drill.trial import Drill, try_fault
from ticketing.demo.certificate import make_tls

#: Notices on each channel.
PENDING = 1_000
#: The same while it is killed.
PENDING_AT_KILLS = 300
KILLS = 12
FAULTS = {fault.name: fault for fault in EVERY}


@asynccontextmanager
async def drilling(folder: Path, count: int) -> AsyncIterator[Drill]:
    """Mail and LINE, with so many tickets on each."""
    now, certificate = datetime.now(UTC), folder / "certificate.pem"
    tls = Tls(make_tls("127.0.0.1", certificate, now), make_tls("127.0.0.1", folder / "stranger.pem", now))
    async with starting(folder, tls, certificate, has_phone=False) as drill:
        for channel in drill.servers:
            await drill.office.register(channel, count)
        yield drill


@pytest.mark.parametrize("name", ["email hang@connect", "email trickle", "line hang"])
async def test_stuck_provider_delays_only_its_own_notices(tmp_path: Path, name: str) -> None:
    async with drilling(tmp_path, PENDING) as drill:
        result = await try_fault(drill, FAULTS[name], PENDING)

        assert (result.others, result.during) == (Tally(sent=PENDING), Tally(open=PENDING))
        assert (result.after, result.lost, result.doubled, result.others_doubled) == (Tally(sent=PENDING), 0, 0, 0)
        assert_quiet(drill)


async def test_killed_notifier_loses_nothing_and_line_gets_nothing_twice(tmp_path: Path) -> None:
    async with drilling(tmp_path, PENDING_AT_KILLS) as drill:
        result = await try_kills(drill, KILLS, PENDING_AT_KILLS, random.Random(3))

        everything = Tally(sent=PENDING_AT_KILLS)
        assert (result.after, result.lost) == ({"email": everything, "line": everything}, 0)
        # By mail a repetition cannot be told from a second message; at most what was under way at each kill.
        most_doubled = KILLS * drill.office.config.mail.connections
        assert (result.doubled["line"], result.doubled["email"] <= most_doubled) == (0, True)
        assert_quiet(drill)


def assert_quiet(drill: Drill) -> None:
    """Whatever was logged, no address is in it, and no error of ours."""
    log = drill.log.read_text("utf-8")
    assert [word for word in ("example.org", "U0000", "Traceback") if word in log] == []
