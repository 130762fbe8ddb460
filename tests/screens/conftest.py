"""One demonstration office and one browser for the whole folder; each state is reached once for all its tests."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.screens.gathered import all_states, is_staff
from tests.screens.stage import Stage, State, close, stage


@dataclass
class Reached:
    """A state, and the page that is in it."""

    state: State
    page: Page


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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("screens"), keeps_pages=False) as ready:
        yield ready


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ahead(request: pytest.FixtureRequest, opened: Stage) -> AsyncIterator[Ahead]:
    parameters = [
        item.callspec.params
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    ready = Ahead(opened, list(dict.fromkeys(each["reached"] for each in parameters if "reached" in each)))
    yield ready
    await ready.end()


# Of the session, so that pytest runs the tests of one state after the other, whatever file they are in.
@pytest_asyncio.fixture(scope="session", loop_scope="session", params=all_states(), ids=lambda state: state.id)
async def reached(request: pytest.FixtureRequest, ahead: Ahead) -> AsyncIterator[Reached]:
    state: State = request.param
    page = await ahead.reach(state)
    yield Reached(state, page)
    await close(page)
