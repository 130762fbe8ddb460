"""The measurement of first views, and that the derived weight of a page is what a browser really loads."""

from pathlib import Path

from bench.first_view import first_view, pages
from kiosk_ui.loading import page_html
from tests.browser import in_browser
from tests.kiosk_ui.test_loading import bytes_of
from tests.screens.stage import Look, stage


def test_pages_have_the_elements_that_are_waited_for() -> None:
    for seen in pages("secret"):
        ids = [part.partition("#")[2].split()[0] for part in seen.element.split(",")]

        assert any(f'id="{each}"' in page_html(seen.page) for each in ids)


@in_browser[0]
@in_browser[1]
async def test_browser_loads_what_the_budget_counts(tmp_path: Path) -> None:
    async with stage(tmp_path) as hall:
        ticket = await hall.take()
        seen = {each.page: each for each in pages(ticket["secret"])}
        for page, language in (("ticket", "my"), ("sign-in", "ja")):
            visit = await first_view(hall, Look(390, 844, language), seen[page])

            derived = bytes_of(page, language)
            assert {kind: visit["sizes"][kind] for kind in derived} == derived
            assert visit["ms"] > 0
            assert visit["sent"] < sum(derived.values())
