"""The next state, reached while this one is looked at."""

import asyncio
from dataclasses import dataclass, field

from playwright.async_api import Page

from tests.screens.gathered import is_staff
from tests.screens.stage import Stage, State


@dataclass
class Ahead:
    """Reaches the next state while the tests look at this one: most of either is waiting."""

    stage: Stage
    states: list[State]
    tasks: dict[str, asyncio.Task[Page]] = field(default_factory=dict)

    async def reach(self, state: State) -> Page:
        page = await self.begin(state)
        following = self.states[self.states.index(state) + 1 :]
        # What a staff page shows is the queue itself, so two of them would disturb each other.
        if following and not (is_staff(state) and is_staff(following[0])):
            self.begin(following[0])
        return page

    def begin(self, state: State) -> asyncio.Task[Page]:
        if state.id not in self.tasks:
            self.tasks[state.id] = asyncio.ensure_future(state.reach(self.stage, state.look()))
        return self.tasks[state.id]

    async def end(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
