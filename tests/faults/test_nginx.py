"""docs/nginx.conf in a real nginx, before two nodes on one PostgreSQL: what it passes on, keeps and survives."""

import asyncio
import random
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import websockets
from playwright.async_api import expect

from tests.boards import next_frame
from tests.browser import chromium, in_browser
from tests.crowd import COUNTERS, ISSUE, OFFICE_ID, Crowd, install, stored
from tests.history import Historian
from tests.nginx import LEFT_ALONE, behind_nginx, nginx
from tests.postgres import PostgresServer, new_database, on_postgres
from tests.processes import Installation, Server, free_port
from tests.waiting import until

pytestmark = [*on_postgres, behind_nginx]

LIVE, PICTURE = f"/api/v1/offices/{OFFICE_ID}/live", f"/api/v1/offices/{OFFICE_ID}/picture"
BOARDS = 6
#: A board is back with the truth by then, and a command that met a paused node is answered (seconds).
BACK_WITHIN, PASSED_OVER_WITHIN = 5.0, 12.0
BODY = {"service": "tax", "via": "kiosk"}


@dataclass
class Pair:
    """Two nodes behind nginx."""

    installation: Installation
    front: Server
    nodes: list[Server]


@asynccontextmanager
async def pair(folder: Path, postgres: PostgresServer) -> AsyncIterator[Pair]:
    port, ports = free_port(), [free_port(), free_port()]
    installation = await install(
        folder,
        f'[server]\npublic_url = "https://localhost:{port}"\ntrusted_proxies = ["127.0.0.1"]\n'
        f'[database]\nurl = "{await new_database(postgres)}"\n',
    )
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(installation.serving(each)) for each in ports]
        addresses = [f"127.0.0.1:{each}" for each in ports]
        front = await stack.enter_async_context(nginx(folder / "nginx", addresses, port))
        yield Pair(installation, front, nodes)


