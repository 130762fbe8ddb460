"""The demonstration as somebody starts it who has read nothing but the terminal."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import expect

from tests.browser import chromium, in_browser
from tests.processes import ROOT
from ticketing.demo.mailbox import LINE_USERS

MAIL = "hana.demo@example.jp"
PHONE = "09012345678"


@dataclass
class Started:
    """A demonstration, its first words, and where it complains."""

    process: asyncio.subprocess.Process
    printed: str
    log: Path

    @property
    def links(self) -> list[str]:
        return [word for word in self.printed.split() if word.startswith("http://")]

    @property
    def url(self) -> str:
        return self.links[0].removesuffix("/demo")

    @property
    def password(self) -> str:
        return self.printed.partition("all with the password ")[2].split()[0]

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers={"Origin": self.url}, timeout=30)


@asynccontextmanager
async def started(folder: Path, *more: str) -> AsyncIterator[Started]:
    log = folder / "log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ticketing", "serve", "--port", "0", "--data", str(folder / "data"), *more,
            cwd=ROOT, env=os.environ | {"PYTHONWARNINGS": "error"}, stdout=asyncio.subprocess.PIPE, stderr=errors,
        )  # fmt: skip
    try:
        yield Started(process, await _printed(process), log)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _printed(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    lines = []
    async with asyncio.timeout(20):
        while line := (await process.stdout.readline()).decode():
            lines.append(line)
            if line.startswith("Press Ctrl+C"):
                break
    return "".join(lines)


async def until_received(client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        while True:
            messages: list[dict[str, Any]] = (await client.get("/demo/mailbox.json")).json()["messages"]
            if len(messages) >= count:
                return messages
            await asyncio.sleep(0.05)


async def test_printed_links_work_and_messages_arrive(tmp_path: Path) -> None:
    async with started(tmp_path) as demo, demo.client() as client:
        await every_page_answers(demo, client)
        await sato_signs_in(demo)
        await a_kiosk_is_enrolled(demo)
        await alerts_arrive(client)
        await a_text_message_arrives(client)
        demo.process.send_signal(signal.SIGTERM)
        assert await demo.process.wait() == 0
        assert demo.log.read_text("utf-8") == ""
    assert traces(tmp_path, MAIL, PHONE, PHONE[1:], *LINE_USERS.values()) == []


async def every_page_answers(demo: Started, client: httpx.AsyncClient) -> None:
    answers = [await client.get(link.partition("#")[0]) for link in demo.links]

    assert len(answers) == 13
    assert {answer.status_code for answer in answers} == {200}


async def sato_signs_in(demo: Started) -> None:
    async with demo.client() as clerk:
        signed_in = await clerk.post("/api/v1/session", json={"name": "sato", "password": demo.password})
        opened = await clerk.post("/api/v1/offices/sakura/counters/1/open", json={})

    assert [signed_in.status_code, opened.status_code] == [201, 200]


async def a_kiosk_is_enrolled(demo: Started) -> None:
    codes = [link.partition("#")[2] for link in demo.links if "#" in link]
    async with demo.client() as kiosk:
        enrolled = await kiosk.post("/api/v1/devices", json={"code": codes[0]})

    assert (enrolled.status_code, enrolled.json()["kind"]) == (201, "kiosk")


async def alerts_arrive(client: httpx.AsyncClient) -> None:
    issued = await client.post("/api/v1/offices/sakura/tickets", json={"service": "certificates"})
    contact = {"channel": "email", "address": MAIL, "consent": True, "ahead": 50}
    registered = await client.put("/api/v1/ticket/contact", json=contact)
    assert [issued.status_code, registered.status_code] == [201, 200]
    mail = (await until_received(client, 1))[0]
    assert (mail["channel"], mail["to"]) == ("mail", MAIL)
    assert issued.json()["url"] in mail["text"]

    link = await client.post("/api/v1/ticket/line-link", json={"consent": True})
    sent = await client.post("/demo/line", json={"user": "hana", "text": link.json()["code"]})
    assert sent.json() == {"status": 200}
    line = (await until_received(client, 2))[0]
    assert (line["channel"], line["to"]) == ("line", "hana")

    await client.post("/demo/line", json={"user": "hana"})
    left = (await client.get("/api/v1/ticket")).json()["contact"]
    assert left["channel"] == "email"
    users = (await client.get("/demo/mailbox.json")).json()["line_users"]
    assert [user["name"] for user in users if user["is_blocking"]] == ["hana"]


async def a_text_message_arrives(client: httpx.AsyncClient) -> None:
    issued = await client.post("/api/v1/offices/sakura/tickets", json={"service": "certificates"})
    number = {"channel": "phone", "address": PHONE, "consent": True, "ahead": 50}
    registered = await client.put("/api/v1/ticket/contact", json=number)
    assert [issued.status_code, registered.status_code] == [201, 200]
    text = (await until_received(client, 3))[0]
    assert (text["channel"], text["to"]) == ("sms", "+819012345678")
    assert issued.json()["number"] in text["text"]


def traces(folder: Path, *texts: str) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        found += [path.name for text in texts if text.encode() in content]
    return found


async def test_crowd_fills_the_hall_and_goes_home(tmp_path: Path) -> None:
    async with started(tmp_path, "--crowd") as demo, demo.client() as client:
        open_counters: list[str] = []
        async with asyncio.timeout(20):
            while len(open_counters) < 6:
                office = (await client.get("/api/v1/offices/sakura")).json()
                open_counters = [counter["id"] for counter in office["counters"] if counter["open"]]
                await asyncio.sleep(0.05)
        assert open_counters == ["3", "4", "5", "6", "7", "8"]
    async with started(tmp_path) as demo, demo.client() as client:
        office = (await client.get("/api/v1/offices/sakura")).json()

    assert [counter["id"] for counter in office["counters"] if counter["open"]] == []
    assert demo.log.read_text("utf-8") == ""


class TestInBrowser:
    pytestmark = in_browser

    async def test_pages_of_the_demonstration_work(self, tmp_path: Path) -> None:
        async with started(tmp_path) as demo, chromium() as browser:
            page = await (await browser.new_context(locale="en-US")).new_page()
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)

            await page.goto(f"{demo.url}/demo")
            await expect(page.locator("#password")).to_have_text(demo.password)
            await page.click("[data-testid=enrol-kiosk-sakura]")
            await page.click("#enrol-button")
            await page.wait_for_url("**/kiosk/sakura")

            await page.goto(f"{demo.url}/demo/mailbox")
            await expect(page.locator("#line-user option")).to_have_count(3)
            await page.click("#line-block")
            await expect(page.locator("#line-user option").first).to_contain_text("(blocking)")
            await page.fill("#line-text", "hello")
            await page.click("#line-send")
            await expect(page.locator("#message")).to_have_text("Sent.")
            assert faults == []
