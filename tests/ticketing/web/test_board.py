from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import httpx
import pytest

from tests.ticketing.web.edge import OFFICE, Edge, code_of, config_in, edge_of
from ticketing.hall.office import Board
from ticketing.plays import Played, Plays
from ticketing.voice.speaker import spoken_call

WARD = "/api/v1/offices/ward"
RUN, OTHER_RUN = "0123456789abcdef", "fedcba9876543210"
TODAY = "2026-09-01"


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "spring.png").write_bytes(b"0123456789")
    (shown / "other.png").write_bytes(b"not in the list")
    (shown / "playlist.toml").write_text(
        '[[item]]\nid = "spring"\nfile = "spring.png"\nseconds = 10\nweight = 2\n'
        '[[item]]\nid = "night"\ntext = { ja = "夜" }\ntimes = ["20:00-24:00"]\n',
        "utf-8",
    )
    office = replace(OFFICE, board=Board(playlist=str(shown)))
    async with edge_of(config_in(tmp_path / "data", offices=(office,))) as opened:
        yield opened


async def called(edge: Edge, language: str = "en") -> int:
    """The seq of a call of A001 at counter 1."""
    kiosk, clerk = await edge.device(), await edge.staff("sato")
    await kiosk.post(f"{WARD}/tickets", json={"service": "family", "language": language})
    await clerk.post(f"{WARD}/counters/1/open", json={})
    await clerk.post(f"{WARD}/counters/1/call-next", json={})
    desk = edge.node.site.desks.get("ward")
    assert desk is not None
    return desk.hall.calls[-1].seq


async def test_a_call_is_spoken_to_the_offices_board(edge: Edge) -> None:
    seq, board = await called(edge), await edge.device("board")

    japanese = await board.get(f"{WARD}/calls/{seq}/voice?language=ja")
    english = await board.get(f"{WARD}/calls/{seq}/voice?language=en")
    other = await board.get(f"{WARD}/calls/{seq}/voice?language=ko")

    assert (japanese.status_code, japanese.headers["content-type"]) == (200, "audio/ogg")
    assert japanese.content == spoken_call("ja", "A001", "1", False)
    assert english.content == spoken_call("en", "A001", "1", False)
    assert other.content == japanese.content


async def test_a_picture_is_what_the_live_feed_begins_with(edge: Edge) -> None:
    seq = await called(edge)

    picture = (await edge.browser().get(f"{WARD}/picture")).json()

    assert (picture["type"], picture["office"], picture["seq"]) == ("snapshot", "ward", seq)
    assert [(each["seq"], each["number"], each["counter"]) for each in picture["calls"]] == [(seq, "A001", "1")]
    assert {each["id"]: each["calling"] for each in picture["counters"]}["1"] == "A001"
    assert (await edge.browser().get("/api/v1/offices/nowhere/picture")).status_code == 404


async def test_a_voice_is_for_the_offices_screens_and_staff(edge: Edge) -> None:
    path = f"{WARD}/calls/{await called(edge)}/voice"

    assert code_of(await edge.browser().get(path)) == (401, "not_signed_in")
    assert (await (await edge.staff("mori")).get(path)).status_code == 200


@pytest.mark.parametrize("seq", ["0", "999999", "1", "x", "-1", "9" * 40])
async def test_what_is_no_late_call_is_unknown(edge: Edge, seq: str) -> None:
    await called(edge)

    answer = await (await edge.device("board")).get(f"{WARD}/calls/{seq}/voice")

    assert code_of(answer) == (404, "unknown_call")


async def test_the_playlist_is_what_is_on_now(edge: Edge) -> None:
    answer = (await edge.browser().get(f"{WARD}/playlist")).json()

    (item,) = answer["items"]
    url = item.pop("url")
    assert answer["business_day"] == TODAY
    assert item == {"id": "spring", "kind": "image", "text": {}, "seconds": 10, "weight": 2}
    assert url.startswith(f"{WARD}/playlist/spring.png?v=")


async def test_a_file_of_the_playlist_is_kept_by_browsers_under_its_version(edge: Edge) -> None:
    (item,) = (await edge.browser().get(f"{WARD}/playlist")).json()["items"]

    file = await edge.browser().get(item["url"])
    part = await edge.browser(Range="bytes=2-4").get(item["url"])
    stale = await edge.browser().get(item["url"] + "0")

    assert (file.content, file.headers["content-type"]) == (b"0123456789", "image/png")
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert (part.status_code, part.content) == (206, b"234")
    assert stale.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["other.png", "playlist.toml", "..%2fdata%2fmaster.key", "..%2Fshown%2Fspring.png", "%2e%2e"]
)
async def test_nothing_else_is_given_out(edge: Edge, name: str) -> None:
    answer = await edge.browser().get(httpx.URL(f"https://junban.example{WARD}/playlist/{name}"))

    assert answer.status_code == 404


async def plays(edge: Edge) -> list[Played]:
    return await Plays(edge.node.main_file).between(date(2026, 8, 1), date(2026, 9, 30))


def body(count: int = 3, run: str = RUN, day: str = TODAY, item: str = "spring") -> dict[str, object]:
    return {"business_day": day, "run": run, "shown": {item: count}}


async def test_showings_are_counted_once_however_often_they_are_told(edge: Edge) -> None:
    board, other = await edge.device("board"), await edge.device("board")

    for told in (body(3), body(5), body(5), body(4), body(2, OTHER_RUN)):
        assert (await board.post(f"{WARD}/plays", json=told)).status_code == 204
    await other.post(f"{WARD}/plays", json=body(1))

    assert await plays(edge) == [Played(date(2026, 9, 1), "ward", "spring", 2, 8)]


async def test_strangers_and_kiosks_count_nothing(edge: Edge) -> None:
    for browser in (edge.browser(), await edge.device("kiosk"), await edge.staff("sato", "clerk", "supervisor")):
        assert code_of(await browser.post(f"{WARD}/plays", json=body())) == (401, "not_enrolled")

    assert await plays(edge) == []


async def test_no_board_counts_more_than_the_day_has_room_for(edge: Edge) -> None:
    board = await edge.device("board")

    too_many = await board.post(f"{WARD}/plays", json=body(28_000))
    too_late = await board.post(f"{WARD}/plays", json=body(day="2026-08-30"))
    unknown = await board.post(f"{WARD}/plays", json=body(item="gone"))
    wrong = await board.post(f"{WARD}/plays", json=body(run="x"))

    assert code_of(too_many) == code_of(too_late) == (422, "wrong_plays")
    assert unknown.status_code == 204
    assert code_of(wrong) == (422, "wrong_field")
    assert await plays(edge) == []


async def test_a_board_that_tells_all_the_time_is_slowed_down(edge: Edge) -> None:
    board = await edge.device("board")

    answers = [(await board.post(f"{WARD}/plays", json=body())).status_code for _ in range(181)]

    assert answers == [204] * 180 + [429]


async def test_the_office_says_how_its_boards_are_set(edge: Edge) -> None:
    board = (await edge.browser().get(WARD)).json()["board"]

    assert board == {
        "chime": True, "languages": ["ja", "en"], "silent": False, "voice": ["ja", "en"], "playlist": True,
        "directions": {}, "groups": [],
    }  # fmt: skip
