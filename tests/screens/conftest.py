"""One demonstration office and one browser for the whole folder; each state is reached once for all its tests."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser import shut
from tests.screens.ahead import Ahead
from tests.screens.gathered import all_states
from tests.screens.stage import Stage, State, stage


@dataclass
class Reached:
    """A state, and the page that is in it."""

    state: State
    page: Page


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
    await shut(page.context)
