"""The notifier is killed again and again while it sends; what was lost, and what went out twice."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass

from notifier.drill.office import numbers, tickets
from notifier.drill.process import notifying
from notifier.drill.result import Tally, lost, tally
from notifier.drill.trial import LONGEST_SECONDS, Drill
from ticketing.addresses import ContactChannel

#: The name of the planting.
OCCURRENCE = "kills"
_LOOK_SECONDS = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class KillResult:
    """What so many kills did."""

    kills: int
    #: Notices on each channel.
    count: int
    after: dict[ContactChannel, Tally]
    #: By channel, how many messages were taken once too often.
    doubled: dict[ContactChannel, int]
    #: Notices that are nowhere, or noted as sent and were taken by nobody.
    lost: int

    def problems(self) -> Iterator[str]:
        """What was promised and did not hold."""
        if self.lost:
            yield f"{self.lost} were lost"
        for channel, after in self.after.items():
            # A gateway knows no repetition: what was under way at a kill is given up rather than sent once more.
            settled = after.sent + after.failed if channel == "phone" else after.sent
            if settled != self.count:
                yield f"in the end all {self.count} of {channel} should have been sent: {after}"
            # Mail may double when the kill falls between the server's answer and our note of it.
            if self.doubled[channel] and channel != "email":
                yield f"{self.doubled[channel]} were doubled on {channel}"


async def try_kills(drill: Drill, kills: int, count: int, chance: random.Random) -> KillResult:
    """Plants ``count`` notices on each channel, kills ``kills`` times, then lets it finish. Raises NotifierEnded.

    At the end it waits for the leases of what was under way at the kills: half a minute longer than a message may take.
    """
    await drill.make_well()
    planted = tickets(drill.servers, count)
    await drill.office.plant(OCCURRENCE, planted)
    most = max(1, len(planted) // (kills + 1))
    for _ in range(kills):
        async with notifying(drill.office, drill.log) as running:
            taken = _taken(drill) + chance.randint(1, most)
            async with asyncio.timeout(LONGEST_SECONDS):
                while _taken(drill) < taken:
                    running.check()
                    await asyncio.sleep(_LOOK_SECONDS)
            await running.kill()
    async with notifying(drill.office, drill.log) as running:
        await drill.settled(running, OCCURRENCE, drill.servers)
    fates = await drill.office.fates(OCCURRENCE)
    return KillResult(
        kills=kills,
        count=count,
        after={channel: tally(fates, numbers(channel, count)) for channel in drill.servers},
        doubled={channel: ledger.doubled for channel, ledger in drill.ledgers.items()},
        lost=lost(fates, len(planted), drill.ledgers),
    )


def _taken(drill: Drill) -> int:
    return sum(ledger.taken.total() for ledger in drill.ledgers.values())
