"""The system's Chromium, driven by playwright."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright

#: With all that a desktop has, for the little that needs it: without, every notification is refused.
WHOLE_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: The same engine without what draws windows takes half the processor time.
CHROMIUM = shutil.which("chromium-headless-shell") or WHOLE_CHROMIUM
#: What playwright turns off itself (a second list replaces the first), and the two hidden pages of the address bar,
#: which would be loaded anew with every window.
NO_FEATURES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled",
    "PreconnectToSearch", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
)  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--autoplay-policy=no-user-gesture-required",
    f"--disable-features={','.join(NO_FEATURES)}",
]  # fmt: skip

_PROBE = "**/healthz"

#: Marks a test that drives a browser; in CI a missing browser is a failure, elsewhere it is said loudly.
in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("CI") != "true",
        reason="Chromium is not installed (on Debian: apt-get install chromium), so no page was tried in a browser",
    ),
]


async def route(
    page: Page, url: str | re.Pattern[str], handler: Callable[[Route], Any], times: int | None = None
) -> None:
    """From now on requests go to the handler; by itself Chromium lets some through for a moment longer."""
    await page.route(url, handler, times=times)
    is_asked = False

    async def answer(probe: Route) -> None:
        nonlocal is_asked
        is_asked = True
        await probe.fulfill(body="")

    if page.url.startswith("http"):
        await page.route(_PROBE, answer)
        while not is_asked:
            await page.evaluate("fetch('/healthz').catch(() => undefined)")
        await page.unroute(_PROBE, answer)


async def shut(context: BrowserContext) -> None:
    """Closes a window; an answer that a test is altering just then is nobody's concern any more."""
    for page in context.pages:
        await page.unroute_all(behavior="ignoreErrors")
    await context.unroute_all(behavior="ignoreErrors")
    await context.close()


async def shut_all(browser: Browser) -> None:
    """Between two tests: a page that nobody looks at any more would go on asking."""
    for context in browser.contexts:
        await shut(context)


@asynccontextmanager
async def chromium(executable: str | None = CHROMIUM) -> AsyncIterator[Browser]:
    assert executable is not None, "Chromium is not installed"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()
