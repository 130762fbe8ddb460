"""Delivery over one channel: takes what is due, sends it, and notes what became of it."""

import asyncio
import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

from notifier.channels.base import Channel, Message, SendError
from notifier.composer import Composer
from notifier.reach import Reach
from notifier.rules import retry_seconds
from ticketing.addresses import ContactChannel
from ticketing.attention import Attention
from ticketing.clock import Clock
from ticketing.contacts import Contact, Contacts
from ticketing.notice import Notice
from ticketing.notices import Notices
from ticketing.storage.database import DatabaseUnavailable

logger = logging.getLogger(__name__)

#: Messages of one channel under way at the same time, where the channel has no number of its own.
MOST_AT_ONCE = 8
#: A lease outlives the deadline by this much, so that nobody else sends what is still under way.
_LEASE_MARGIN_SECONDS = 30.0
#: How long to wait when nothing is due: another process may put something into the outbox.
_LOOK_AGAIN_SECONDS = 2.0
#: Outcomes that are nobody's refusal.
_NOT_A_FAILURE = frozenset({"no_contact", "too_late"})


class Delivery:
    """One channel's share of the outbox. Whatever its server does, other channels do not notice."""

    def __init__(
        self,
        name: ContactChannel,
        channel: Channel,
        *,
        others: frozenset[ContactChannel],
        notices: Notices,
        contacts: Contacts,
        composer: Composer,
        clock: Clock,
        most_attempts: int,
        jitter: Callable[[], float],
        attention: Attention,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        self._name = name
        self._channel = channel
        self._others = others
        self._notices = notices
        self._contacts = contacts
        self._composer = composer
        self._clock = clock
        self._most_attempts = most_attempts
        self._jitter = jitter
        self._most_at_once = most_at_once
        self._reach = Reach(name, clock, jitter, attention)
        self._awake = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        #: The last claim got as many as it asked for. With thousands waiting a look is dearer than a claim.
        self._is_more_due = False

    def wake(self) -> None:
        """There may be something new to send."""
        self._awake.set()

    async def run(self) -> None:
        """Send what is due, until stopped; what is under way then is finished first."""
        try:
            while not self._is_stopping:
                self._awake.clear()
                await self.begin_due()
                await self._wait()
            await self.finish()
        finally:
            for task in self._under_way:
                task.cancel()

    def stop(self) -> None:
        """Begin nothing more."""
        self._is_stopping = True
        self.wake()

    async def begin_due(self) -> None:
        """Begin to send what is due now, as far as there is room."""
        try:
            claimed = await self._claim(self._reach.room(self._most_at_once, len(self._under_way)))
        except DatabaseUnavailable:
            logger.warning("the outbox of %s could not be read: the database is out of reach", self._name)
            return
        except Exception:
            logger.exception("the outbox of %s cannot be read; it is tried again", self._name)
            return
        for notice in claimed:
            task = asyncio.create_task(self._survive(notice))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            task.add_done_callback(lambda _: self.wake())

    async def finish(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._under_way)

    async def _claim(self, limit: int) -> list[Notice]:
        if limit == 0 or not (self._is_more_due or await self._is_due()):
            return []
        now, deadline_seconds = self._clock.now(), self._channel.deadline_seconds
        # A message that finds out whether the other side is back needs the time for a whole attempt.
        lasting_until = now + timedelta(seconds=deadline_seconds) if self._reach.is_in_doubt else None
        claimed = await self._notices.claim(
            self._name, now, limit, deadline_seconds + _LEASE_MARGIN_SECONDS, lasting_until=lasting_until
        )
        self._is_more_due = len(claimed) == limit
        return claimed

    async def _is_due(self) -> bool:
        """A look before the claim: claiming writes, and most of the time there is nothing."""
        due_at = await self._notices.next_at(self._name)
        return due_at is not None and due_at <= self._clock.now()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_AGAIN_SECONDS):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _survive(self, notice: Notice) -> None:
        """One message that goes wrong in an unforeseen way must not stop the others; its lease runs out."""
        try:
            await self._deliver(notice)
        except Exception as error:
            # Where it happened, but not the error's own words: they might quote an address.
            where = "".join(traceback.format_tb(error.__traceback__))
            logger.error("notice %d failed with %s\n%s", notice.id, type(error).__name__, where)

    async def _deliver(self, notice: Notice) -> None:
        now = self._clock.now()
        if now >= notice.useful_until:
            await self._notices.note_dropped(notice, now, "too_late")
        elif notice.attempts > self._allowed(notice):
            await self._notices.note_failed(notice, now, "attempts")
        else:
            await self._deliver_in_time(notice, now)

    async def _deliver_in_time(self, notice: Notice, now: datetime) -> None:
        # Looked up before every attempt: the contact may have been erased since.
        contacts = await self._contacts.get(notice.office_id, notice.day, notice.number)
        contact = next((contact for contact in contacts if contact.channel == notice.channel), None)
        if contact is None:
            await self._pass_on(notice, contacts, "no_contact")
            return
        message = self._composer.compose(notice, contact)
        if message is None:
            await self._notices.note_dropped(notice, now, "no_words")
        else:
            await self._attempt(notice, contacts, contact, message)

    async def _attempt(self, notice: Notice, contacts: list[Contact], contact: Contact, message: Message) -> None:
        left_seconds = (notice.useful_until - self._clock.now()).total_seconds()
        deadline_seconds = min(self._channel.deadline_seconds, left_seconds)
        try:
            await self._channel.send(contact, message, notice.retry_key, deadline_seconds)
        except SendError as error:
            await self._not_sent(notice, contacts, error)
        else:
            self._reach.works()
            await self._notices.note_sent(notice, self._clock.now())

    async def _not_sent(self, notice: Notice, contacts: list[Contact], error: SendError) -> None:
        if error.needs_operations:
            self._reach.needs_operations(error.message)
        now = self._clock.now()
        if error.is_outage and now >= notice.useful_until:
            self._reach.stays_open()
            await self._notices.note_dropped(notice, now, "too_late")
        elif error.is_outage:
            await self._wait_for_it(notice, contacts, error)
        elif error.permanent:
            self._reach.works()
            await self._pass_on(notice, contacts, error.message)
        else:
            await self._try_again(notice, contacts, error)

    async def _wait_for_it(self, notice: Notice, contacts: list[Contact], error: SendError) -> None:
        """Nothing gets through here at present: another contact's turn, or wait without losing an attempt."""
        next_at = max(self._reach.fails(error.message), self._asked_to_wait_until(error))
        other = self._other(notice, contacts)
        if other is not None and (self._reach.is_surely_out or next_at >= notice.useful_until):
            await self._notices.pass_on(notice, other, self._clock.now(), error.message)
        elif next_at >= notice.useful_until:
            await self._notices.note_dropped(notice, self._clock.now(), "too_late")
        else:
            await self._notices.note_retry(notice, next_at, error.message, is_counted=False)

    async def _try_again(self, notice: Notice, contacts: list[Contact], error: SendError) -> None:
        seconds = retry_seconds(notice.attempts, self._jitter())
        next_at = max(self._clock.now() + timedelta(seconds=seconds), self._asked_to_wait_until(error))
        if notice.attempts >= self._allowed(notice):
            await self._pass_on(notice, contacts, error.message)
        elif next_at >= notice.useful_until:
            await self._pass_on(notice, contacts, "too_late")
        else:
            await self._notices.note_retry(notice, next_at, error.message)

    def _allowed(self, notice: Notice) -> int:
        """Attempts, over all channels that it was tried on."""
        return self._most_attempts * (len(notice.tried) + 1)

    def _asked_to_wait_until(self, error: SendError) -> datetime:
        return self._clock.now() + timedelta(seconds=error.retry_after_seconds or 0.0)

    async def _pass_on(self, notice: Notice, contacts: list[Contact], outcome: str) -> None:
        """To another contact of the ticket; when there is none, that was it."""
        now = self._clock.now()
        other = self._other(notice, contacts)
        if other is not None:
            await self._notices.pass_on(notice, other, now, outcome)
        elif outcome in _NOT_A_FAILURE:
            await self._notices.note_dropped(notice, now, outcome)
        else:
            await self._notices.note_failed(notice, now, outcome)

    def _other(self, notice: Notice, contacts: list[Contact]) -> ContactChannel | None:
        """Another contact's channel that did not refuse this message."""
        if notice.kind == "line_linked":
            return None
        untried = self._others.difference(notice.tried)
        return next((contact.channel for contact in contacts if contact.channel in untried), None)
