"""When the purge runs by itself: at start, at the configured time of each office, and every hour to be safe."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import time
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

logger = logging.getLogger(__name__)


class Schedule:
    """Runs ``purge`` when it may be due; ``purge`` itself knows what is."""

    def __init__(self, purge: Callable[[], Awaitable[object]], time_zones: Iterable[str], erase_at: time) -> None:
        self._purge = purge
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for time_zone in sorted(set(time_zones)):
            self._add(CronTrigger(hour=erase_at.hour, minute=erase_at.minute, timezone=time_zone))
        self._add(IntervalTrigger(hours=1, timezone="UTC"))

    async def start(self) -> None:
        """Catch up first; when this returns, new contacts may be taken (unless something is still overdue)."""
        await self._run()
        self._scheduler.start()

    async def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _add(self, trigger: Any) -> None:
        # However late the machine wakes up: run once.
        self._scheduler.add_job(self._run, trigger, coalesce=True, max_instances=1, misfire_grace_time=None)

    async def _run(self) -> None:
        try:
            await self._purge()
        except Exception:
            logger.exception("the purge failed; it is tried again within the hour")
