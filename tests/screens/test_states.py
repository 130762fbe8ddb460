"""Every state of every page: axe-core finds no violation of WCAG 2.2 AA, and nothing is cut, covered or too small.

Both in one file, so that both look at a state that was reached once.
"""

import os

import pytest

from tests.browser import in_browser
from tests.processes import ROOT
from tests.screens import axe
from tests.screens.all_sizes import faults_of
from tests.screens.conftest import Reached
from tests.screens.gathered import all_states

STATES = all_states()

with_axe = pytest.mark.skipif(
    not axe.is_installed() and os.environ.get("CI") != "true",
    reason="axe-core is not installed (npm is missing?), so no page was checked for accessibility",
)


@with_axe
@in_browser[0]
@in_browser[1]
@pytest.mark.asyncio(loop_scope="session")
async def test_no_violation(reached: Reached) -> None:
    light, dark = await axe.in_light_and_dark(reached.page)

    assert light.passed > 5
    assert [*light.violations, *dark.violations] == []


@in_browser[0]
@in_browser[1]
@pytest.mark.asyncio(loop_scope="session")
async def test_layout(reached: Reached) -> None:
    assert await faults_of(reached.page, reached.state) == {}


def test_the_report_names_every_state() -> None:
    rows = (ROOT / "docs" / "accessibility.md").read_text("utf-8").splitlines()
    reported = {tuple(cell.strip() for cell in row.split("|")[1:3]) for row in rows if row.startswith("|")}

    missing = [state.id for state in STATES if (state.page, state.name) not in reported]

    assert missing == [], "run `make accessibility`"
