"""The board in a real browser: calls in turn, voice, playlist, columns, and what it does over a reload."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser import in_browser, shut_all
from tests.journeys.board_hall import GROUPS, BoardHall, board_hall

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]

#: Writes down what is announced and spoken; nothing takes long. What a board does every minute it must not do all the
#: time: the server would refuse it.
WATCH = """
globalThis.heard = { numbers: [], voices: [], tones: 0, overPlaylist: [] };
const later = globalThis.setTimeout;
const soon = (wait = 0) => (wait >= 60000 ? 3000 : Math.min(wait, 300));
globalThis.setTimeout = (work, wait, ...given) => later(work, soon(wait), ...given);
const tone = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { heard.tones += 1; return tone.apply(this, given); };
HTMLMediaElement.prototype.play = function () {
  heard.voices.push(this.getAttribute("src"));
  later(() => this.onended?.(), 20);
  return Promise.resolve();
};
addEventListener("DOMContentLoaded", () => {
  const number = document.querySelector("#spoken-number");
  if (!number) return;
  new MutationObserver(() => {
    const { left, top, width, height } = document.querySelector("#playlist").getBoundingClientRect();
    const above = width ? document.elementFromPoint(left + width / 2, top + height / 2) : null;
    heard.overPlaylist.push(!width || Boolean(above?.closest("#spoken")));
    heard.numbers.push(number.textContent);
  }).observe(number, { childList: true });
});
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BoardHall]:
    settings = 'playlist = "shown"\ndirections = { c1 = "left" }'
    async with board_hall(tmp_path_factory.mktemp("hall"), settings, GROUPS) as opened:
        yield opened
        assert opened.faults == []


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def put_away(hall: BoardHall) -> AsyncIterator[None]:
    yield
    await shut_all(hall.browser)


async def heard(page: Page, name: str) -> object:
    return await page.evaluate(f"heard.{name}")


async def test_calls_at_once_are_announced_one_after_the_other(hall: BoardHall) -> None:
    page = await hall.board(script=WATCH)
    first, second = await hall.take(language="en"), await hall.take()

    await hall.at("c1", "call-next")
    await hall.at("c2", "call-next")
    await hall.at("c1", "recall")

    await page.wait_for_function(f"() => heard.numbers.join() === '{first},{second},{first}'")
    await page.locator("#spoken").wait_for(state="hidden")
    await expect(page.get_by_test_id(f"call-{first}").first).to_be_visible()
    await expect(page.get_by_test_id(f"call-{first}").first).to_contain_text("←")
    voices = [str(each).rpartition("language=")[2] for each in await page.evaluate("heard.voices")]
    assert voices == ["ja", "en", "ja", "ja", "en"]
    assert await heard(page, "tones") == 3 * 6

    await page.reload()
    await page.locator("#office-name:not(:empty)").wait_for()
    third = await hall.take()
    await hall.at("c1", "call-next", finish="complete")
    await page.wait_for_function(f"() => heard.numbers.join() === '{third}'")


async def test_the_voice_of_a_call_can_be_played(hall: BoardHall) -> None:
    page = await hall.board()
    await hall.take()
    await hall.at("c1", "call-next", finish="complete")
    async with page.expect_response("**/voice?language=ja") as answer:
        response = await answer.value

    seconds = await page.evaluate(
        """async (url) => {
          const bytes = await (await fetch(url)).arrayBuffer();
          const sound = await new AudioContext().decodeAudioData(bytes);
          const peak = sound.getChannelData(0).reduce((top, one) => Math.max(top, Math.abs(one)), 0);
          return [sound.duration > 3 && sound.duration < 8, peak > 0.2 && peak < 1];
        }""",
        response.url,
    )

    assert (response.status, seconds) == (200, [True, True])


async def test_a_picture_beside_columns_is_seen_while_nobody_is_absent(hall: BoardHall) -> None:
    page = await hall.board(script=WATCH)

    await page.wait_for_function(
        "() => { const { height } = document.querySelector('#playlist-image').getBoundingClientRect(); "
        "return height > innerHeight / 2; }"
    )


