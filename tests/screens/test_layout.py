"""Every state in its languages and sizes: nothing is cut, overlaps or sticks out, and every target can be hit."""

import io

import pytest
from PIL import Image
from playwright.async_api import Page

from tests.browser import in_browser
from tests.screens import layout
from tests.screens.conftest import Reached
from tests.screens.gathered import is_phone, is_staff, is_touch
from tests.screens.stage import State

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="session")]

LEAST_TARGET, LEAST_TOUCH_TARGET = 24, 44


async def test_layout(reached: Reached) -> None:
    assert await faults_of(reached.page, reached.state) == {}


async def faults_of(page: Page, state: State) -> dict[str, list[str]]:
    """By what was changed: one opened page takes on all languages and sizes in turn."""
    least = LEAST_TOUCH_TARGET if is_touch(state) else LEAST_TARGET
    found: dict[str, list[str]] = {}

    async def look(what: str) -> None:
        if faults := await layout.faults(page, least):
            found[what] = faults

    async def in_each_language(what: str) -> None:
        for language in state.languages:
            if await layout.speak(page, language) or language == state.languages[0]:
                await look(f"{what} {language}".strip())

    await layout.settled(page)
    await in_each_language("")
    if is_phone(state):
        await page.set_viewport_size({"width": 320, "height": 640})
        await in_each_language("320 px")
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        await in_each_language("text at 200 %")
        await page.evaluate("document.documentElement.style.fontSize = ''")
    if is_staff(state):
        await page.set_viewport_size({"width": 683, "height": 384})
        await in_each_language("683 px")
    await page.set_viewport_size({"width": state.size[0], "height": state.size[1]})
    await page.emulate_media(forced_colors="active")
    if not await layout.focus_is_seen(page):
        found["forced colours"] = ["the focus is not to be seen"]
    if is_blank(await page.screenshot()):
        found["forced colours"] = ["the page is blank"]
    return found


def is_blank(picture: bytes) -> bool:
    colours = Image.open(io.BytesIO(picture)).convert("L").getcolors(256) or []
    return len(colours) < 8
