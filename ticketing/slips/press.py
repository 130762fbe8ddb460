"""Sends the jobs of network printers, one printer at a time each."""

import asyncio
import logging

from ticketing.clock import Clock
from ticketing.config.model import Printer
from ticketing.ending import end
from ticketing.slips.jobs import NOT_CONFIRMED, Job
from ticketing.slips.network import CannotPrint, PrinterAway, load, print_slip
from ticketing.slips.printing import Printing
from ticketing.storage.database import DatabaseUnavailable

log = logging.getLogger(__name__)

#: How often a printer that is away is tried, and jobs of other processes are looked for (seconds).
AGAIN_SECONDS = 1.0


class Press:
    """One task for each network printer; what hangs at one holds up no other."""

    def __init__(self, printing: Printing, clock: Clock, again_seconds: float = AGAIN_SECONDS) -> None:
        self._printing = printing
        self._clock = clock
        self._again_seconds = again_seconds
        self._wakes: dict[tuple[str, str], asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        printers = list(self._printing.printers("escpos"))
        if printers:
            load()
        for office_id, printer in printers:
            wake = self._wakes[office_id, printer.id] = asyncio.Event()
            self._tasks.append(asyncio.create_task(self._work(office_id, printer, wake), name=f"press {printer.id}"))
        self._printing.listeners.append(self._heard)

    async def stop(self) -> None:
        """What is on its way to a printer goes on there; nobody learns here what becomes of it."""
        await end(*self._tasks)

    def _heard(self, job: Job) -> None:
        if (wake := self._wakes.get((job.office_id, job.printer))) is not None:
            wake.set()

    async def _work(self, office_id: str, printer: Printer, wake: asyncio.Event) -> None:
        while True:
            try:
                job = await self._printing.next(office_id, printer)
                if job is not None and await self._print(job, printer):
                    continue
            except DatabaseUnavailable:
                log.warning("office %s: printer %s: the database is out of reach", office_id, printer.id)
            except Exception:
                log.exception("office %s: printer %s: a slip could not be dealt with", office_id, printer.id)
            try:
                await asyncio.wait_for(wake.wait(), self._again_seconds)
            except TimeoutError:
                continue
            wake.clear()

    async def _print(self, job: Job, printer: Printer) -> bool:
        """Whether the job is done with; False: the printer is away, and the job still waits."""
        picture = await self._printing.picture(job, printer)
        loop = asyncio.get_running_loop()

        def may_send() -> bool:
            return asyncio.run_coroutine_threadsafe(self._printing.send(job, printer), loop).result(timeout=10)

        try:
            is_out = await asyncio.to_thread(
                print_slip, printer.host, printer.port, printer.has_status, picture, may_send
            )
        except PrinterAway:
            self._printing.see(job.office_id, printer, "printer_away")
            return False
        except CannotPrint as error:
            await self._failed(job, printer, str(error))
        except (OSError, TimeoutError):
            # Some of it may be out, so it is not sent again.
            await self._failed(job, printer, NOT_CONFIRMED)
        else:
            self._printing.see(job.office_id, printer)
            if is_out:
                await self._printing.jobs.printed(job.id, printer, job.office_id, self._clock.now())
        return True

    async def _failed(self, job: Job, printer: Printer, problem: str) -> None:
        self._printing.see(job.office_id, printer, problem)
        log.warning("office %s: printer %s: slip %s: %s", job.office_id, printer.id, job.number, problem)
        await self._printing.jobs.failed(job.id, printer, job.office_id, problem, self._clock.now())
