"""Security headers, on every answer there is."""

from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.ticketing.web.edge import Edge, config_in, edge_of, problem
from ticketing.config.model import Server
from ticketing.web.app import make_app

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; media-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}


#: Scripts and styles are ruled by the policy of the page that takes them, and data by nothing.
PART_HEADERS = {
    **dict.fromkeys(HEADERS, ""),
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}


def security_headers(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers.get(name, "") for name in HEADERS}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200), ("GET", "/api/v1/offices", 200), ("GET", "/nowhere", 404), ("DELETE", "/", 405),
        ("GET", "/api/v1/session", 401), ("POST", "/webhooks/line", 401), ("GET", "/static/js/nothing.js", 404),
        ("GET", "/u/x", 200), ("GET", "/openapi.json", 200), ("GET", "/healthz", 200), ("GET", "/metrics", 200),
        ("GET", "/api/v1/offices/ward/live", 426), ("GET", "/static/js/shared/api.js", 200),
        ("GET", "/static/css/base.css", 200),
    ],
)  # fmt: skip
async def test_every_answer_carries_them(edge: Edge, method: str, path: str, status: int) -> None:
    answer = await edge.browser().request(method, path)

    is_part = answer.headers["content-type"].partition(";")[0] in {"application/json", "text/javascript", "text/css"}
    assert (answer.status_code, security_headers(answer)) == (status, PART_HEADERS if is_part else HEADERS)


async def test_a_worker_brings_its_own_policy(edge: Edge) -> None:
    answer = await edge.browser().get("/service-worker.js")

    assert answer.headers["content-security-policy"] == POLICY


async def test_a_fault_of_ours_carries_them_too_and_tells_nothing(edge: Edge) -> None:
    async def fail(request: Request) -> Response:
        raise RuntimeError("the secret of the house")

    app = make_app(edge.node.site, [Route("/fail", fail)])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://junban.example") as browser:
        answer = await browser.get("/fail")

    expected = {**problem(404, "internal", "Something went wrong on our side."), "status": 500}
    assert (answer.status_code, answer.json()) == (500, {**expected, "title": "Internal Server Error"})
    assert security_headers(answer) == HEADERS


async def test_plain_http_promises_no_tls(tmp_path: Path) -> None:
    async with edge_of(config_in(tmp_path / "data", server=Server())) as edge:
        answer = await edge.browser().get("/")

        assert security_headers(answer) == {**HEADERS, "strict-transport-security": ""}


async def test_answers_of_the_api_are_kept_nowhere(edge: Edge) -> None:
    ticket = await edge.ticket()

    answers = [
        await ticket.holder.get("/api/v1/ticket"),
        await ticket.holder.delete("/api/v1/ticket/contact"),
        await edge.browser().get("/api/v1/offices"),
        await edge.browser().get("/api/v1/session"),
        await edge.browser().get("/metrics"),
    ]

    assert {each.headers["cache-control"] for each in answers} == {"no-store"}
