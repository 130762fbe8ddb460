"""The board in a real browser: calls in turn, voice, playlist, columns, and what it does over a reload."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.browser import in_browser, route, shut_all
from tests.journeys.board_hall import GROUPS, BoardHall, board_hall

pytestmark = [*in_browser, pytest.mark.asyncio(loop_scope="module")]

#: Writes down what is announced and spoken; nothing takes long. What a board does every minute it must not do all the
#: time: the server would refuse it.
WATCH = """
globalThis.heard = { numbers: [], voices: [], tones: 0, overPlaylist: [], isSlow: false };
const later = globalThis.setTimeout;
const soon = (wait = 0) => (wait >= 60000 ? 3000 : heard.isSlow ? wait : Math.min(wait, 300));
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


async def test_call_that_was_taken_back_before_its_turn_is_not_announced(hall: BoardHall) -> None:
    page = await hall.board(script=WATCH)
    await hall.clear()
    await page.evaluate("heard.isSlow = true")
    first, second, third, fourth = [await hall.take() for _ in range(4)]

    await hall.at("c1", "call", number=first)
    await page.wait_for_function("() => heard.numbers.length === 1")
    await hall.at("c2", "call", number=second)
    await page.locator("#spoken-next").get_by_text(second).wait_for()
    await hall.at("c2", "undo")
    await expect(page.locator("#spoken-next")).to_be_hidden()
    # Served and gone is no reason for silence: somebody was called.
    await hall.at("c2", "call", number=third)
    await hall.at("c2", "complete")
    await hall.at("c2", "call", number=fourth)

    await page.wait_for_function(f"() => heard.numbers.includes('{fourth}')")
    assert await heard(page, "numbers") == [first, third, fourth]


async def test_late_picture_does_not_hide_a_newer_call(hall: BoardHall) -> None:
    page = await hall.board(script=WATCH)
    await hall.clear()
    number, is_silent = await hall.take(), False
    held: asyncio.Queue[Route] = asyncio.Queue()

    def between(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        # Without signs of life the board asks for the picture.
        server.on_message(lambda frame: None if is_silent and b'"pulse"' in _bytes(frame) else socket.send(frame))

    await page.route_web_socket("**/live", between)
    await page.reload()
    await page.locator(".wait").first.wait_for()
    await route(page, "**/picture", held.put)
    is_silent = True
    late = await held.get()
    answer = await late.fetch()
    await hall.at("c1", "call", number=number)
    tile = page.get_by_test_id(f"call-{number}").first
    await tile.wait_for()

    async with page.expect_response("**/picture"):
        await late.fulfill(response=answer)
    await page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert await tile.is_visible()


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


async def test_call_found_after_a_reload_is_spoken_once_it_is_known_how(hall: BoardHall) -> None:
    page = await hall.board(script=WATCH)
    await hall.clear()
    first, second = await hall.take(), await hall.take()
    await hall.at("c1", "call", number=first)
    await page.wait_for_function(f"() => heard.numbers.includes('{first}')")
    await page.locator("#spoken").wait_for(state="hidden")
    await page.goto("about:blank")
    await hall.at("c1", "call", number=second, finish="complete")
    names: asyncio.Queue[Route] = asyncio.Queue()
    await route(page, "**/offices/minato?language=ja", names.put)
    await page.goto(f"{hall.server.url}/board/minato")
    await page.get_by_test_id(f"call-{second}").or_(page.locator(".wait")).first.wait_for()

    await (await names.get()).continue_()
    await page.wait_for_function("() => heard.voices.some((each) => each?.endsWith('language=ja'))")
    assert await heard(page, "numbers") == [second]


async def test_playlist_that_comes_during_a_call_is_shown_after_it(hall: BoardHall) -> None:
    page = await hall.board(script=WATCH)
    await hall.clear()
    words = {"id": "a", "kind": "text", "url": None, "text": {"ja": "毎週木曜日"}, "seconds": 50, "weight": 1}
    items: list[dict[str, object]] = []
    await route(page, "**/playlist", lambda route: route.fulfill(json={"business_day": "2026-11-29", "items": items}))
    await page.reload()
    await page.locator(".wait").first.wait_for()
    await page.evaluate("heard.isSlow = true")
    await hall.at("c1", "call", number=await hall.take())
    await page.locator("#spoken:not([hidden])").wait_for()
    items.append(words)
    await page.locator("#playlist:not([hidden])").wait_for(state="attached")
    assert not await page.locator("#spoken").is_hidden()

    await expect(page.locator("#playlist-text")).to_have_text("毎週木曜日", timeout=15_000)
    await expect(page.locator("#playlist-text")).to_be_visible()


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
