"""The checks themselves find what they are for."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.browser import in_browser
from tests.screens import axe, layout
from tests.screens.stage import Look, Stage

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def page(opened: Stage) -> AsyncIterator[Page]:
    page = await opened.page(Look(400, 400))
    yield page
    await page.context.close()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<p style="width:9em;overflow:hidden;white-space:nowrap">many words that find no room</p>', "cut at the side"),
        ('<p style="height:1.7em;overflow:hidden;width:6em">many words that find no room</p>', "cut above or below"),
        ('<p style="width:5em;overflow:hidden;white-space:nowrap;text-overflow:ellipsis">many words</p>', "ellipsis"),
        ('<p style="position:relative;left:380px;width:20em">words</p>', "sticks out"),
        ('<p>some words here</p><p style="margin-top:-2em">others</p>', "overlap"),
        ('<div style="width:900px">x</div>', "the page is"),
        ('<button style="width:20px;height:20px;padding:0"></button>', "target of 20 by 20"),
        ('<button style="height:60px">x</button><p style="margin:-20px;position:relative">y', "covered target"),
    ],
)  # fmt: skip
async def test_a_fault_is_found(page: Page, body: str, fault: str) -> None:
    await page.set_content(f"<!doctype html><html lang=en><body>{body}")

    assert any(each.startswith(fault) for each in await layout.faults(page, 24))


async def test_a_sound_page_has_none(page: Page) -> None:
    await page.set_content(
        "<!doctype html><html lang=en><body><h1>Words</h1><p>More <a href=/>words</a> here.</p>"
        "<button style='min-width:44px;min-height:44px'>Do</button>"
    )

    assert await layout.faults(page, 24) == []


@pytest.mark.skipif(not axe.is_installed(), reason="axe-core is not installed")
async def test_axe_finds_a_violation(page: Page) -> None:
    await page.set_content("<!doctype html><html><title>x</title><body><img src=x><p style='color:#999'>pale</p>")

    found = await axe.check(page)

    assert {each.partition(":")[0] for each in found.violations} >= {"html-has-lang", "image-alt", "color-contrast"}
