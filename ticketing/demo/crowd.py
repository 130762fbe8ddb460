"""Made-up visitors and clerks, so that the boards live."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from random import Random

from ticketing.desk import Desk
from ticketing.desks import Desks
from ticketing.ending import end
from ticketing.hall import commands as cmd
from ticketing.hall.office import Counter, Service
from ticketing.hall.refusals import Refusal
from ticketing.hall.ticket import State, Ticket
from ticketing.journal.base import JournalUnavailable
from ticketing.orders import Unavailable

log = logging.getLogger(__name__)

#: Every made-up clerk's name begins so.
CLERK = "staff:crowd-"
#: These many counters, from the first, are for whoever tries the demonstration.
LEFT_FREE = 2
MOST_WAITING = 25
MOST_WAITING_FOR_ONE = 7
MOST_WEB_OPEN = 4
MOST_ABSENT_AT_ONE = 2
#: Seconds from one change to the next; the first changes come faster, so that there is something to see at once.
PAUSE = (1.0, 3.0)
FIRST_STEPS, FIRST_PAUSE = 40, 0.05


class Crowd:
    """The made-up people of one office; every ``step`` one of them does something."""

    def __init__(self, desk: Desk, random: Random) -> None:
        self._desk = desk
        self._random = random
        counters = desk.office.counters[LEFT_FREE:]
        #: The counter that has done nothing for longest comes first.
        self._turns = [counter.id for counter in counters]
        self._services = [
            service for service in desk.office.services if any(service.id in counter.services for counter in counters)
        ]
        self._day = desk.hall.day
        #: Today's tickets of made-up visitors; with real people's tickets the clerks play no tricks.
        self._numbers: set[str] = set()
        self._expected: list[str] = []
        self._held: dict[str, str] = {}
        #: Counters that were ours today: whoever took one away wants it.
        self._had: set[str] = set()

    async def run(self) -> None:
        """One change after the other until cancelled."""
        for turn in count():
            await asyncio.sleep(FIRST_PAUSE if turn < FIRST_STEPS else self._random.uniform(*PAUSE))
            try:
                await self.step()
            except (Refusal, Unavailable, JournalUnavailable) as error:
                log.debug("the crowd was refused: %s", error)
            except Exception:
                # The crowd is there for show; what goes wrong with one of its people must not end it.
                log.exception("the crowd stumbled")

    async def step(self) -> None:
        """One made-up person does one thing. Raises Refusal and Unavailable."""
        hall = self._desk.hall
        if hall.day != self._day:
            self._begin_day()
        if hall.is_closed:
            return
        waiting = sum(len(queue) for queue in hall.queues.values())
        if self._random.random() < 0.75 * (1 - waiting / MOST_WAITING):
            await self._visitor_acts()
        else:
            await self._clerk_acts()

    def _begin_day(self) -> None:
        self._day = self._desk.hall.day
        self._numbers.clear()
        self._expected.clear()
        self._held.clear()
        self._had.clear()

    # Visitors

    async def _visitor_acts(self) -> None:
        if self._expected and self._chance(0.3):
            await self._expected_acts(self._expected.pop(0))
        elif services := [each for each in self._services if self._has_room(each)]:
            await self._take_ticket(self._random.choice(services))

    def _has_room(self, service: Service) -> bool:
        hall = self._desk.hall
        return "kiosk" not in hall.services[service.id].closed and len(hall.queues[service.id]) < MOST_WAITING_FOR_ONE

    async def _take_ticket(self, service: Service) -> None:
        is_web = self._may_use_web(service) and self._chance(0.3)
        answer = await self._desk.submit(
            cmd.Issue(
                by="web" if is_web else "kiosk:crowd",
                service=service.id,
                channel="web" if is_web else "kiosk",
                language=self._random.choice(self._desk.hall.office.languages) if self._chance(0.2) else "ja",
            )
        )
        assert answer.body is not None, "an issue always gives a ticket"
        self._numbers.add(answer.body["number"])
        if is_web:
            self._expected.append(answer.body["number"])

    def _may_use_web(self, service: Service) -> bool:
        """Half of the day's web tickets are for whoever tries the demonstration."""
        state = self._desk.hall.services[service.id]
        is_plenty = state.quota is None or state.web_issued < state.quota / 2
        return service.web is not None and "web" not in state.closed and is_plenty and state.web_open < MOST_WEB_OPEN

    async def _expected_acts(self, number: str) -> None:
        if self._desk.hall.tickets[number].state is not State.EXPECTED:
            return
        command = cmd.Cancel(by="web", number=number)
        await self._desk.submit(command if self._chance(0.1) else cmd.Arrive(by="web", number=number, way="code"))

    # Clerks

    async def _clerk_acts(self) -> None:
        counter_id = self._turns.pop(self._random.randrange((len(self._turns) + 1) // 2))
        self._turns.append(counter_id)
        counter = self._desk.hall.office.counter(counter_id)
        command = self._command_at(counter) if counter else None
        if command is None:
            return
        there = self._desk.hall.counters[counter_id].number
        if isinstance(command, cmd.Resume):
            # Tried once: somebody else may have gone on with it.
            del self._held[counter_id]
        await self._desk.submit(command)
        if isinstance(command, cmd.Hold) and there is not None:
            self._held[counter_id] = there

    def _command_at(self, counter: Counter) -> cmd.Command | None:
        """What the clerk at a counter does next; None where somebody else sits or wants to."""
        hall, by = self._desk.hall, f"{CLERK}{counter.id}"
        state = hall.counters[counter.id]
        if not state.is_open:
            return None if counter.id in self._had else cmd.OpenCounter(by=by, counter=counter.id)
        if state.staff != by:
            return None
        self._had.add(counter.id)
        if state.number is None:
            return self._command_when_free(counter, by)
        ticket = hall.tickets[state.number]
        if ticket.state is State.CALLED:
            return self._command_when_called(counter, by, ticket)
        return self._command_when_serving(counter, by, ticket)

    def _command_when_free(self, counter: Counter, by: str) -> cmd.Command:
        if counter.id in self._held and self._chance(0.4):
            return cmd.Resume(by=by, counter=counter.id, number=self._held[counter.id])
        absent = [number for number in self._desk.hall.absent if self._is_ours_at(number, counter.id)]
        if len(absent) > MOST_ABSENT_AT_ONE or (absent and self._chance(0.05)):
            kind = cmd.Reinstate if self._chance(0.6) else cmd.Cancel
            return kind(by=by, number=absent[0])
        return cmd.CallNext(by=by, counter=counter.id)

    def _is_ours_at(self, number: str, counter_id: str) -> bool:
        return number in self._numbers and self._desk.hall.tickets[number].counter == counter_id

    def _command_when_called(self, counter: Counter, by: str, ticket: Ticket) -> cmd.Command:
        is_ours = ticket.number in self._numbers
        may_be_absent = ticket.call_count >= max(2, self._desk.hall.office.rules.calls_before_no_show)
        if is_ours and may_be_absent and self._chance(0.6):
            return cmd.NoShow(by=by, counter=counter.id)
        if is_ours and self._chance(0.2):
            return cmd.Recall(by=by, counter=counter.id)
        return cmd.Start(by=by, counter=counter.id)

    def _command_when_serving(self, counter: Counter, by: str, ticket: Ticket) -> cmd.Command:
        if ticket.number in self._numbers:
            if counter.id not in self._held and self._chance(0.06):
                reasons = [reason.code for reason in self._desk.hall.office.reasons]
                return cmd.Hold(by=by, counter=counter.id, reason=self._random.choice(reasons) if reasons else None)
            others = [service.id for service in self._services if service.id != ticket.service]
            if others and self._chance(0.06):
                return cmd.Transfer(by=by, counter=counter.id, service=self._random.choice(others))
        if self._chance(0.15):
            return cmd.Complete(by=by, counter=counter.id)
        return cmd.CallNext(by=by, counter=counter.id, finish="complete")

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability


async def send_home(desk: Desk) -> None:
    """Closes the counters where made-up clerks sit, also those whom a killed process left there."""
    for counter_id, state in list(desk.hall.counters.items()):
        if state.staff is None or not state.staff.startswith(CLERK):
            continue
        try:
            if state.number is not None:
                await desk.submit(cmd.Complete(by=state.staff, counter=counter_id))
            await desk.submit(cmd.CloseCounter(by=state.staff, counter=counter_id))
        except (Refusal, Unavailable) as error:
            log.debug("the crowd could not leave: %s", error)


@asynccontextmanager
async def crowding(desks: Desks, seed: int) -> AsyncIterator[None]:
    """Runs a crowd in every office that has counters to spare, for as long as the context lasts."""
    # Not for secrets: the same crowd each time.
    crowds = [Crowd(desk, Random(seed)) for desk in desks if len(desk.office.counters) > LEFT_FREE]  # noqa: S311
    tasks = [asyncio.create_task(crowd.run(), name="crowd") for crowd in crowds]
    try:
        yield
    finally:
        await end(*tasks)
        await asyncio.gather(*(send_home(desk) for desk in desks))
