"""One trial: a provider fails while notices wait, and is well again when the others' have left."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path

from notifier.drill.behaviours import Behaviour
from notifier.drill.faults import Fault
from notifier.drill.ledger import Ledger
from notifier.drill.office import DrillOffice, Fate, numbers, tickets
from notifier.drill.process import NotifierProcess, notifying
from notifier.drill.result import Result, Tally, lost, tally
from notifier.drill.sockets import FaultServer
from ticketing.addresses import ContactChannel

#: What takes longer than this has failed.
LONGEST_SECONDS = 120.0
_LOOK_SECONDS = 0.1


@dataclass(slots=True)
class Drill:
    """An installation and the servers that it sends to."""

    office: DrillOffice
    servers: Mapping[ContactChannel, FaultServer]
    log: Path

    @property
    def ledgers(self) -> dict[ContactChannel, Ledger]:
        return {channel: server.ledger for channel, server in self.servers.items()}

    async def make_well(self) -> None:
        """Every provider works, and nothing is remembered of what was before."""
        for server in self.servers.values():
            await server.behave(Behaviour())
        await self.office.clear()
        self._forget()

    async def warm_up(self, running: NotifierProcess) -> None:
        """Returns when a first notice has left on each channel: what a start costs is not what is measured."""
        await self.office.plant("warm-up", tickets(self.servers, 1))
        await self.settled(running, "warm-up", self.servers)
        self._forget()

    async def settled(self, running: NotifierProcess, occurrence: str, channels: Collection[str]) -> None:
        """Returns when these channels have nothing open any more, or LONGEST_SECONDS are over. Raises NotifierEnded."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while await self.office.open_channels(occurrence) & set(channels):
                    running.check()
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            return

    def _forget(self) -> None:
        for server in self.servers.values():
            server.ledger = Ledger()


async def try_fault(drill: Drill, fault: Fault, count: int) -> Result:
    """Plants ``count`` notices on the failing channel, and as many on the others together. Raises NotifierEnded."""
    own = numbers(fault.channel, count, second=fault.has_second)
    others = tickets_of_others(drill, fault, count)
    await drill.make_well()
    async with notifying(drill.office, drill.log) as running:
        await drill.warm_up(running)
        await drill.servers[fault.channel].behave(fault.behaviour)
        planted_at = await drill.office.plant(fault.name, dict.fromkeys(own, fault.channel) | others)
        await drill.settled(running, fault.name, _awaited(drill, fault))
        during = tally(await drill.office.fates(fault.name), set(own))
        await drill.servers[fault.channel].behave(Behaviour())
        await drill.settled(running, fault.name, drill.servers)
    fates = await drill.office.fates(fault.name)
    return result_of(drill, fault, planted_at, during, fates, set(own), set(others))


def tickets_of_others(drill: Drill, fault: Fault, count: int) -> dict[str, ContactChannel]:
    """``count`` tickets, shared by the channels that are well."""
    others = set(drill.servers) - {fault.channel}
    return tickets(others, ceil(count / len(others)))


def _awaited(drill: Drill, fault: Fault) -> set[ContactChannel]:
    """Whose notices are settled while the fault lasts."""
    return set(drill.servers) - ({fault.channel} if fault.promise in ("later", "given up") else set())


def result_of(
    drill: Drill,
    fault: Fault,
    planted_at: datetime,
    during: Tally,
    fates: list[Fate],
    own: set[str],
    others: set[str],
) -> Result:
    """The counts of a trial: ``own`` are the tickets of the failing channel, ``fates`` what became of all."""
    ledgers = drill.ledgers
    doubled = {channel: ledger.doubled for channel, ledger in ledgers.items()}
    return Result(
        fault=fault,
        count=len(own),
        others_seconds=_seconds([fate for fate in fates if fate.number in others], planted_at),
        during=during,
        after=tally(fates, own),
        others=tally(fates, others),
        doubled=doubled.pop(fault.channel),
        others_doubled=sum(doubled.values()),
        lost=lost(fates, len(own) + len(others), ledgers),
        taken=len(ledgers[fault.channel].taken),
        by_second=sum(fate.number in own and fate.channel != fault.channel for fate in fates),
    )


def _seconds(others: list[Fate], planted_at: datetime) -> float | None:
    times = [fate.settled_at for fate in others if fate.state == "sent" and fate.settled_at is not None]
    if len(times) < len(others):
        return None
    return (max(times, default=planted_at) - planted_at).total_seconds()
