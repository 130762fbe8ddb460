"""The pages that browsers open, and how browsers keep their files."""

import gzip
import re
from pathlib import Path

import pytest

from kiosk_ui import ROOT
from kiosk_ui.loading import version
from tests.ticketing.web.edge import URL, Edge, config_in, edge_of
from ticketing.config.model import Server
from ticketing.web.pages import PAGES

every_page = pytest.mark.parametrize(("path", "name"), [(path, name) for path, name, _ in PAGES])
_PRELOAD = re.compile(r'<link rel="modulepreload" href="([^"]+)">')


@every_page
async def test_page_is_its_file_with_a_completed_head(edge: Edge, path: str, name: str) -> None:
    answer = await edge.browser().get(path.replace("{office}", "ward"))

    written = (ROOT / "pages" / name).read_text("utf-8")
    assert answer.status_code == 200
    assert answer.text.partition("<body")[2] == written.partition("<body")[2]
    assert set(re.findall(r"/static/(\w+)/", answer.text)) == {version()}
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@every_page
async def test_everything_a_page_names_is_there_and_ours(edge: Edge, path: str, name: str) -> None:
    html = (await edge.browser().get(path.replace("{office}", "ward"))).text
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)

    answers = [await edge.browser().get(each) for each in named]

    assert named
    assert [each.status_code for each in answers] == [200] * len(named)
    assert not re.findall(r'(?:src|action)="https?:', html)


@every_page
async def test_page_names_every_module_before_it_is_asked_for(edge: Edge, path: str, name: str) -> None:
    """Found anew here, address by address as a browser does it."""
    browser = edge.browser()
    html = (await browser.get(path.replace("{office}", "ward"))).text
    begun = re.findall(r'<script type="module"[^>]* src="([^"]+)"', html)
    found = list(begun)
    for address in found:
        text = (await browser.get(address)).text
        for target in re.findall(r'\bfrom "([^"]+)"', re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)):
            url = str(browser.base_url.join(address).join(target).path)
            if url not in found:
                found.append(url)

    assert sorted(_PRELOAD.findall(html)) == sorted(set(found) - set(begun))
    assert len(found) > 5


async def test_files_of_a_version_are_kept_for_good_and_never_mixed(edge: Edge) -> None:
    browser = edge.browser()
    ours = await browser.get(f"/static/{version()}/js/shared/api.js")
    foreign = await browser.get(f"/static/{'0' * 16}/js/shared/api.js")
    words = await browser.get(f"/static/{'0' * 16}/texts/ticket/ja.json")

    assert (ours.status_code, ours.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert (foreign.status_code, foreign.headers["cache-control"]) == (404, "no-store")
    assert (words.status_code, words.headers["cache-control"]) == (200, "no-store")
    assert (await browser.get("/static/version.json")).json() == {"version": version()}


async def test_files_without_a_version_are_asked_about_each_time(edge: Edge) -> None:
    browser = edge.browser()
    first = await browser.get("/static/js/shared/api.js")

    again = await browser.get("/static/js/shared/api.js", headers={"If-None-Match": first.headers["etag"]})
    weak = await browser.get("/static/js/shared/api.js", headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})

    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert (again.status_code, again.content) == (304, b"")
    assert weak.status_code == 304


async def test_page_that_did_not_change_is_not_sent_again(edge: Edge) -> None:
    browser = edge.browser()
    first = await browser.get("/t")

    again = await browser.get("/t", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304


async def test_files_are_compressed_for_whoever_takes_that(edge: Edge) -> None:
    browser = edge.browser()
    plain = await browser.get("/static/css/base.css", headers={"Accept-Encoding": "identity"})

    async with browser.stream("GET", "/static/css/base.css", headers={"Accept-Encoding": "br, gzip"}) as pressed:
        raw = b"".join([part async for part in pressed.aiter_raw()])

    assert "content-encoding" not in plain.headers
    assert pressed.headers["content-encoding"] == "gzip"
    assert pressed.headers["vary"] == "Accept-Encoding"
    assert pressed.headers["etag"] != plain.headers["etag"]
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 2


async def test_font_has_an_address_of_its_own_that_outlives_upgrades(edge: Edge) -> None:
    browser = edge.browser()
    css = (await browser.get(f"/static/{version()}/css/base.css")).text
    addresses = re.findall(r'url\("([^"]+)"\)', css)

    answers = [await browser.head(each) for each in addresses]

    assert len(addresses) > 20
    assert {(each.status_code, each.headers["cache-control"]) for each in answers} == {
        (200, "public, max-age=31536000, immutable")
    }
    assert (await browser.head("/static/fonts/ja-Regular.woff2")).headers["cache-control"] == "no-cache"
    assert (await browser.head("/static/fonts/ja-Regular.woff2?v=0")).headers["cache-control"] == "no-cache"


async def test_service_worker_is_asked_about_each_time_and_may_connect_to_us_alone(edge: Edge) -> None:
    answer = await edge.browser().get("/service-worker.js")

    assert answer.content == (ROOT / "service-worker.js").read_bytes()
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "connect-src 'self';" in answer.headers["content-security-policy"]


async def test_service_worker_that_is_switched_off_removes_itself(tmp_path: Path) -> None:
    config = config_in(tmp_path, server=Server(public_url=URL, service_worker=False))
    async with edge_of(config) as edge:
        answer = await edge.browser().get("/service-worker.js")

    assert answer.content == (ROOT / "no-service-worker.js").read_bytes()


@pytest.mark.parametrize(
    ("language", "lang", "name"),
    [("en", "en", "My number"), ("ja-x-easy", "ja-x-easy", "番号"), ("tlh", "ja", "受付番号"), ("", "ja", "受付番号")],
)
async def test_manifest_is_in_the_page_s_language(edge: Edge, language: str, lang: str, name: str) -> None:
    browser = edge.browser()
    answer = await browser.get("/manifest.webmanifest", params={"language": language})
    manifest = answer.json()
    icons = [await browser.get(icon["src"]) for icon in manifest["icons"]]

    assert answer.headers["content-type"] == "application/manifest+json"
    assert (manifest["lang"], manifest["short_name"]) == (lang, name)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/t", "/", "standalone")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} >= {
        ("192x192", "maskable"), ("512x512", "maskable"), ("192x192", "any"), ("512x512", "any"),
    }  # fmt: skip
    assert [icon.status_code for icon in icons] == [200] * 5


async def test_only_pages_for_visitors_can_be_installed(edge: Edge) -> None:
    pages = {path: (await edge.browser().get(path.replace("{office}", "ward"))).text for path, _, _ in PAGES}

    assert [path for path, html in pages.items() if "manifest.webmanifest" in html] == ["/", "/t"]
