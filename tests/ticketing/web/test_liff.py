"""LINE without a webhook: the page in LINE, and the account that an ID token is of."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.notifier.fakes import LineLogin, line_login
from tests.ticketing.web.edge import LINE_USER, START, Edge, Ticket, code_of, config_in, edge_of, problem, text_event
from tests.ticketing.web.test_answering import HEADERS, POLICY, security_headers
from ticketing.config.model import Line
from ticketing.config.secret import Secret
from ticketing.line_api import MOST_ANSWER_BYTES
from ticketing.web import liff
from ticketing.web.heads import sent_page

DAY = START.date()
CHANNEL = "1234567890"
LIFF_ID = f"{CHANNEL}-AbcdEfgh"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJVIn0.c2lnbmF0dXJl"
OTHER_TOKEN = TOKEN + "Mg"
OTHER_USER = "U" + "f" * 32
SDK = "https://static.line-scdn.net/liff/edge/2/sdk.js"
LINKED = {"channel": "line", "masked": "LINE", "ahead": 2, "minutes": None}
NO_SUCH_PATH = problem(404, "unknown_path", "LINE is not used here.")
WRONG_TOKEN = problem(
    401, "wrong_id_token", "LINE does not confirm who you are; please open this page from LINE once more."
)
WRONG_CODE = problem(
    422, "wrong_link_code",
    "This code was used already or is too old; please ask for a new one on the page of your ticket.",
)  # fmt: skip
UNREACHABLE = problem(503, "line_unreachable", "LINE does not answer at the moment; please try again shortly.")


def line(login: LineLogin, **changes: Any) -> Line:
    usual = {
        "channel_access_token": Secret("token"), "liff_id": LIFF_ID, "login_channel_id": CHANNEL, "account": "@minato",
        "api_url": login.url, "timeout_seconds": 1,
    }  # fmt: skip
    return Line(**{**usual, **changes})


@pytest.fixture
async def login() -> AsyncIterator[LineLogin]:
    async with line_login(LineLogin(CHANNEL, {TOKEN: LINE_USER, OTHER_TOKEN: OTHER_USER})) as login:
        yield login


@pytest.fixture
async def edge(tmp_path: Path, login: LineLogin) -> AsyncIterator[Edge]:
    """LINE by LIFF alone."""
    async with edge_of(config_in(tmp_path / "data", line=line(login))) as edge:
        yield edge


async def link(ticket: Ticket, **more: object) -> dict[str, Any]:
    answer = await ticket.holder.post("/api/v1/ticket/line-link", json={"consent": True, "ahead": 2, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def show_code(edge: Edge, code: str, token: str = TOKEN) -> httpx.Response:
    return await edge.browser().post("/api/v1/line/liff", json={"code": code, "id_token": token})


async def shown(ticket: Ticket) -> tuple[object, list[str]]:
    """The contact and the kinds of messages, as the visitor sees them."""
    body = (await ticket.holder.get("/api/v1/ticket")).json()
    return body["contact"], [each["kind"] for each in body["alerts"]]


# The way there


async def test_link_opens_the_page_with_the_code_alone(edge: Edge) -> None:
    ticket = await edge.ticket()

    given = await link(ticket)

    assert given == {
        "code": given["code"], "expires_at": "2026-09-01T01:10:00.000Z", "by_message": False,
        "liff_url": f"https://liff.line.me/{LIFF_ID}?link={given['code']}",
    }  # fmt: skip


async def test_without_liff_there_is_neither_link_nor_page(tmp_path: Path) -> None:
    async with edge_of(config_in(tmp_path / "data")) as edge:
        ticket, browser = await edge.ticket(), edge.browser()

        given = await link(ticket)
        answers = [
            await browser.get("/line"), await browser.get("/api/v1/line/liff"), await show_code(edge, given["code"]),
        ]  # fmt: skip

        assert (given["by_message"], given["liff_url"]) == (True, None)
        assert [code_of(each) for each in answers] == [(404, "unknown_path")] * 3
        assert [each.json() for each in answers[1:]] == [NO_SUCH_PATH] * 2


async def test_page_has_a_policy_of_its_own_and_no_other_has(edge: Edge) -> None:
    browser = edge.browser()
    hosts = "https://api.line.me https://access.line.me https://liff.line.me https://liffsdk.line-scdn.net"

    page = await browser.get("/line?liff.state=%3Flink%3DABCD2345")
    others = [await browser.get(path) for path in ("/", "/t", "/sign-in", "/enrol", "/line/")]

    own = POLICY.replace("script-src 'self'", "script-src 'self' https://static.line-scdn.net")
    own = own.replace("connect-src 'self'", f"connect-src 'self' {hosts}")
    assert (page.status_code, page.content) == (200, sent_page("line").content)
    assert security_headers(page) == {**HEADERS, "content-security-policy": own}
    assert page.headers.get_list("content-security-policy") == [own]
    assert page.headers["cache-control"] == "no-cache"
    assert [security_headers(each) for each in others] == [HEADERS] * len(others)


async def test_policy_follows_the_configured_script(tmp_path: Path, login: LineLogin) -> None:
    settings = line(login, liff_sdk_url=f"{login.url}/liff/edge/2/sdk.js")
    async with edge_of(config_in(tmp_path / "data", line=settings)) as edge:
        page = await edge.browser().get("/line")

        scripts = page.headers["content-security-policy"].split("; ")[1]
        assert scripts == f"script-src 'self' {login.url}"


async def test_page_is_told_what_it_needs_and_no_secret(edge: Edge) -> None:
    answer = await edge.browser().get("/api/v1/line/liff")

    assert answer.json() == {"liff_id": LIFF_ID, "sdk_url": SDK, "account": "@minato"}


# Linking


async def test_account_of_the_token_is_linked_to_the_ticket_of_the_code(edge: Edge, login: LineLogin) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]

    answer = await show_code(edge, code)

    (kept,) = await edge.node.site.contacts.get("ward", DAY, ticket.number)
    alert = edge.node.site.desk("ward").hall.tickets[ticket.number].alert
    assert (answer.status_code, answer.content) == (204, b"")
    assert (kept.address, alert and alert.ahead) == (LINE_USER, 2)
    assert await shown(ticket) == (LINKED, ["line_linked"])
    assert login.asked == [{"id_token": TOKEN, "client_id": CHANNEL}]


async def test_repeated_request_does_nothing_twice(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]

    answers = await asyncio.gather(*(show_code(edge, code) for _ in range(3)))
    edge.clock.advance(seconds=5)
    answers.append(await show_code(edge, code))

    assert [each.status_code for each in answers] == [204] * 4
    assert await shown(ticket) == (LINKED, ["line_linked"])


async def test_code_is_one_accounts(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    await show_code(edge, code)

    answer = await show_code(edge, code, OTHER_TOKEN)

    (kept,) = await edge.node.site.contacts.get("ward", DAY, ticket.number)
    assert (answer.status_code, answer.json(), kept.address) == (422, WRONG_CODE, LINE_USER)


async def test_erased_contact_does_not_come_back_by_a_repetition(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    await show_code(edge, code)
    await ticket.holder.delete("/api/v1/ticket/contact")

    answer = await show_code(edge, code)

    assert (answer.status_code, (await shown(ticket))[0]) == (422, None)


async def test_code_that_was_sent_to_the_account_links_nobody_else(tmp_path: Path, login: LineLogin) -> None:
    settings = line(login, channel_secret=Secret("channel-secret-of-a-test"))
    async with edge_of(config_in(tmp_path / "data", line=settings)) as edge:
        ticket = await edge.ticket()
        given = await link(ticket)
        await edge.line(text_event(given["code"]))

        answer = await show_code(edge, given["code"], OTHER_TOKEN)

        assert (given["by_message"], given["liff_url"] is None) == (True, False)
        assert (answer.status_code, await shown(ticket)) == (422, (LINKED, ["line_linked"]))


async def test_request_that_failed_may_be_repeated(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    edge.node.site.desk("ward").out_of_order = "This server's clock is wrong."
    failed = await show_code(edge, code)

    edge.node.site.desk("ward").out_of_order = None
    again = await show_code(edge, code)

    assert (code_of(failed), again.status_code) == ((503, "unavailable"), 204)
    assert await shown(ticket) == (LINKED, ["line_linked"])


# Refusals


@pytest.mark.parametrize("code", ["ABCD2345", "x", "hello"])
async def test_wrong_code_is_refused(edge: Edge, code: str) -> None:
    answer = await show_code(edge, code)

    assert (answer.status_code, answer.json()) == (422, WRONG_CODE)


async def test_late_code_is_refused(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    edge.clock.advance(seconds=600)

    answer = await show_code(edge, code)

    assert (code_of(answer), (await shown(ticket))[0]) == ((422, "wrong_link_code"), None)


async def test_guessing_codes_ends_after_ten_tries(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    for _ in range(10):
        await show_code(edge, "22222222")

    assert code_of(await show_code(edge, code)) == (422, "wrong_link_code")
    assert (await show_code(edge, code, OTHER_TOKEN)).status_code == 204


async def test_token_that_line_does_not_know_is_refused(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]

    answer = await show_code(edge, code, TOKEN + "eA")

    assert (answer.status_code, answer.json(), (await shown(ticket))[0]) == (401, WRONG_TOKEN, None)


IDENTITY = '{"iss":"https://access.line.me","sub":"%s","aud":"%s"}'


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, (IDENTITY % (LINE_USER, "999")).encode(), {}), WRONG_TOKEN),
        ((200, (IDENTITY % (LINE_USER, CHANNEL)).replace("access.", "evil.").encode(), {}), WRONG_TOKEN),
        ((200, (IDENTITY % ("hana", CHANNEL)).encode(), {}), WRONG_CODE),
        ((200, b'{"sub":"U"}', {}), UNREACHABLE),
        ((200, b"nonsense", {}), UNREACHABLE),
        ((200, b"\xff", {}), UNREACHABLE),
        ((200, b"[" * 100_000, {}), UNREACHABLE),
        ((200, b"\x1f\x8b\x08nonsense", {"Content-Encoding": "gzip"}), UNREACHABLE),
        ((401, b"", {}), UNREACHABLE),
        ((429, b"", {}), UNREACHABLE),
        ((500, b"", {}), UNREACHABLE),
    ],
)
async def test_answer_of_line_that_is_no_good_links_nobody(
    edge: Edge, login: LineLogin, answer: tuple[int, bytes, dict[str, str]], expected: dict[str, Any]
) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    login.answer = answer

    refused = await show_code(edge, code)

    assert (refused.status_code, refused.json()) == (expected["status"], expected)
    assert (await shown(ticket))[0] is None


async def test_redirect_takes_the_token_nowhere(edge: Edge, login: LineLogin) -> None:
    async with line_login(LineLogin(CHANNEL, {TOKEN: LINE_USER})) as elsewhere:
        login.answer = (307, b"", {"Location": f"{elsewhere.url}/oauth2/v2.1/verify"})

        answer = await show_code(edge, "ABCD2345")

        assert (answer.status_code, answer.json(), elsewhere.asked) == (503, UNREACHABLE, [])


async def test_answer_of_line_is_read_so_far_and_no_farther(edge: Edge, login: LineLogin) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    whole = (IDENTITY % (LINE_USER, CHANNEL)).encode()
    login.answer = (200, whole.ljust(MOST_ANSWER_BYTES, b" "), {})
    longest = await show_code(edge, code)

    login.answer = (200, whole[:-1].ljust(MOST_ANSWER_BYTES, b" ") + b"}", {})
    longer = await show_code(edge, code)

    assert (longest.status_code, longer.json()) == (204, UNREACHABLE)


async def test_line_that_hangs_is_left_in_time(edge: Edge, login: LineLogin) -> None:
    login.hangs = True

    answer = await show_code(edge, "ABCD2345")

    assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (503, UNREACHABLE, "2")


async def test_only_so_many_wait_for_line(edge: Edge, login: LineLogin) -> None:
    login.hangs = True

    answers = await asyncio.gather(*(show_code(edge, "ABCD2345") for _ in range(liff.MOST_AT_ONCE + 5)))

    assert {each.status_code for each in answers} == {503}
    # A busy machine may not get all of them through before it gives up.
    assert liff.MOST_AT_ONCE / 2 < len(login.asked) <= liff.MOST_AT_ONCE


async def test_line_that_is_not_there_is_said_to_be_so(tmp_path: Path, login: LineLogin) -> None:
    async with edge_of(config_in(tmp_path / "data", line=line(login, api_url="http://127.0.0.1:9"))) as edge:
        answer = await show_code(edge, "ABCD2345")

        assert (answer.status_code, answer.json()) == (503, UNREACHABLE)


@pytest.mark.parametrize(
    "body",
    [
        {"code": "ABCD2345"}, {"id_token": TOKEN}, {"code": "", "id_token": TOKEN},
        {"code": "x" * 33, "id_token": TOKEN},
        {"code": "ABCD2345", "id_token": ""}, {"code": "ABCD2345", "id_token": "a.b"},
        {"code": "ABCD2345", "id_token": "a.b.c&client_id=1"}, {"code": "ABCD2345", "id_token": TOKEN, "user_id": "U"},
    ],
)  # fmt: skip
async def test_bad_body_never_gets_to_line(edge: Edge, login: LineLogin, body: dict[str, str]) -> None:
    answer = await edge.browser().post("/api/v1/line/liff", json=body)

    assert (code_of(answer), login.asked) == ((422, "wrong_field"), [])
    assert TOKEN not in answer.text


async def test_ended_ticket_is_not_linked(edge: Edge) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    await ticket.holder.post("/api/v1/ticket/cancel")

    answer = await show_code(edge, code)

    assert (code_of(answer), await edge.node.site.contacts.count("ward", DAY)) == ((409, "wrong_state"), 0)


async def test_overdue_erasure_links_nobody_and_asks_nobody(edge: Edge, login: LineLogin) -> None:
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    edge.node.site.is_erasure_overdue = True

    answer = await show_code(edge, code)

    assert (code_of(answer), login.asked) == ((503, "erasure_overdue"), [])


async def test_asking_line_is_limited_by_address(edge: Edge, login: LineLogin) -> None:
    limit = edge.node.site.limits.contacts_by_address
    while limit.take("192.0.2.7", edge.clock.now()) is None:
        pass

    answer = await show_code(edge, "ABCD2345")

    assert (code_of(answer), login.asked) == ((429, "too_many"), [])


async def test_token_and_user_are_written_nowhere(
    edge: Edge, login: LineLogin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    ticket = await edge.ticket()
    code = (await link(ticket))["code"]
    await show_code(edge, code)
    login.answer = (500, TOKEN.encode(), {})
    await show_code(edge, code)

    written = caplog.text.encode() + edge.everything_written()

    assert [each for each in (TOKEN, LINE_USER, code) if each.encode() in written] == []
