"""What is wrong with a state in any of its languages and sizes."""

import io

from PIL import Image
from playwright.async_api import Page, ViewportSize

from tests.screens import layout
from tests.screens.gathered import is_phone, is_staff, is_touch
from tests.screens.stage import State

LEAST_TARGET, LEAST_TOUCH_TARGET = 24, 44


async def faults_of(page: Page, state: State) -> dict[str, list[str]]:
    """By what was changed: one opened page takes on all languages and sizes in turn."""
    least = LEAST_TOUCH_TARGET if is_touch(state) else LEAST_TARGET
    found: dict[str, list[str]] = {}

    await layout.settled(page)
    sizes = sizes_of(state)
    for language in state.languages:
        if not await layout.speak(page, language) and language != state.languages[0]:
            continue
        for what, window, text in sizes:
            await resize(page, window, text)
            if faults := await _faults_left(page, least):
                found[f"{language} {what}".strip()] = faults
        # The next language begins with the size that this one ends with: to resize takes longest of all.
        sizes.reverse()
    await resize(page, state.size)
    await page.emulate_media(forced_colors="active")
    if not await layout.focus_is_seen(page):
        found["forced colours"] = ["the focus is not to be seen"]
    if is_blank(await page.screenshot(type="jpeg", quality=30)):
        found["forced colours"] = ["the page is blank"]
    return found


async def _faults_left(page: Page, least: int) -> list[str]:
    """What is still wrong when the page has had time to measure itself; it does so anew when words or fonts come."""
    for _ in range(10):
        if not (faults := await layout.faults(page, least)):
            return []
        await page.wait_for_timeout(100)
    return faults


def sizes_of(state: State) -> list[tuple[str, tuple[int, int], str]]:
    """What it is called, the window, and the size of the text."""
    sizes = [("", state.size, "")]
    if is_phone(state):
        sizes = [
            ("320 px", (320, 640), ""),
            *(sizes if state.size[0] > 320 else []),
            ("text at 200 %", (390, 844), "200%"),
        ]
    if is_staff(state):
        sizes.append(("683 px", (683, 384), ""))
    return sizes


async def resize(page: Page, window: tuple[int, int], text: str = "") -> None:
    """Waits until the page has drawn itself so: some parts measure themselves."""
    size: ViewportSize = {"width": window[0], "height": window[1]}
    is_new = page.viewport_size != size
    if is_new:
        await page.set_viewport_size(size)
    is_new |= await page.evaluate(
        """(size) => {
          const { style } = document.documentElement, isNew = style.fontSize !== size;
          style.fontSize = size;
          return isNew;
        }""",
        text,
    )
    if is_new:
        await layout.settled(page)


def is_blank(picture: bytes) -> bool:
    colours = Image.open(io.BytesIO(picture)).convert("L").getcolors(256) or []
    return len(colours) < 8
