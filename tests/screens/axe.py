"""axe-core on an opened page: what breaks WCAG 2.2 AA."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.processes import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
#: What may differ between light and dark.
OF_COLOUR = ("color-contrast", "link-in-text-block")


@dataclass(frozen=True)
class Checked:
    """What axe found on one page."""

    passed: int
    #: Where axe cannot judge and a person must look.
    unsure: tuple[str, ...]
    violations: tuple[str, ...]


@cache
def source() -> str:
    return AXE.read_text("utf-8")


@cache
def version() -> str:
    return str(json.loads((AXE.parent / "package.json").read_text("utf-8"))["version"])


async def check(page: Page, rules: tuple[str, ...] = ()) -> Checked:
    """All rules of WCAG 2.2 AA, or only those named.

    The script is evaluated, not added: the pages' policy forbids foreign scripts.
    """
    if not await page.evaluate("typeof globalThis.axe === 'object'"):
        await page.evaluate(source())
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    found: dict[str, Any] = await page.evaluate(
        """async (only) => {
          const { passes, violations, incomplete } = await axe.run(document, {
            runOnly: only, resultTypes: ["violations", "incomplete"], elementRef: false, preload: false,
            rules: { "target-size": { enabled: only.type === "tag" } },
          });
          const told = (one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")} (${node.failureSummary})`);
          const unsure = incomplete.map((one) => one.id);
          return { passed: passes.length, violations: violations.flatMap(told), unsure };
        }""",
        only,
    )
    return Checked(found["passed"], tuple(found["unsure"]), tuple(found["violations"]))


async def in_light_and_dark(page: Page) -> tuple[Checked, Checked]:
    """Everything as the page is, then the colours of the other scheme."""
    light = await check(page)
    await page.emulate_media(color_scheme="dark")
    dark = await check(page, OF_COLOUR)
    await page.emulate_media(color_scheme="light")
    return light, dark


def is_installed() -> bool:
    return Path(AXE).is_file()
