"""The desks of all offices in this process, and what they share."""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence

from ticketing.clock import Clock
from ticketing.desk import Desk, Stored
from ticketing.drafting import BodyMac
from ticketing.ending import end
from ticketing.hall.events import Event
from ticketing.hall.office import Office
from ticketing.journal.base import ClockIsOff, Journal, JournalUnavailable, check_clock

log = logging.getLogger(__name__)

SKEW_CHECK_SECONDS = 10.0
RETRY_SECONDS = 1.0
#: Whether this process stood still (its machine was paused, say) is looked at so often (seconds).
BEAT_SECONDS = 0.25
#: After a longer standstill what had come meanwhile is refused for so long (seconds): its senders have asked elsewhere.
MOST_STANDSTILL, REFUSED_SECONDS = 4.0, 0.5


class Desks:
    """One desk for each office."""

    def __init__(self, offices: Iterable[Office], journal: Journal, clock: Clock, body_mac: BodyMac) -> None:
        #: Told of every office's events as soon as they are durable.
        self.listeners: list[Stored] = []
        self._desks = {office.id: Desk(office, journal, clock, body_mac, self._stored) for office in offices}
        self._journal = journal
        self._clock = clock
        self._tasks: list[asyncio.Task[None]] = []
        self._last_beat = 0.0
        self._beating: asyncio.TimerHandle | None = None

    def __iter__(self) -> Iterator[Desk]:
        return iter(self._desks.values())

    def get(self, office_id: str) -> Desk | None:
        return self._desks.get(office_id)

    async def start(self) -> None:
        """Raises JournalUnavailable, and ClockIsOff; what has started by then is stopped by ``stop``."""
        # A desk's first command ends the days that are over, for all nodes.
        await check_clock(self._journal, self._clock.now())
        started = await asyncio.gather(*(desk.start() for desk in self), return_exceptions=True)
        for error in started:
            if error is not None:
                raise error
        self._last_beat = asyncio.get_running_loop().time()
        self._beat()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch_clock())]

    async def stop(self) -> None:
        """Answers what was accepted."""
        if self._beating is not None:
            self._beating.cancel()
        await end(*self._tasks)
        await asyncio.gather(*(desk.stop() for desk in self))

    def _stored(self, desk: Desk, events: Sequence[Event]) -> None:
        for tell in self.listeners:
            try:
                tell(desk, events)
            except Exception:
                # What is stored is stored: a listener's fault must reach neither the desk nor the other listeners.
                log.exception("office %s: a listener failed", desk.office.id)

    def _beat(self) -> None:
        # A timer, not a task: it runs before what the sockets hold is looked at.
        loop = asyncio.get_running_loop()
        now = loop.time()
        stood_still = now - self._last_beat
        if stood_still > MOST_STANDSTILL:
            log.warning("this process stood still for %.1f s; what came meanwhile is refused", stood_still)
            for desk in self:
                desk.takes_none_before = now + REFUSED_SECONDS
        self._last_beat = now
        self._beating = loop.call_later(BEAT_SECONDS, self._beat)

    async def _listen(self) -> None:
        while True:
            try:
                await self._journal.listen(self._desks, self._heard)
            except JournalUnavailable:
                log.warning("other nodes cannot be heard: the journal is out of reach")
            except Exception:
                log.exception("other nodes cannot be heard")
            for desk in self:
                desk.cut_off()
            await asyncio.sleep(RETRY_SECONDS)

    def _heard(self, office_id: str, seq: int) -> None:
        self._desks[office_id].heard(seq)

    async def _watch_clock(self) -> None:
        while True:
            await self.check_clock()
            await asyncio.sleep(SKEW_CHECK_SECONDS)

    async def check_clock(self) -> None:
        """Takes the desks out of order while this machine's clock is off, and back in when it is right again."""
        why = None
        try:
            await check_clock(self._journal, self._clock.now())
        except ClockIsOff as error:
            log.error("%s; commands are refused", error)
            why = "This server's clock is wrong; it takes no commands until it is set."
        except JournalUnavailable:
            return
        except Exception:
            log.exception("this machine's clock cannot be compared")
            return
        for desk in self:
            desk.out_of_order = why