async def test_nginx_passes_on_what_pages_need(tmp_path: Path, postgres: PostgresServer) -> None:
    async with pair(tmp_path, postgres) as both, AsyncExitStack() as stack:
        front, nodes = both.front, both.nodes
        browser = front.client()
        crowd = await Crowd.enrol(both.installation, front)
        kiosk = browser_of(front, crowd)

        # Whatever node it meets, a request is answered; the visitor's address goes along.
        for url in (*[node.url for node in nodes], front.url):
            async with httpx.AsyncClient(
                cookies=dict(crowd.kiosk_cookies), trust_env=False, verify=front.trust
            ) as any_:
                assert (await any_.get(f"{url}/api/v1/offices/{OFFICE_ID}")).status_code == 200
        for number in ("B001", "B002", "B003"):
            assert (await kiosk.post(ISSUE, json=BODY)).json()["number"] == number

        # All of an office's boards are on one node.
        boards = [await stack.enter_async_context(board(front)) for _ in range(BOARDS)]
        assert sorted([await watchers(node) for node in nodes]) == [0, BOARDS]
        for each in boards:
            assert (await next_frame(each))["services"][1]["waiting"] == ["B001", "B002", "B003"]
        await crowd.console(COUNTERS[0], [front.url], 1)
        async with asyncio.timeout(5):
            while not (await next_frame(boards[-1]))["calls"]:
                pass

        # What has its version in its address stays here when all nodes are gone; nothing else does.
        page = (await browser.get("/")).text
        style = re.findall(r'"(/static/[0-9a-f]+/css/[^"]+)"', page)[0]
        assert (await browser.get(style)).status_code == 200
        for node in nodes:
            await node.kill()
        kept = await browser.get(style)
        assert (kept.status_code, kept.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        for away in (await kiosk.post(ISSUE, json=BODY), await kiosk.get(LIVE), await kiosk.get(PICTURE)):
            assert (away.status_code, away.headers["Retry-After"], away.json()["code"]) == (503, "2", "unavailable")
    assert not (tmp_path / "nginx" / "junban.error.log").read_bytes()


async def test_what_a_node_cannot_do_the_other_one_does(tmp_path: Path, postgres: PostgresServer) -> None:
    loop = asyncio.get_running_loop()
    async with pair(tmp_path, postgres) as both:
        front = both.front
        crowd = await Crowd.enrol(both.installation, front)
        kiosk = browser_of(front, crowd)
        async with board(front) as watching:
            await watching.recv()
            used = both.nodes[[await watchers(node) for node in both.nodes].index(1)]

            # Paused, it takes the request and says nothing.
            used.process.send_signal(signal.SIGSTOP)
            asked_at = loop.time()
            paused = await kiosk.post(ISSUE, json=BODY, headers={"Idempotency-Key": "k" * 40})
            assert (paused.status_code, paused.json()["number"]) == (201, "B001")
            assert loop.time() - asked_at < PASSED_OVER_WITHIN
            # What it had taken it finds done when it goes on.
            used.process.send_signal(signal.SIGCONT)

            # Killed: nobody notices but the boards, which come back.
            await used.kill()
            killed_at = loop.time()
            for place in range(2, 12):
                answer = await kiosk.post(ISSUE, json=BODY)
                assert (answer.status_code, answer.json()["number"]) == (201, f"B{place:03}")
            try:
                while True:
                    await watching.recv()
            except websockets.ConnectionClosed:
                pass
        async with board(front) as watching:
            frame = await next_frame(watching)
            seconds = loop.time() - killed_at
            assert frame["services"][1]["waiting"] == [f"B{place:03}" for place in range(1, 12)]
        print(f"the board shows the truth {seconds:.2f} s after its node was killed")
        assert seconds < BACK_WITHIN
    assert (await stored(both.installation)).issued == [f"B{place:03}" for place in range(1, 12)]


@in_browser[0]
@in_browser[1]
async def test_a_board_whose_node_hangs_shows_what_the_others_do(tmp_path: Path, postgres: PostgresServer) -> None:
    loop = asyncio.get_running_loop()
    async with pair(tmp_path, postgres) as both, chromium() as browser:
        front, installation = both.front, both.installation
        crowd = await Crowd.enrol(installation, front)
        await browser_of(front, crowd).post(ISSUE, json=BODY)
        page = await (await browser.new_context(ignore_https_errors=True)).new_page()
        await page.goto(f"{front.url}/enrol#{await installation.invite('board')}")
        await page.click("#enrol-button")
        await page.wait_for_url(f"**/board/{OFFICE_ID}")
        await until_watched(both.nodes)
        used, other = both.nodes if await watchers(both.nodes[0]) else reversed(both.nodes)

        used.process.send_signal(signal.SIGSTOP)
        try:
            paused_at = loop.time()
            async with httpx.AsyncClient(cookies=dict(crowd.clerk_cookies), trust_env=False) as clerk:
                path = f"/api/v1/offices/{OFFICE_ID}/counters/{COUNTERS[0]}/call-next"
                called = await clerk.post(other.url + path, json={}, headers={"Origin": front.url})
            assert called.json()["number"] == "B001"
            await expect(page.get_by_test_id("call-B001").first).to_be_visible(timeout=15_000)
            seconds = loop.time() - paused_at
            # The page has left the silent node for the other one.
            async with asyncio.timeout(10):
                while await watchers(other) != 1:
                    await asyncio.sleep(0.1)
        finally:
            used.process.send_signal(signal.SIGCONT)

    print(f"the board shows a call {seconds:.2f} s after its node was paused")
    assert seconds < BACK_WITHIN


async def until_watched(nodes: list[Server]) -> None:
    async with asyncio.timeout(20):
        while sum([await watchers(node) for node in nodes]) != 1:
            await asyncio.sleep(0.05)


async def test_nodes_are_upgraded_one_after_the_other_under_load(tmp_path: Path, postgres: PostgresServer) -> None:
    async with AsyncExitStack() as stack:
        both = await stack.enter_async_context(pair(tmp_path, postgres))
        front, stopping = both.front, asyncio.Event()
        crowd = await Crowd.enrol(both.installation, front)
        clients = Historian(crowd, [front.url], random.Random(5), trust=front.trust)
        read: Counter[int] = Counter()
        load = [
            *(asyncio.create_task(clients.kiosk(lambda: not stopping.is_set())) for _ in range(4)),
            *(asyncio.create_task(clients.console(each, lambda: not stopping.is_set())) for each in COUNTERS[:4]),
            asyncio.create_task(read_pages(front, read, stopping)),
        ]
        for node in both.nodes:
            await more(clients)
            assert await node.stop() == 0
            await more(clients)
            port = int(node.url.rpartition(":")[2])
            await stack.enter_async_context(both.installation.serving(port))
            # As docs/postgres.md says: nginx has to see that it is back.
            await asyncio.sleep(LEFT_ALONE + 1)
        await more(clients)
        stopping.set()
        await asyncio.gather(*load)

    after = await stored(both.installation)
    issued = [wish.answer["number"] for wish in clients.wishes if wish.kind == "issue"]
    statuses = Counter((wish.kind, wish.status) for wish in clients.wishes)
    failures = Counter(failure for wish in clients.wishes for failure in wish.failures)
    print(f"{dict(statuses)}; failed before they were repeated: {dict(failures)}; pages: {dict(read)}")
    assert set(statuses) <= {("issue", 201), ("call", 200), ("call", 204), ("complete", 200)}
    # What was repeated was cured by it, and it was seldom.
    assert sum(failures.values()) < len(clients.wishes) / 50
    assert set(failures) <= {"502", "503", "504"}
    assert set(read) == {200}
    assert sorted(issued) == sorted(after.issued)


async def test_refused_feeds_take_no_node_from_anything_else(tmp_path: Path) -> None:
    asked: list[tuple[int, str]] = []
    port, ports = free_port(), [free_port(), free_port()]
    async with AsyncExitStack() as stack:
        for each in ports:
            await stack.enter_async_context(full_node(each, asked))
        addresses = [f"127.0.0.1:{each}" for each in ports]
        front = await stack.enter_async_context(nginx(tmp_path / "nginx", addresses, port))
        client = front.client()
        asked.clear()
        assert (await client.get(LIVE)).json() == {"code": "too_many_watchers"}
        # Each was asked whether it takes the feed.
        assert sorted(asked) == [(each, LIVE) for each in sorted(ports)]

        for _ in range(3):
            assert (await client.get(LIVE)).status_code == 503
            with_key = await client.post(ISSUE, json=BODY, headers={"Idempotency-Key": "k" * 40})
            answers = [
                with_key,
                await client.post(ISSUE, json=BODY),
                await client.get(f"/board/{OFFICE_ID}"),
                await client.get("/api/v1/offices/other"),
                await client.get(PICTURE),
            ]
            assert [each.status_code for each in answers] == [200] * len(answers)


@asynccontextmanager
async def full_node(port: int, asked: list[tuple[int, str]]) -> AsyncIterator[None]:
    """What looks like a node that takes no more watchers, and answers everything else."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = re.search(r"^content-length: (\d+)", head, re.MULTILINE | re.IGNORECASE)
                await reader.readexactly(int(length[1]) if length else 0)
                path = head.split(" ")[1]
                asked.append((port, path))
                status, body = "200 OK", b"{}"
                if path == LIVE:
                    status, body = "503 Service Unavailable", b'{"code":"too_many_watchers"}'
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", port):
        yield


async def more(clients: Historian) -> None:
    """Until the clients have done some more."""
    before = len(clients.wishes)
    await until(lambda: len(clients.wishes) >= before + 150, 60)


async def read_pages(front: Server, read: Counter[int], stopping: asyncio.Event) -> None:
    browser = front.client()
    while not stopping.is_set():
        for path in ("/", f"/board/{OFFICE_ID}", f"/api/v1/offices/{OFFICE_ID}", "/static/version.json"):
            read[(await browser.get(path)).status_code] += 1
        await asyncio.sleep(0.02)


def browser_of(front: Server, crowd: Crowd) -> httpx.AsyncClient:
    client = front.client()
    client.cookies.update(crowd.kiosk_cookies)
    return client


def board(front: Server) -> websockets.connect:
    address = front.url.replace("https", "wss") + LIVE
    return websockets.connect(address, ssl=front.trust, origin=websockets.Origin(front.url))


async def watchers(node: Server) -> int:
    text = (await node.client().get("/metrics")).text
    return int(re.findall(r"^junban_watchers (\d+)$", text, re.MULTILINE)[0])
