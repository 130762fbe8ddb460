"""Origins, networks, proxies and cookies."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ticketing.web.edge import PASSWORD, URL, Edge, config_in, edge_of, problem
from ticketing.config.model import Server

TICKETS = "/api/v1/offices/ward/tickets"
FOREIGN = problem(403, "wrong_origin", "This request comes from another site's page.")
OUTSIDE = problem(403, "staff_network", "Staff pages can be used from the office's network only.")


async def take(browser: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await browser.post(TICKETS, json={"service": "tax"}, headers=headers)


# Origins


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example", "http://junban.example.evil.example", "https://junban.example:8443", "null", "",
        "file://", "http://[::1", "junban.example", "https://junban.example@evil.example",
    ],
)  # fmt: skip
async def test_foreign_origin_with_any_of_our_cookies_is_refused(edge: Edge, origin: str) -> None:
    browsers = [await edge.staff("sato"), await edge.device(), edge.browser()]
    await browsers[2].get("/")

    answers = [await take(browser, Origin=origin) for browser in browsers]

    assert [(each.status_code, each.json()) for each in answers] == [(403, FOREIGN)] * 3


async def test_origin_does_not_matter_without_a_cookie(edge: Edge) -> None:
    answers = [await take(edge.browser(), Origin=origin) for origin in ("https://evil.example", "null")]

    assert [each.status_code for each in answers] == [201, 201]


async def test_cookies_of_others_are_not_ours(edge: Edge) -> None:
    answer = await take(edge.browser(), Origin="https://evil.example", Cookie="theme=dark; session=1")

    assert answer.status_code == 201


async def test_cookie_is_found_in_whichever_header_it_is(edge: Edge) -> None:
    kiosk = await edge.device()
    name = edge.cookie("device")
    headers = [("Cookie", "theme=dark"), ("Cookie", f"{name}={kiosk.cookies[name]}")]

    for origin, status in (("https://evil.example", 403), (URL, 201)):
        request = {"json": {"service": "residence", "via": "kiosk"}, "headers": [*headers, ("Origin", origin)]}
        answer = await edge.browser().post(TICKETS, **request)  # type: ignore[arg-type]
        assert answer.status_code == status


async def test_own_origin_is_the_public_url_or_the_requests_host(edge: Edge) -> None:
    browser = await edge.device()

    public = await take(browser, Origin=URL, Host="10.0.0.1:8000")
    own = await take(browser, Origin="http://10.0.0.1:8000", Host="10.0.0.1:8000")
    neither = await take(browser, Origin="http://10.0.0.2:8000", Host="10.0.0.1:8000")
    no_host = await take(browser, Origin="null", Host="")

    assert [each.status_code for each in (public, own, neither, no_host)] == [201, 201, 403, 403]


async def test_without_an_origin_the_browsers_own_word_counts(edge: Edge) -> None:
    kiosk = await edge.device()

    answers = {
        site: (await take(kiosk, **({"Sec-Fetch-Site": site} if site else {}))).status_code
        for site in ("", "same-origin", "none", "same-site", "cross-site")
    }

    assert answers == {"": 201, "same-origin": 201, "none": 201, "same-site": 403, "cross-site": 403}


async def test_reading_is_not_checked_and_other_methods_are(edge: Edge) -> None:
    clerk = await edge.staff("sato")
    foreign = {"Origin": "https://evil.example"}

    read = await clerk.get("/api/v1/session", headers=foreign)
    put = await clerk.put("/api/v1/offices/ward/notice", json={"text": "x"}, headers=foreign)
    ended = await clerk.delete("/api/v1/session", headers=foreign)
    erased = await clerk.post("/u/abc", headers=foreign)
    still = await clerk.get("/api/v1/session")

    assert [each.status_code for each in (read, put, ended, erased, still)] == [200, 403, 403, 403, 200]


# Networks


@pytest.fixture
def inside(tmp_path: Path) -> Any:
    server = Server(
        public_url=URL,
        staff_networks=(ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")),
        trusted_proxies=(ip_network("127.0.0.0/8"),),
    )
    return config_in(tmp_path / "inside", server=server)


async def test_staff_work_only_from_the_offices_networks(inside: Any) -> None:
    async with edge_of(inside) as edge:
        at_home = await edge.staff("sato", "supervisor", "privacy", address="192.0.2.7")
        paths = ["session", "audit", "offices/ward/queue", "offices/ward/days/2026-09-01/tickets"]

        read = [await at_home.get(f"/api/v1/{path}") for path in paths]
        pages = [await at_home.get(path) for path in ("/counter/ward", "/hall/ward", "/sign-in", "/metrics")]
        opened = await at_home.post("/api/v1/offices/ward/counters/1/open")
        ticket = await at_home.post(TICKETS, json={"service": "tax", "via": "web"})

        assert [(each.status_code, each.json()) for each in (*read, *pages, opened)] == [(403, OUTSIDE)] * 9
        assert ticket.status_code == 201
        # A session that comes from where it cannot may be a stolen one.
        assert await edge.audit() == [
            ("staff:sato", "192.0.2.7", "access.refused", target, None, "staff_network")
            for target in (
                "GET /api/v1/session",
                "GET /api/v1/audit",
                "GET /api/v1/offices/{office}/queue",
                "GET /api/v1/offices/{office}/days/{date}/tickets",
                "POST /api/v1/offices/{office}/counters/{counter}/open",
            )
        ]


async def test_sign_in_from_outside_is_refused_and_on_record(inside: Any) -> None:
    async with edge_of(inside) as edge:
        await edge.accounts.add("sato", PASSWORD, ["clerk"], ["ward"])
        body = {"name": "sato", "password": PASSWORD}

        outside = [await edge.browser("192.0.2.7").post("/api/v1/session", json=body) for _ in range(12)]
        within = [
            await edge.browser(address).post("/api/v1/session", json=body)
            for address in ("10.1.2.3", "2001:db8::5", "::ffff:10.1.2.4")
        ]

        assert [each.status_code for each in outside] == [403] * 10 + [429] * 2
        assert [each.status_code for each in within] == [201] * 3
        assert [entry[:2] + entry[5:] for entry in await edge.audit()][:11] == [
            ("staff:sato", "192.0.2.7", "staff_network")
        ] * 10 + [("staff:sato", "192.0.2.7", "too_many")]


async def test_visitors_and_devices_come_from_anywhere(inside: Any) -> None:
    async with edge_of(inside) as edge:
        kiosk = await edge.device()
        ticket = await edge.ticket()

        answers = [
            await kiosk.post(TICKETS, json={"service": "residence"}),
            await ticket.holder.get("/api/v1/ticket"),
            *[await edge.browser().get(path) for path in ("/", "/t", "/kiosk/ward", "/board/ward", "/enrol")],
        ]

        assert [each.status_code for each in answers] == [201] + [200] * 6


async def test_address_behind_a_trusted_proxy_is_believed_and_no_other(inside: Any) -> None:
    async with edge_of(inside) as edge:
        by_proxy = await edge.staff("sato", address="127.0.0.1")
        direct = await edge.staff("mori", address="192.0.2.7")

        async def status(browser: httpx.AsyncClient, forwarded: str) -> int:
            return (await browser.get("/api/v1/session", headers={"X-Forwarded-For": forwarded})).status_code

        assert await status(by_proxy, "10.9.9.9") == 200
        assert await status(by_proxy, "10.9.9.9, 192.0.2.7") == 403
        assert await status(by_proxy, "192.0.2.7, 10.9.9.9") == 200
        assert await status(by_proxy, "nonsense") == 403
        assert await status(direct, "10.9.9.9") == 403


# Cookies


def cookies_of(answer: httpx.Response) -> dict[str, str]:
    """What is said about each cookie, by name."""
    parts = [each.partition("=")[::2] for each in answer.headers.get_list("set-cookie")]
    return {name: "; ".join(rest.split("; ")[1:]) for name, rest in parts}


async def test_cookies_are_bound_to_the_host_and_to_tls(edge: Edge) -> None:
    await edge.accounts.add("sato", PASSWORD, ["clerk"], ["ward"])
    code = await edge.node.site.devices.invite("ward", "kiosk", "", edge.clock.now())

    page = await edge.browser().get("/")
    ticket = await take(edge.browser())
    session = await edge.browser().post("/api/v1/session", json={"name": "sato", "password": PASSWORD})
    device = await edge.browser().post("/api/v1/devices", json={"code": code})

    lax, strict = "Path=/; SameSite=lax; Secure", "Path=/; SameSite=strict; Secure"
    assert cookies_of(page) == {"__Host-junban_browser": f"HttpOnly; Max-Age=86400; {lax}"}
    assert cookies_of(ticket) == {
        "__Host-junban_browser": f"HttpOnly; Max-Age=86400; {lax}",
        "__Host-junban_ticket": f"HttpOnly; Max-Age=108000; {lax}",
    }
    assert cookies_of(session) == {"__Host-junban_session": f"HttpOnly; Max-Age=43200; {strict}"}
    assert cookies_of(device) == {"__Host-junban_device": f"HttpOnly; Max-Age=34560000; {strict}"}


async def test_sign_out_removes_the_cookie(edge: Edge) -> None:
    answer = await (await edge.staff("sato")).delete("/api/v1/session")

    (name, value) = next(iter(cookies_of(answer).items()))
    assert (name, value.split("; ")[1:]) == (
        "__Host-junban_session",
        ["Max-Age=0", "Path=/", "SameSite=strict", "Secure"],
    )


async def test_plain_http_has_plain_names(tmp_path: Path) -> None:
    server = Server(public_url="http://127.0.0.1:8000")
    async with edge_of(config_in(tmp_path / "plain", server=server)) as edge:
        answer = await take(edge.browser())

        assert cookies_of(answer) == {
            "junban_browser": "HttpOnly; Max-Age=86400; Path=/; SameSite=lax",
            "junban_ticket": "HttpOnly; Max-Age=108000; Path=/; SameSite=lax",
        }


async def test_browser_cookie_is_given_once(edge: Edge) -> None:
    browser = edge.browser()

    first, second = await browser.get("/"), await browser.get("/t")

    assert (len(cookies_of(first)), cookies_of(second)) == (1, {})


async def test_forged_cookies_are_nobody(edge: Edge) -> None:
    for value in ("", "x", "a" * 43, "é", "../../etc", "\x00"):
        raw = f"__Host-junban_session={value}; __Host-junban_device={value}; __Host-junban_ticket={value}"
        headers = [(b"Cookie", raw.encode("latin-1"))]
        answers = [
            await edge.browser().get(path, headers=headers)
            for path in ("/api/v1/session", "/api/v1/ticket", "/api/v1/offices/ward/arrival-code")
        ]
        assert [each.status_code for each in answers] == [401] * 3
