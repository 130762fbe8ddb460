"""The notifier: reads the journals, decides what is owed to whom, and has it delivered."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from notifier.channels.base import Channel
from notifier.composer import Composer, SecretFor
from notifier.delivery import MOST_AT_ONCE, Delivery
from notifier.rules import Decided, Terms, decide
from ticketing.addresses import ContactChannel
from ticketing.attention import Attention
from ticketing.clock import Clock
from ticketing.config import Notices as NoticeSettings
from ticketing.contacts import Contacts
from ticketing.ending import end
from ticketing.hall.events import Event
from ticketing.hall.office import Office
from ticketing.journal.base import Journal, JournalUnavailable, Recorded
from ticketing.line_texts import LINE_TEXTS, LineTexts
from ticketing.notices import Notices
from ticketing.storage.database import DatabaseUnavailable

logger = logging.getLogger(__name__)

#: Events read at once.
_PAGE = 1_000
#: How often the journal is looked at without a wake-up: another process may have appended.
_LOOK_AGAIN_SECONDS = 1.0
#: Appends come in bursts; one look serves them all.
_GATHER_SECONDS = 0.05
#: How long messages under way may take when the service stops.
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Place:
    """How far an office's journal was read."""

    #: The cursor as stored, and how far was read since without anything to store.
    stored: int
    read: int
    #: The event there; None: it was not looked at.
    last: Event | None = None


class Notifier:
    """Follows the journals of all offices and delivers what they lead to.

    Several processes may run one each: the cursor and the leases in the outbox keep every message single.
    ``most_at_once``: messages of a channel under way at the same time.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        notices: Notices,
        contacts: Contacts,
        channels: Mapping[ContactChannel, Channel],
        offices: Sequence[Office],
        clock: Clock,
        secret_for: SecretFor,
        settings: NoticeSettings,
        public_url: str,
        line_texts: LineTexts = LINE_TEXTS,
        most_at_once: Mapping[ContactChannel, int] | None = None,
        attention: Attention | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._journal = journal
        self._notices = notices
        self._contacts = contacts
        self._channels = channels
        self._offices = tuple(office.id for office in offices)
        self._terms = Terms(
            turn_near=timedelta(minutes=settings.turn_near_minutes), called=timedelta(minutes=settings.called_minutes)
        )
        self._places: dict[str, _Place] = {}
        self._awake = asyncio.Event()
        self._is_stopping = False
        self._running: asyncio.Task[None] | None = None
        composer = Composer(offices, public_url, secret_for, line_texts)
        attention = attention or Attention()
        self.deliveries = [
            Delivery(
                name,
                channel,
                others=frozenset(channels) - {name},
                notices=notices,
                contacts=contacts,
                composer=composer,
                clock=clock,
                most_attempts=settings.attempts,
                jitter=jitter,
                attention=attention,
                most_at_once=(most_at_once or {}).get(name, MOST_AT_ONCE),
            )
            for name, channel in channels.items()
        ]

    def wake(self) -> None:
        """The journal has grown; what that puts into the outbox wakes those who deliver it."""
        self._awake.set()

    async def run(self) -> None:
        """Until cancelled, or stopped."""
        self._running = asyncio.create_task(self._run())
        try:
            await asyncio.shield(self._running)
        except asyncio.CancelledError:
            await end(self._running)
            raise

    async def stop(self) -> None:
        """Begin nothing more, let what is under way finish for a few seconds, and let the connections go."""
        self._is_stopping = True
        self._awake.set()
        for delivery in self.deliveries:
            delivery.stop()
        if self._running is not None:
            done, _ = await asyncio.wait([self._running], timeout=_STOP_SECONDS)
            if not done:
                await end(self._running)
        for channel in self._channels.values():
            await channel.close()

    async def follow(self) -> int:
        """Read what is new in all journals; says how many decisions that led to."""
        heads = await self._journal.heads(self._offices)
        # Asked after the heads: a contact is written before the events that concern it.
        have_contacts = {office_id for office_id, _ in await self._contacts.days()}
        decided = 0
        for office_id, head in heads.items():
            known = self._places.get(office_id)
            if known is not None and head < known.read:
                self._lost(office_id, known)
            place = await self._place(office_id)
            if office_id not in have_contacts:
                self._places[office_id] = _Place(place.stored, max(place.read, head))
            elif head > place.read:
                decided += await self._follow_office(office_id)
        return decided

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_for_ever())
            for delivery in self.deliveries:
                group.create_task(delivery.run())

    async def _follow_for_ever(self) -> None:
        while not self._is_stopping:
            self._awake.clear()
            try:
                if await self.follow():
                    for delivery in self.deliveries:
                        delivery.wake()
            except (DatabaseUnavailable, JournalUnavailable):
                logger.warning("the journal could not be followed: the database is out of reach")
            except Exception:
                logger.exception("the journal could not be followed; it is tried again")
            await self._wait()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_AGAIN_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            return
        if not self._is_stopping:
            await asyncio.sleep(_GATHER_SECONDS)

    async def _place(self, office_id: str) -> _Place:
        if office_id not in self._places:
            stored = await self._notices.cursor(office_id)
            if stored is None:
                stored = await self._begin(office_id)
            self._places[office_id] = _Place(stored, stored)
        return self._places[office_id]

    def _lost(self, office_id: str, place: _Place) -> None:
        """The journal does not hold what was read: a fail-over lost it, and how far the cursor was with it."""
        logger.error("office %s: the journal lost event %d; it is followed from its cursor", office_id, place.read)
        del self._places[office_id]

    async def _begin(self, office_id: str) -> int:
        """Where to start when nothing was read yet: at the day that opened last, for earlier ones are over."""
        day = await self._journal.latest_day(office_id)
        await self._notices.start(office_id, 0 if day is None else day.first_seq - 1)
        return await self._notices.cursor(office_id) or 0

    async def _follow_office(self, office_id: str) -> int:
        many = 0
        while True:
            place = await self._place(office_id)
            page = await self._journal.read(office_id, place.read - (place.last is not None), _PAGE)
            if place.last is not None:
                if not page or page[0].event != place.last:
                    self._lost(office_id, place)
                    continue
                page = page[1:]
            if not page:
                return many
            decided = await self._decide(office_id, page)
            last = page[-1].event
            if not decided and last.seq - place.stored < _PAGE:
                # Nothing to store: the cursor follows with the next message, and a restart reads these again.
                self._places[office_id] = _Place(place.stored, last.seq, last)
            elif await self._notices.advance(office_id, place.stored, last.seq, decided):
                self._places[office_id] = _Place(last.seq, last.seq, last)
                many += len(decided)
            else:
                # Another process was first; go on where it stands.
                del self._places[office_id]

    async def _decide(self, office_id: str, page: Sequence[Recorded]) -> list[Decided]:
        channels: dict[date, dict[str, list[ContactChannel]]] = {}
        decided: list[Decided] = []
        for recorded in page:
            if recorded.day not in channels:
                channels[recorded.day] = await self._reachable(office_id, recorded.day)
            decided += decide(recorded.event, recorded.day, channels[recorded.day], self._terms)
        return decided

    async def _reachable(self, office_id: str, day: date) -> dict[str, list[ContactChannel]]:
        """By number, the channels of the day's contacts that this installation can send over."""
        channels = await self._contacts.channels(office_id, day)
        offered = {
            number: [channel for channel in names if channel in self._channels] for number, names in channels.items()
        }
        return {number: names for number, names in offered.items() if names}
