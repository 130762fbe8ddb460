"""The pages that browsers open."""

import re

import pytest

from kiosk_ui import ROOT
from tests.ticketing.web.edge import Edge
from ticketing.web.pages import PAGES


@pytest.mark.parametrize(("path", "name", "_inside"), PAGES)
async def test_page_is_its_file(edge: Edge, path: str, name: str, _inside: bool) -> None:
    answer = await edge.browser().get(path.replace("{office}", "ward"))

    assert (answer.status_code, answer.content) == (200, (ROOT / "pages" / name).read_bytes())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(("path", "name", "_inside"), PAGES)
async def test_everything_a_page_names_is_there_and_ours(edge: Edge, path: str, name: str, _inside: bool) -> None:
    html = (ROOT / "pages" / name).read_text("utf-8")
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)

    answers = [await edge.browser().get(each) for each in named]

    assert named
    assert [each.status_code for each in answers] == [200] * len(named)
    assert not re.findall(r'(?:src|action)="https?:', html)


async def test_static_files_are_asked_about_each_time(edge: Edge) -> None:
    browser = edge.browser()
    first = await browser.get("/static/js/shared/api.js")

    again = await browser.get("/static/js/shared/api.js", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert again.status_code == 304
