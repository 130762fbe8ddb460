"""The board's states. The feed is ours, so that each can be told exactly: the pages' own scripts draw it."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, Route, WebSocketRoute

from tests.browser import route
from tests.screens.stage import AHEAD, API, Look, Stage, State

Json = dict[str, Any]
FULL_HD = (1920, 1080)
#: A call stays on the screen.
STILL = f"""
{AHEAD}
const later = globalThis.setTimeout;
globalThis.setTimeout = (work, wait, ...given) => later(work, [5000, 2500].includes(wait) ? 3600000 : wait, ...given);
"""
SERVICES = ("住民異動", "証明書", "届出", "印鑑登録", "マイナンバーカード", "保険", "税証明", "介護・高齢")
LONG_SERVICES = (
    "外国人住民の在留関連・特別永住者証明書", "戸籍の広域交付・身分証明書・独身証明書", "国民健康保険の加入と脱退、限度額認定証",
)  # fmt: skip
LONG_COUNTERS = ("2階 市民税課 相談カウンター西", "別館1階 福祉総合窓口", "マイナンバー専用ブース3")
WAYS = ("left", "right", "up", "down", "up-left", "up-right")


def at(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def service(number: int, name: str, waiting: int, is_open: bool = True) -> Json:
    letter = chr(ord("A") + number)
    known = is_open and waiting > 0
    return {
        "id": f"s{number}", "name": name, "open": is_open, "waiting": [f"{letter}{20 + each:03}" for each in range(waiting)],
        "wait_low": waiting * 240 if known else None, "wait_high": waiting * 420 if known else None,
    }  # fmt: skip


def counter(number: int, label: str, calling: str | None = None) -> Json:
    called = at(number / 2) if calling else None
    return {"id": f"c{number}", "label": label, "open": True, "calling": calling, "called_at": called, "call_count": 1}


def hall(services: list[Json], counters: list[Json], **more: Any) -> Json:
    return {
        "type": "snapshot", "seq": 100, "now": at(0), "office": "sakura", "services": services, "counters": counters,
        "absent": [], "notice": None, "calls": [],
    } | more  # fmt: skip


def usual(calls: int = 3, absent: int = 3, **more: Any) -> Json:
    counters = [counter(each, str(each), f"{'ABCDE'[each % 5]}{10 + each:03}" if each <= calls else None)
                for each in range(1, max(calls, 6) + 1)]  # fmt: skip
    services = [service(each, name, (7, 4, 0, 2, 9, 3, 1, 0)[each], each != 7) for each, name in enumerate(SERVICES)]
    return hall(services, counters, absent=[f"A{100 + each}" for each in range(absent)], **more)


def call(seq: int, number: str, counter_id: str = "c1", call_count: int = 1) -> Json:
    return {
        "seq": seq,
        "number": number,
        "counter": counter_id,
        "at": at(0),
        "call_count": call_count,
        "language": "en",
    }


def change(*calls: Json) -> Json:
    return {"type": "change", "seq": 200, "now": at(0), "services": [], "counters": [], "calls": list(calls)}


def state(
    name: str, picture: Callable[[], Json], *, then: Callable[[], Json] | None = None, query: str = "",
    office: Json | None = None, playlist: str = "", after: Callable[[Page], Awaitable[None]] | None = None,
    size: tuple[int, int] = FULL_HD,
) -> State:  # fmt: skip
    """``then`` is a second frame; ``office`` are board settings; ``playlist`` a text or a picture beside the calls."""

    async def reach(stage: Stage, look: Look) -> Page:
        page = await stage.page(look, STILL)
        known = picture()
        sockets: list[WebSocketRoute] = []

        def feed(socket: WebSocketRoute) -> None:
            sockets.append(socket)
            if len(sockets) == 1:
                socket.send(json.dumps(known))

        await page.route_web_socket("**/live", feed)
        await route(page, f"**{API}/picture", lambda route: route.abort())
        await route(page, f"**{API}?language=*", lambda route: settings(route, known, office or {}))
        await route(page, f"**{API}/playlist", lambda route: beside(route, playlist))
        await route(
            page, f"**{API}/arrival-code", lambda route: route.fulfill(json={"code": "4711", "valid_until": at(-5)})
        )
        await page.goto(f"{stage.server.url}/board/sakura{query}")
        await page.locator(".wait:visible, .waits-more:visible").first.wait_for(state="attached")
        await page.locator("#arrival:not([hidden])").wait_for()
        if playlist:
            await page.locator("#playlist:not([hidden])").wait_for()
        if then:
            sockets[0].send(json.dumps(then()))
            await page.locator("#spoken:not([hidden])").wait_for()
        if after:
            await after(page)
        await page.evaluate("document.fonts.ready.then(() => {})")
        return page

    return State("board", name, reach, size, ("ja",))


async def settings(route: Route, known: Json, board: Json) -> None:
    answer = await route.fetch()
    office = await answer.json()
    ids = [each["id"] for each in known["services"]]
    office["counters"] = [
        {**each, "services": ids[at % len(ids) : at % len(ids) + 3]} for at, each in enumerate(known["counters"])
    ]
    office["board"] |= board
    if "language=en" in route.request.url:
        english = (
            "Moving",
            "Certificates",
            "Notifications",
            "Seal registration",
            "My Number Card",
            "Insurance",
            "Tax",
            "Care",
        )
        office["services"] = [{"id": key, "public_name": english[at % 8]} for at, key in enumerate(ids)]
    await route.fulfill(json=office)


async def beside(route: Route, kind: str) -> None:
    item = {"id": "one", "kind": kind, "url": None, "text": {}, "seconds": 600, "weight": 1}
    if kind == "image":
        item["url"] = "/static/icon.svg"
    else:
        item["text"] = {"ja": "毎週木曜日は午後七時まで開いています。", "en": "Open until seven on Thursdays."}
    await route.fulfill(json={"business_day": "2026-09-03", "items": [item] if kind else []})


async def grow_old(page: Page) -> None:
    await page.evaluate("globalThis.ahead = 120000")
    await page.locator("#stale:not([hidden])").wait_for()


async def silence(page: Page) -> None:
    await page.mouse.move(400, 400)
    await page.get_by_test_id("silent").click()


def groups(count: int) -> Json:
    named = [("戸籍・住民票", "s0", "s1", "s2"), ("税・保険", "s3", "s4", "s5"), ("福祉・介護", "s6", "s7")][:count]
    return {"groups": [{"id": f"g{at}", "name": name, "services": ids} for at, (name, *ids) in enumerate(named)]}


def directions(count: int = 40) -> Json:
    return {"directions": {f"c{each}": WAYS[each % len(WAYS)] for each in range(1, count)}}


def long_names() -> Json:
    counters = [counter(each, LONG_COUNTERS[each - 1], f"C{1000 + each}") for each in range(1, 4)]
    services = [service(each, name, 5 + each) for each, name in enumerate((*LONG_SERVICES, *SERVICES[3:]))]
    notice = "本日は住民異動の窓口が大変混み合っています。お急ぎでない方は、証明書のコンビニ交付もご利用ください。"
    return hall(services, counters, absent=["A1000", "A1001"], notice=notice)


def branch() -> Json:
    return hall([service(0, "総合窓口", 2)], [counter(1, "1", "A012"), counter(2, "2")])


STATES = [
    state("nobody called", lambda: usual(0, 0)),
    state("one call", lambda: usual(1, 0)),
    state("three calls", usual, office=directions()),
    state("twelve calls", lambda: usual(12, 20), office=directions()),
    state("twenty-four calls", lambda: usual(24, 20)),
    state("forty calls", lambda: usual(40, 60)),
    state("long names", long_names, office=directions()),
    state("notice and absent", lambda: usual(5, 20, notice="台風のため、本日は15時で受付を終了します。")),
    state("small office", branch),
    state("announced", usual, then=lambda: change(call(150, "A012")), office=directions()),
    state("announced again", usual, then=lambda: change(call(150, "A1000", "c2", 2))),
    state("announced, more to come", usual, then=lambda: change(*(call(150 + n, f"B{30 + n:03}", f"c{1 + n % 6}") for n in range(6)))),
    state("announced, long name", long_names, then=lambda: change(call(150, "C1001"))),
    state("stale", usual, after=grow_old),
    state("silent", usual, after=silence),
    state("text beside", lambda: usual(3, 5), playlist="text"),
    state("picture beside", lambda: usual(12, 20), playlist="image"),
    state("one column", lambda: usual(4, 5), office=groups(3) | directions(), query="?group=g0"),
    state("two columns", lambda: usual(8, 5), office=groups(2)),
    state("three columns", lambda: usual(12, 20), office=groups(3) | directions()),
    state("three columns, picture beside", lambda: usual(12, 20), office=groups(3), playlist="image"),
    state("three columns, announced", lambda: usual(6), office=groups(3), then=lambda: change(call(150, "A012"))),
    state("light", lambda: usual(3, 5, notice="台風のため、本日は15時で受付を終了します。"), query="?theme=light"),
    state("light, announced", usual, then=lambda: change(call(150, "A012")), query="?theme=light"),
    state("portrait", lambda: usual(5, 20), size=(1080, 1920), office=directions()),
    state("portrait, text beside", lambda: usual(8, 20), size=(1080, 1920), playlist="text"),
    state("portrait, three columns", lambda: usual(12, 20), size=(1080, 1920), office=groups(3)),
    state("portrait, announced", usual, then=lambda: change(call(150, "A1000")), size=(1080, 1920), office=directions()),
    state("small screen", lambda: usual(12, 20, notice="台風のため、本日は15時で受付を終了します。"), size=(1280, 720)),
    state("small screen, announced", usual, then=lambda: change(call(150, "A012")), size=(1280, 720)),
]  # fmt: skip
