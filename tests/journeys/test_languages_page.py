"""Visitors choose a language: its words, fonts and readings come, the web remembers it and the machine does not."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser import chromium, in_browser
from tests.kiosk_ui.text_files import LANGUAGES, file_of, texts
from tests.processes import OFFICE, Installation, Server

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]

OFFERED = f'time_zone = "Asia/Tokyo"\nlanguages = {list(LANGUAGES)}\n'
EASY = 'name.ja = "戸籍"\nname.en = "Family register"\nname.ja-x-easy = "届出《とどけで》"'


@dataclass
class Town:
    """An office with all languages, and a browser."""

    server: Server
    browser: Browser

    async def page(self, path: str, *, locale: str = "en-US", width: int = 1280) -> Page:
        context = await self.browser.new_context(viewport={"width": width, "height": 800}, locale=locale)
        page = await context.new_page()
        await page.goto(self.server.url + path)
        await expect(page.locator("body")).to_have_class("kiosk is-ready" if "kiosk" in path else "is-ready")
        return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    office = OFFICE.replace('hours = "always"\n', f'hours = "always"\n{OFFERED}').replace(
        'name = { ja = "戸籍", en = "Family register" }', EASY
    )
    installation = Installation.make(tmp_path_factory.mktemp("town"), office=office)
    async with installation.serving() as server, chromium() as browser:
        yield Town(server, browser)


async def test_every_language_writes_the_page_and_is_remembered(town: Town) -> None:
    page = await town.page("/")
    names = await page.locator("#languages button:not(.languages-opener)").all_text_contents()

    assert names == [file_of(each)["@@x-name"] for each in LANGUAGES]
    for language in LANGUAGES:
        await page.get_by_test_id(f"language-{language}").click()
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await expect(page.locator("html")).to_have_attribute("dir", "ltr")
        await expect(page.get_by_test_id("machine-note")).to_be_visible(visible=not file_of(language)["@@x-reviewed"])
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", LANGUAGES[-1])
    await expect(page.locator("h1")).to_have_text(texts(LANGUAGES[-1])["visitor.heading"])
    await page.context.close()


async def test_easy_japanese_shows_readings_and_reads_each_word_once(town: Town) -> None:
    page = await town.page("/", locale="ja-JP")
    await page.get_by_test_id("language-ja-x-easy").click()
    service = page.get_by_test_id("service-family").locator(".choice-name")

    await expect(service.locator("rt")).to_have_text("とどけで")
    await expect(service.locator("rt")).to_have_attribute("aria-hidden", "true")
    await expect(page).to_have_title("番号を とる｜順番")
    await expect(
        page.get_by_role("heading", level=1, name=re.compile("^番号 ?を とることが できます$"))
    ).to_be_visible()
    await page.context.close()


@pytest.mark.parametrize(
    ("locale", "language"), [("zh-TW", "zh-Hant"), ("zh-CN", "zh-Hans"), ("ne-NP", "ne"), ("fr-FR", "ja")]
)
async def test_page_opens_in_the_language_of_the_browser(town: Town, locale: str, language: str) -> None:
    page = await town.page("/", locale=locale)

    await expect(page.locator("html")).to_have_attribute("lang", language)
    await page.context.close()


async def test_on_a_phone_the_languages_wait_behind_one_button(town: Town) -> None:
    page = await town.page("/", width=320)
    opener = page.get_by_role("button", name=texts("en")["language.choose"])
    vietnamese = page.get_by_test_id("language-vi")

    await expect(vietnamese).to_be_hidden()
    await opener.press("Enter")
    await expect(opener).to_have_attribute("aria-expanded", "true")
    await vietnamese.press("Enter")
    await expect(page.locator("html")).to_have_attribute("lang", "vi")
    await expect(opener).to_be_focused()
    await expect(vietnamese).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await page.context.close()


async def test_machine_starts_in_the_language_of_the_office(town: Town) -> None:
    page = await town.page("/kiosk/minato", locale="en-US")

    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    await page.get_by_test_id("language-my").click()
    await expect(page.locator("html")).to_have_attribute("lang", "my")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", "ja")
    await page.context.close()
