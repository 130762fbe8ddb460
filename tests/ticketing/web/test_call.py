"""Bodies that are wrong in every way; the edge says what is wrong, and nothing happens."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.ticketing.web.edge import PASSWORD, Edge, code_of, problem

TICKETS = "/api/v1/offices/ward/tickets"
WARD = "/api/v1/offices/ward"
JSON = {"Content-Type": "application/json"}


async def send(edge: Edge, content: Any, path: str = TICKETS, method: str = "POST", **headers: str) -> httpx.Response:
    return await edge.browser().request(method, path, content=content, headers={**JSON, **headers})


@pytest.mark.parametrize(
    "content",
    [
        b"{", b"nonsense", b"\xff\xfe", b'{"service": "\xff"}', b"{'service': 'tax'}", b'{"service": "tax"} x',
        b'{"service": "\\ud800"}', b'{"service": "\\ud800\\ud800"}', b"NaN", b'{"service": NaN}', b"\x00",
        '{"service": "tax"}'.encode("utf-16"), b'\xef\xbb\xbf{"service": "tax"}',
    ],
)  # fmt: skip
async def test_what_is_not_json_is_400(edge: Edge, content: bytes) -> None:
    answer = await send(edge, content)

    assert (answer.status_code, answer.json()) == (400, problem(400, "not_json", "The body is not JSON."))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b"null", b"1", b'"tax"', b'{"service": null}', b'{"service": 1}', b'{"service": ""}',
        b'{"service": ["tax"]}', b'{"service": "tax", "more": 1}', b'{"service": "Tax office"}',
        b'{"service": "tax\\u0000"}', b'{"service": "tax", "language": "\\u0000"}',
        b'{"service": "tax", "via": 1}', b'{"service": "' + b"x" * 10_000 + b'"}', b"[" * 10_000,
        b'{"service":' + b"[" * 10_000, b'{"x":' * 2_000,
        b'{"service": 1' + b"0" * 10_000 + b"}", b'{"service": 1e999}',
    ],
)  # fmt: skip
async def test_wrong_fields_are_422(edge: Edge, content: bytes) -> None:
    answer = await send(edge, content)

    assert code_of(answer) == (422, "wrong_field")
    assert answer.json()["detail"].startswith("A field is missing, unknown or wrong: ")
    assert len(answer.content) < 500


BODIES: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", TICKETS, {"service": "tax", "language": "ja", "via": "web"}),
    ("POST", "/api/v1/ticket/arrive", {"code": "1234"}),
    ("PUT", "/api/v1/ticket/contact",
     {"channel": "email", "address": "a@example.jp", "consent": True, "language": "ja", "ahead": 1, "minutes": 1}),
    ("POST", "/api/v1/ticket/line-link", {"consent": True, "language": "ja", "ahead": 1, "minutes": 1}),
    ("POST", "/api/v1/session", {"name": "sato", "password": PASSWORD}),
    ("POST", "/api/v1/devices", {"code": "x"}),
    ("POST", f"{WARD}/counters/1/call-next", {"services": ["family"], "finish": "complete"}),
    ("POST", f"{WARD}/counters/1/call", {"number": "A001", "finish": "complete"}),
    ("POST", f"{WARD}/counters/1/hold", {"reason": "papers"}),
    ("POST", f"{WARD}/counters/1/transfer", {"service": "tax"}),
    ("POST", f"{WARD}/tickets/A001/resume", {"counter": "1"}),
    ("POST", f"{WARD}/services/tax/open", {"for": "web"}),
    ("POST", f"{WARD}/services/tax/close", {"for": "web", "reason": "papers"}),
    ("PUT", f"{WARD}/services/tax/quota", {"quota": 1}),
    ("PUT", f"{WARD}/notice", {"text": "x"}),
    ("POST", f"{WARD}/day/extend", {"until": "2026-09-01T16:00:00Z"}),
]  # fmt: skip
EMPTY = [
    f"{WARD}/counters/1/{verb}" for verb in ("open", "close", "recall", "start", "complete", "no-show", "undo")
] + [f"{WARD}/tickets/A001/{verb}" for verb in ("reinstate", "cancel", "arrive")]


@pytest.mark.parametrize(("method", "path", "body"), BODIES)
async def test_every_field_is_checked(edge: Edge, method: str, path: str, body: dict[str, Any]) -> None:
    chief = await edge.staff("chief", "supervisor")
    wrong: list[Any] = [{}, {"deep": {}}, [[]], 1.5, -1, "\x00" * 1025, "x" * 2000, 10**30]

    for name in body:
        for value in wrong:
            answer = await chief.request(method, path, json={**body, name: value})
            assert code_of(answer) == (422, "wrong_field"), (name, value)
    more = await chief.request(method, path, json={**body, "more": 1})

    assert code_of(more) == (422, "wrong_field")
    assert edge.node.site.desk("ward").hall.seq == 1


async def test_times_need_a_zone_and_notices_no_control_characters(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")

    answers = [
        await chief.post(f"{WARD}/day/extend", json={"until": "2026-09-01T16:00:00"}),
        await chief.put(f"{WARD}/notice", json={"text": "a\x00b"}),
        await chief.put(f"{WARD}/notice", json={"text": "a\x1b[2Jb"}),
    ]

    assert [code_of(each) for each in answers] == [(422, "wrong_field")] * 3


@pytest.mark.parametrize("path", [*EMPTY, "/api/v1/ticket/defer", "/api/v1/ticket/cancel", f"{WARD}/day/close"])
async def test_bodies_that_hold_nothing_hold_nothing(edge: Edge, path: str) -> None:
    for body in ({"more": 1}, [], 1, None):
        answer = await send(edge, httpx.Request("POST", "http://x", json=body).content, path)
        if body is not None:
            assert code_of(answer) == (422, "wrong_field")


async def test_json_must_be_called_json(edge: Edge) -> None:
    types = ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data", "é"]

    answers = [
        await edge.browser().post(
            TICKETS, content=b'{"service": "tax"}', headers=[(b"Content-Type", each.encode("latin-1"))]
        )
        for each in types
    ]
    fine = [
        await send(edge, b'{"service": "tax"}', **{"Content-Type": each})
        for each in ("application/json; charset=utf-8", "Application/JSON")
    ]

    detail = "Please send the body as application/json."
    assert [(each.status_code, each.json()) for each in answers] == [
        (415, problem(415, "not_json_type", detail))
    ] * len(types)
    assert [each.status_code for each in fine] == [201, 201]


async def test_huge_body_is_refused_by_its_length_before_it_is_read(edge: Edge) -> None:
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(10_000):
            read += 1024
            yield b" " * 1024

    told = await send(edge, pieces(), **{"Content-Length": str(10_000 * 1024)})
    read_when_told, read = read, 0
    chunked = await send(edge, pieces())

    detail = "The body is larger than 16384 bytes."
    for answer in (told, chunked):
        assert (answer.status_code, answer.json()) == (413, problem(413, "too_large", detail))
    assert read_when_told <= 1024
    assert read <= 18 * 1024


async def test_lengths_that_are_no_lengths_do_not_break_it(edge: Edge) -> None:
    for length in ("9" * 18, "9" * 5000):
        answer = await send(edge, b'{"service": "tax"}', **{"Content-Length": length})
        assert code_of(answer) == (413, "too_large")


async def test_client_that_goes_away_in_the_middle_is_no_fault(edge: Edge) -> None:
    sent: list[Any] = []
    incoming = [
        {"type": "http.request", "body": b'{"serv', "more_body": True},
        {"type": "http.disconnect"},
    ]
    scope = {
        "type": "http", "method": "POST", "path": TICKETS, "raw_path": TICKETS.encode(), "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "client": ("192.0.2.7", 1), "http_version": "1.1",
        "scheme": "https", "server": ("junban.example", 443), "root_path": "",
    }  # fmt: skip

    async def receive() -> Any:
        return incoming.pop(0)

    async def send_back(message: Any) -> None:
        sent.append(message)

    await edge.app(scope, receive, send_back)

    assert sent[0]["status"] == 400


# Paths and methods


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere", "/api", "/api/v1", "/api/v2/offices", "/api/v1/offices/ward/nothing", "/static", "/static/",
        "/static/js", "/static/js/nothing.js", "/static/js/../../pages/visitor.html", "/static/js/%2e%2e/pages/t.html",
        "/static/js/..%2f..%2f..%2fetc/passwd", "/static/js//etc/passwd", "/static/js/%00", "/static/js/%ff",
        "/static/js/" + "x" * 5000, "/static/js/" + "x/" * 2000, "/static/pages/visitor.html", "/static/__init__.py",
        "/static/__pycache__", "/kiosk/nowhere", "/kiosk/ward/", "/counter/%00", "/board/%2e%2e", "/u", "/u/",
        "/u/a/b", "/%00", "/%ff",
        "/" + "x" * 60_000, "/api/v1/offices/%ED%A0%80", "/api/v1/offices/" + "x" * 60_000, "/api/v1/offices/%00",
    ],
)  # fmt: skip
async def test_unknown_paths_are_404_in_the_one_form(edge: Edge, path: str) -> None:
    answer = await edge.browser().get(path)

    assert answer.status_code == 404
    assert code_of(answer)[1] in {"unknown_path", "unknown_office"}
    assert len(answer.content) < 500


async def test_unknown_path_says_so(edge: Edge) -> None:
    answer = await edge.browser().get("/nowhere")

    assert answer.json() == problem(404, "unknown_path", "Nothing is at this address.")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/v1/session", {"GET", "HEAD", "POST", "DELETE"}),
        ("GET", "/api/v1/offices/ward/tickets", {"POST"}),
        ("DELETE", "/api/v1/offices", {"GET", "HEAD"}),
        ("TRACE", "/api/v1/ticket/contact", {"PUT", "DELETE"}),
        ("POST", "/", {"GET", "HEAD"}),
        ("OPTIONS", "/healthz", {"GET", "HEAD"}),
        ("PROPFIND", "/u/x", {"GET", "HEAD", "POST"}),
        ("POST", "/static/js/visitor.js", {"GET", "HEAD"}),
    ],
)
async def test_wrong_methods_are_405_and_name_the_right_ones(
    edge: Edge, method: str, path: str, allowed: set[str]
) -> None:
    answer = await edge.browser().request(method, path)

    detail = "This address knows other methods; Allow names them."
    assert (answer.status_code, answer.json()) == (405, problem(405, "wrong_method", detail))
    assert set(answer.headers["allow"].split(", ")) == allowed


async def test_head_is_a_get_without_its_body(edge: Edge) -> None:
    browser = edge.browser()

    answers = [await browser.head(path) for path in ("/", "/healthz", "/api/v1/offices", "/openapi.json")]

    assert [each.status_code for each in answers] == [200] * 4
