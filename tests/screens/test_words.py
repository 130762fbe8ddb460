"""A change of language reaches every word, also those that the server tells."""

import pytest
from playwright.async_api import expect

from tests.browser import in_browser, shut
from tests.screens import kiosk
from tests.screens.stage import API, Look, Stage

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="session")]


async def test_the_number_just_given_speaks_the_language_just_chosen(opened: Stage) -> None:
    page = await kiosk.issued(opened, Look(*kiosk.PORTRAIT))
    try:
        for language in ("en", "ko", "ja"):
            office = (await opened.kiosk.get(f"{API}?language={language}")).json()
            name = next(each["name"] for each in office["services"] if each["id"] == "seal")

            await page.get_by_test_id(f"language-{language}").click()

            await expect(page.locator("#issued-service")).to_have_text(name)
            await expect(page.locator("#office-name")).to_have_text(office["name"])
    finally:
        await shut(page.context)
