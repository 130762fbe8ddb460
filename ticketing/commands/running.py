"""Runs the parts of a node for as long as the process lives."""

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from purge_jobs.schedule import Schedule
from ticketing.commands.node import Node
from ticketing.ending import end
from ticketing.journal.base import JournalUnavailable
from ticketing.storage.database import DatabaseUnavailable

log = logging.getLogger(__name__)

ROLES = ("web", "notifier", "purge")
#: New objects before the collector looks at them, and how many such looks before it looks at older ones. A request
#: makes hundreds of objects and no circles; with the interpreter's own 700, 10, 10 the p99 of issuing is a third more.
COLLECT_AFTER = (20_000, 20, 50)
#: How long the thread that writes the journal may be kept waiting for the interpreter lock. It asks for it after every
#: statement, and everybody waits for its commit; with the interpreter's own 5 ms a fifth fewer tickets are issued.
SWITCH_SECONDS = 0.0003
#: How often it is looked whether an erasure is overdue or a series full.
WATCH_SECONDS = 30.0
#: The same while the database is out of reach.
WATCH_AGAIN_SECONDS = 2.0


@asynccontextmanager
async def running(node: Node, roles: Sequence[str] = ROLES) -> AsyncIterator[None]:
    """Runs the roles for as long as the context lasts.

    Raises KeyFileError when the master key fits none of the day keys.
    """
    # Before anything is erased, opened or answered with a key that is not theirs.
    node.keys.check()
    await node.note_configuration()
    async with AsyncExitStack() as stack:
        if "purge" in roles:
            zones = {office.time_zone for office in node.config.offices}
            schedule = Schedule(node.run_purge, zones, node.config.retention.erase_at)
            # What was due while nothing ran goes before anybody can register.
            await schedule.start()
            stack.push_async_callback(schedule.stop)
        if "web" in roles:
            node.site.live.start(node.site.desks, node.site.extras)
            stack.push_async_callback(node.site.live.stop)
            node.press.start()
            stack.push_async_callback(node.press.stop)
            stack.push_async_callback(end, asyncio.create_task(_watch(node)))
        if "notifier" in roles:
            task = asyncio.create_task(node.notifier.run(), name="notifier")
            stack.push_async_callback(end, task)
            stack.push_async_callback(node.notifier.stop)
        # What lives from here on is young; the collector need not walk through what the start made.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)
        sys.setswitchinterval(SWITCH_SECONDS)
        yield


async def _watch(node: Node) -> None:
    seconds = WATCH_SECONDS
    while True:
        await asyncio.sleep(seconds)
        node.warn_of_full_series()
        seconds = WATCH_SECONDS
        try:
            await node.check_overdue()
        except (DatabaseUnavailable, JournalUnavailable):
            # Nobody can register now either.
            log.warning("it could not be seen whether an erasure is overdue: the database is out of reach")
            node.site.is_erasure_overdue, seconds = True, WATCH_AGAIN_SECONDS
        except Exception:
            # Not knowing is as bad as overdue, and the next look may work.
            log.exception("it could not be seen whether an erasure is overdue")
            node.site.is_erasure_overdue = True
