import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from ticketing.commands.node import Node
from ticketing.demo.furniture import ACCOUNTS, PASSWORD
from ticketing.demo.pages import ROOT
from ticketing.demo.start import Demo
from ticketing.web.app import make_app

SOURCES = "\n".join(path.read_text("utf-8") for path in sorted([*ROOT.glob("*.html"), *ROOT.glob("*.js")]))
WORDS = {language: json.loads((ROOT / f"{language}.json").read_text("utf-8")) for language in ("ja", "en")}


@pytest.fixture
async def client(demo: Demo, node: Node) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(node.site, demo.routes(node.site)))
    async with httpx.AsyncClient(transport=transport, base_url="http://city.test") as opened:
        yield opened


def test_languages_have_the_same_words_and_placeholders() -> None:
    def shape(words: dict[str, str]) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"\{(\w+)\}", text)) for key, text in words.items()}

    assert shape(WORDS["ja"]) == shape(WORDS["en"])
    assert [text for words in WORDS.values() for text in words.values() if not text] == []


def test_words_in_use_are_the_words_there_are() -> None:
    written = set(re.findall(r'(?:data-demo=|\bw\()"([a-z_.]+)"', SOURCES)) | {"line.sent", "line.blocked"}
    made = tuple(re.findall(r"`([a-z]+\.)\$\{", SOURCES))

    assert written - set(WORDS["en"]) == set()
    assert {key for key in WORDS["en"] if key not in written and not key.startswith(made)} == set()


def test_nothing_is_inline() -> None:
    assert re.findall(r"<style|<script(?! type=\"module\" src=)|\son\w+=|\sstyle=|innerHTML", SOURCES) == []


@pytest.mark.parametrize("path", ["/demo", "/demo/mailbox"])
async def test_pages_are_served_under_the_strict_policy(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")


@pytest.mark.parametrize("path", ["/demo/site/demo.css", "/demo/site/words.js"])
async def test_parts_of_pages_allow_nothing_by_themselves(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_about_names_offices_and_accounts(client: httpx.AsyncClient) -> None:
    about = (await client.get("/demo/about.json")).json()

    assert [office["id"] for office in about["offices"]] == ["sakura", "sakura-kita"]
    assert [account["name"] for account in about["accounts"]] == [account.name for account in ACCOUNTS]
    assert about["password"] == PASSWORD


async def test_browser_is_enrolled_with_a_code_made_on_request(client: httpx.AsyncClient) -> None:
    invited = await client.post("/demo/invite", json={"office": "sakura", "kind": "board"})
    enrolled = await client.post("/api/v1/devices", json=invited.json())

    assert invited.status_code == 201
    assert {**enrolled.json(), "id": ""} == {"id": "", "kind": "board", "office": "sakura"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/demo/invite", {"office": "nowhere", "kind": "board"}, 404),
        ("/demo/invite", {"office": "sakura", "kind": "fridge"}, 422),
        ("/demo/line", {"user": "nobody", "text": "x"}, 422),
        ("/demo/line", {"user": "hana", "text": ""}, 422),
        ("/demo/line", {"user": "hana", "text": "x" * 501}, 422),
    ],
)
async def test_bad_body_is_refused(client: httpx.AsyncClient, path: str, body: dict[str, str], status: int) -> None:
    answer = await client.post(path, json=body)

    assert answer.status_code == status


async def test_mailbox_shows_people_and_no_line_ids(client: httpx.AsyncClient, demo: Demo) -> None:
    demo.mailbox.add_mail("hana@example.jp", "A001", "near", "http://city.test/u/x")
    demo.mailbox.add_line("U" + "0" * 32, "near")

    mailbox = (await client.get("/demo/mailbox.json")).json()

    assert [(one["channel"], one["to"]) for one in mailbox["messages"]] == [("line", ""), ("mail", "hana@example.jp")]
    assert [user["name"] for user in mailbox["line_users"]] == ["hana", "ken", "mei"]