async def test_a_call_covers_the_playlist_and_a_silenced_board_stays_silent(hall: BoardHall) -> None:
    page = await hall.board(script=WATCH)
    await page.locator("#playlist:not([hidden])").wait_for()
    # The button goes again sooner than a busy machine gets a pointer there.
    await page.get_by_test_id("silent").dispatch_event("click")

    number = await hall.take(language="en")
    await hall.at("c1", "call-next", finish="complete")

    await page.wait_for_function(f"() => heard.numbers.includes('{number}')")
    assert await heard(page, "overPlaylist") == [True]
    await page.locator("#spoken").wait_for(state="hidden")
    assert await heard(page, "voices") == []
    assert await heard(page, "tones") == 0
    await page.reload()
    await expect(page.get_by_test_id("silent")).to_have_attribute("aria-pressed", "true")


async def test_what_was_shown_is_counted(hall: BoardHall) -> None:
    page = await hall.board(script=WATCH)
    await page.locator("#playlist:not([hidden])").wait_for()
    async with page.expect_response("**/plays") as told:
        assert (await told.value).status == 204

    report = await hall.installation.run("report", "plays", "2020-01-01", "2100-01-01")
    assert report.splitlines()[0] == "business_day\toffice_id\titem\tboards\tshown"
    assert "\tminato\t" in report


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (1080, 1920)])
async def test_nothing_is_cut_off_while_a_call_is_shown(hall: BoardHall, width: int, height: int) -> None:
    page = await hall.board(width, height, query="?group=one")
    await hall.take()
    await hall.at("c2", "call-next", finish="complete")
    await page.locator("#spoken:not([hidden])").wait_for()

    cut = await page.evaluate(
        """() => {
          const spoken = document.querySelector("#spoken"), box = spoken.getBoundingClientRect();
          const shown = [...spoken.querySelectorAll("*")].filter((element) => element.getClientRects().length);
          return shown.filter(
            (element) => { const at = element.getBoundingClientRect();
              return at.left < box.left || at.right > box.right || at.top < box.top || at.bottom > box.bottom; },
          ).map((element) => element.id);
        }"""
    )
    digits = await page.evaluate("parseFloat(getComputedStyle(document.querySelector('#spoken-number')).fontSize)")

    assert cut == []
    assert digits >= height * 0.12
    assert await page.locator(".column").count() == 1


async def test_calls_come_where_no_websocket_gets_through(hall: BoardHall) -> None:
    page = await hall.board(script=f"{WATCH}\nglobalThis.WebSocket = class {{ static OPEN = 1; close() {{}} }};")
    await page.locator(".wait").first.wait_for(timeout=15_000)

    number = await hall.take()
    await hall.at("c2", "call-next", finish="complete")

    await page.wait_for_function(f"() => heard.numbers.includes('{number}')", timeout=15_000)
    await expect(page.locator("#stale")).to_be_hidden()


#: Letters that are to be read from ten metres are 40 mm high (kanji) or 30 mm (digits) by the guideline for stations of
#: the Japanese ministry of transport; the smallest screen that a hall would hang up has 43 inches.
SCREEN_MM = {(1920, 1080): 952, (1280, 720): 952, (1080, 1920): 535}
KANJI_MM, DIGITS_MM = 40, 30
#: Height of a kanji and of a digit against the size of the type.
KANJI, DIGIT = 0.92, 0.73


@pytest.mark.parametrize("size", SCREEN_MM)
async def test_a_call_is_read_from_ten_metres(hall: BoardHall, size: tuple[int, int]) -> None:
    page = await hall.board(*size)
    await hall.take()
    await hall.at("c2", "call-next", finish="complete")
    await page.locator("#spoken:not([hidden])").wait_for()

    number, window, listed = await page.evaluate(
        """() => ["#spoken-number", "#spoken-counter", ".call-number"].map(
          (one) => parseFloat(getComputedStyle(document.querySelector(one)).fontSize))"""
    )
    millimetre = size[0] / SCREEN_MM[size]

    assert number * DIGIT / millimetre >= 2 * DIGITS_MM
    assert window * KANJI / millimetre >= KANJI_MM
    assert listed * DIGIT / millimetre >= DIGITS_MM
