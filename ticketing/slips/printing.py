"""Slips of an office's tickets: who may have one printed where, and what a job's picture is at the moment it leaves."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from PIL import Image

from ticketing.audit import Entry
from ticketing.clock import Clock
from ticketing.config.model import NO_SLIP, Printer, Slip
from ticketing.desk import Desk
from ticketing.desks import Desks
from ticketing.hall.refusals import Refusal, UnknownTicket, WrongState
from ticketing.slips.content import content_of
from ticketing.slips.jobs import Job, PrintJobs
from ticketing.slips.layout import render

#: The secret of a ticket, from its office, day and number.
SecretFor = Callable[[str, date, str], str]


class NoPrinter(Refusal):
    """The office has no such printer."""

    code = "no_printer"


@dataclass(slots=True)
class Seen:
    """When a printer was last heard of, and what was wrong with it then."""

    at: datetime
    problem: str | None = None


class Printing:
    """The slips of all offices in this process."""

    def __init__(
        self, *, jobs: PrintJobs, desks: Desks, slips: Mapping[str, Slip], secret_for: SecretFor, public_url: str,
        clock: Clock,
    ) -> None:  # fmt: skip
        self.jobs = jobs
        #: By office and printer.
        self.seen: dict[tuple[str, str], Seen] = {}
        #: Told of every new job.
        self.listeners: list[Callable[[Job], None]] = []
        self._desks = desks
        self._slips = slips
        self._secret_for = secret_for
        self._public_url = public_url
        self._clock = clock

    def slip(self, office_id: str) -> Slip:
        return self._slips.get(office_id, NO_SLIP)

    def printers(self, kind: str) -> list[tuple[str, Printer]]:
        """The printers of a kind, each with its office."""
        return [(office, each) for office, slip in self._slips.items() for each in slip.printers if each.kind == kind]

    def see(self, office_id: str, printer: Printer, problem: str | None = None) -> None:
        self.seen[office_id, printer.id] = Seen(self._clock.now(), problem)

    async def ask(self, desk: Desk, number: str, kiosk_id: str) -> Job:
        """A kiosk wants the slip of a ticket it has just given. Raises NoPrinter, UnknownTicket, WrongState."""
        printer = self._of_kiosk(desk.office.id, kiosk_id)
        return self._told(
            await self.jobs.add(*_open(desk, number), printer, f"kiosk:{kiosk_id}", self._clock.now()), printer
        )

    async def ask_again(self, desk: Desk, number: str, by: str, printer_id: str | None, entry: Entry) -> Job:
        """Staff want the slip once more, on a chosen printer or where it came from the last time.

        Raises NoPrinter, UnknownTicket, WrongState.
        """
        office_id, day, number = _open(desk, number)
        now = self._clock.now()
        if printer_id is None:
            last = await self.jobs.last(office_id, day, number, now)
            printer_id = last.printer if last else None
        printer = self._of_staff(office_id, printer_id)
        job = await self.jobs.add(office_id, day, number, printer, by, now, is_reprint=True, entry=entry)
        return self._told(job, printer)

    def _told(self, job: Job, printer: Printer) -> Job:
        if job.state == "queued":
            for tell in self.listeners:
                tell(job)
        return job

    def _of_kiosk(self, office_id: str, kiosk_id: str) -> Printer:
        printers = self.slip(office_id).printers
        own = [each for each in printers if kiosk_id in each.kiosks] or [each for each in printers if not each.kiosks]
        if not own:
            raise NoPrinter
        return own[0]

    def _of_staff(self, office_id: str, printer_id: str | None) -> Printer:
        """Staff cannot print on a kiosk's own printer: it prints what its own page shows."""
        reachable = [each for each in self.slip(office_id).printers if each.kind != "browser"]
        chosen = [each for each in reachable if printer_id in (None, each.id)]
        if not chosen:
            raise NoPrinter
        return chosen[0]

    async def next(self, office_id: str, printer: Printer) -> Job | None:
        """The printer's next job whose ticket still stands; slips of tickets that do not are taken back."""
        while (job := await self.jobs.next(office_id, printer, self._clock.now())) is not None:
            if await self._stands(job):
                return job
            await self.jobs.void(job, self._clock.now())
        return None

    async def take(self, office_id: str, printer: Printer, job_id: int | None = None) -> tuple[Job, Image.Image] | None:
        """The printer's next job with its picture, given out this once; only the one named, if one is."""
        job = await self.next(office_id, printer)
        if job is None or job_id not in (None, job.id):
            return None
        picture = await self.picture(job, printer)
        return (job, picture) if await self.send(job, printer) else None

    async def send(self, job: Job, printer: Printer) -> bool:
        """Whether the job is to leave now; it is asked once."""
        return await self.jobs.send(job, printer.confirms, self._clock.now())

    async def _stands(self, job: Job) -> bool:
        desk = self._desks.get(job.office_id)
        if desk is None:
            return False
        if job.number not in desk.hall.tickets:
            await desk.catch_up()
        ticket = desk.hall.tickets.get(job.number)
        return desk.hall.day == job.day and ticket is not None and ticket.is_open

    async def picture(self, job: Job, printer: Printer) -> Image.Image:
        """The slip as things are now; its link is made here and kept nowhere. Raises UnknownTicket."""
        desk = self._desks.get(job.office_id)
        if desk is None or job.number not in desk.hall.tickets or desk.hall.day != job.day:
            raise UnknownTicket
        secret = self._secret_for(job.office_id, job.day, job.number)
        content = content_of(
            desk.hall, desk.hall.tickets[job.number], self._clock.now(),
            link=f"{self._public_url}/t#{quote(secret)}", notes=self.slip(job.office_id).note, copy=job.copy,
        )  # fmt: skip
        return await asyncio.to_thread(render, content, printer.width_mm)


def _open(desk: Desk, number: str) -> tuple[str, date, str]:
    """Office, day and number of an open ticket. Raises UnknownTicket and WrongState."""
    ticket = desk.hall.tickets.get(number)
    if ticket is None or desk.hall.day is None:
        raise UnknownTicket(number=number)
    if not ticket.is_open:
        raise WrongState(number=number, state=str(ticket.state))
    return desk.office.id, desk.hall.day, number
