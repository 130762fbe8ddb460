"""Every answer has exactly the fields and types that the description promises."""

from typing import Any

import httpx
import msgspec

from tests.ticketing.web.edge import MAIL, PASSWORD, Edge
from ticketing.web.api import OPERATIONS
from ticketing.web.operations import Operation

WARD = "/api/v1/offices/ward"
MAIL_CONTACT = {"channel": "email", "address": MAIL, "consent": True}


def described(method: str, path: str, status: int) -> Any:
    """The type of an answer."""
    parts = path.partition("?")[0].split("/")
    return next(each.answers[status] for each in OPERATIONS if each.method == method and _fits(each, parts))


def _fits(operation: Operation, parts: list[str]) -> bool:
    template = operation.path.split("/")
    pairs = zip(template, parts, strict=False)
    return len(template) == len(parts) and all(each[0] == "{" or each == part for each, part in pairs if each or part)


def _sorted(value: Any) -> Any:
    """The names of all fields, at every depth."""
    if isinstance(value, dict):
        return {name: _sorted(each) for name, each in value.items()}
    return [_sorted(each) for each in value] if isinstance(value, list) else None


async def check(browser: httpx.AsyncClient, method: str, path: str, body: Any = None) -> tuple[str, int]:
    """Asks, and compares the answer's fields with those of its type."""
    answer = await browser.request(method, path, json=body)
    kind = described(method, path, answer.status_code)
    if kind is None:
        assert answer.content == b""
    elif not isinstance(kind, str):
        decoded = msgspec.json.decode(answer.content, type=kind, strict=True)
        assert _sorted(msgspec.to_builtins(decoded)) == _sorted(answer.json()), (method, path)
    return path, answer.status_code


async def test_answers_have_exactly_the_described_fields(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor", "privacy")
    kiosk, mine = await edge.device(), await edge.ticket()
    code = await edge.node.site.devices.invite("ward", "board", "", edge.clock.now())
    for service in ("family", "family", "residence", "tax", "family", "tax", "tax", "tax"):
        await check(kiosk, "POST", f"{WARD}/tickets", {"service": service})
    web = await edge.ticket("family")
    counters = f"{WARD}/counters"

    asked = [
        await check(mine.holder, "GET", "/api/v1/offices"),
        await check(mine.holder, "GET", WARD),
        await check(mine.holder, "GET", f"{WARD}/playlist"),
        await check(mine.holder, "GET", f"{WARD}/picture"),
        await check(mine.holder, "PUT", "/api/v1/ticket/contact", MAIL_CONTACT),
        await check(mine.holder, "POST", "/api/v1/ticket/line-link", {"consent": True}),
        await check(mine.holder, "GET", "/api/v1/ticket"),
        await check(mine.holder, "GET", "/api/v1/ticket/qr"),
        await check(mine.holder, "POST", "/api/v1/ticket/defer", {}),
        await check(mine.holder, "POST", "/api/v1/ticket/arrive", {"code": await arrival_code(kiosk)}),
        await check(mine.holder, "POST", "/api/v1/ticket/cancel", {}),
        await check(mine.holder, "DELETE", "/api/v1/ticket/contact"),
        await check(kiosk, "GET", f"{WARD}/arrival-code"),
        await check(kiosk, "POST", f"{WARD}/tickets/{web.number}/arrive", {}),
        await check(edge.browser(), "POST", "/api/v1/devices", {"code": code}),
        await check(chief, "GET", "/api/v1/session"),
        await check(chief, "POST", f"{counters}/1/open", {}),
        await check(chief, "POST", f"{counters}/3/open", {}),
        await check(chief, "POST", f"{counters}/1/call-next", {}),
        await check(chief, "POST", f"{counters}/1/recall", {}),
        await check(chief, "POST", f"{counters}/1/start", {}),
        await check(chief, "POST", f"{counters}/1/hold", {"reason": "papers"}),
        await check(chief, "GET", f"{WARD}/queue"),
        await check(chief, "POST", f"{WARD}/tickets/A001/resume", {"counter": "1"}),
        await check(chief, "POST", f"{counters}/1/transfer", {"service": "tax"}),
        await check(chief, "POST", f"{counters}/1/call", {"number": "A002"}),
        await check(chief, "POST", f"{counters}/1/no-show", {}),
        await check(chief, "GET", f"{WARD}/queue"),
        await check(chief, "POST", f"{WARD}/tickets/A002/reinstate", {}),
        await check(chief, "POST", f"{counters}/3/call-next", {}),
        await check(chief, "POST", f"{counters}/3/complete", {}),
        await check(chief, "POST", f"{counters}/3/undo", {}),
        await check(chief, "POST", f"{WARD}/tickets/A003/cancel", {}),
        await check(chief, "POST", f"{WARD}/tickets/A003/correct", {"reason": "papers", "state": "absent"}),
        await check(chief, "POST", f"{counters}/1/close", {}),
        await check(chief, "POST", f"{counters}/2/open", {}),
        await check(chief, "POST", f"{counters}/2/call-next", {"services": ["residence"]}),
        await check(chief, "POST", f"{WARD}/services/tax/close", {"for": "web", "reason": "papers"}),
        await check(chief, "GET", WARD),
        await check(chief, "POST", f"{WARD}/services/tax/open", {"for": "web"}),
        await check(chief, "PUT", f"{WARD}/services/tax/quota", {"quota": 5}),
        await check(chief, "PUT", f"{WARD}/notice", {"text": "13:00"}),
        await check(chief, "GET", f"{WARD}/phrases"),
        await check(chief, "GET", f"{WARD}/days/2026-09-01/tickets"),
        await check(chief, "GET", f"{WARD}/days/2026-09-01/quarters"),
        await check(chief, "GET", f"{WARD}/numbers/A001/voice"),
        await check(chief, "POST", f"{WARD}/day/close", {}),
        await check(chief, "POST", f"{WARD}/day/extend", {"until": "2026-09-01T16:00:00Z"}),
        await check(chief, "GET", "/api/v1/audit"),
        await check(chief, "GET", "/healthz"),
        await check(chief, "GET", "/readyz"),
        await check(chief, "GET", "/metrics"),
        await check(edge.browser(), "POST", "/api/v1/session", {"name": "chief", "password": PASSWORD}),
        await check(chief, "DELETE", "/api/v1/session"),
    ]

    refused = [(path, status) for path, status in asked if status >= 300]
    not_asked = {each.path for each in OPERATIONS} - {
        each.path for each in OPERATIONS for path, _ in asked if _fits(each, path.split("/"))
    }
    assert refused == []
    assert not_asked == {
        "/api/v1/line/liff",
        "/webhooks/line",
        f"{WARD}/live".replace("ward", "{office}"),
        f"{WARD}/tickets".replace("ward", "{office}"),
        "/api/v1/offices/{office}/calls/{seq}/voice",
        "/api/v1/offices/{office}/playlist/{file}",
        "/api/v1/offices/{office}/plays",
        # This office has no printer.
        "/api/v1/offices/{office}/printers",
        "/api/v1/offices/{office}/tickets/{number}/print",
        "/api/v1/offices/{office}/tickets/{number}/reprint",
        "/api/v1/offices/{office}/tickets/{number}/slip",
    }


async def arrival_code(kiosk: httpx.AsyncClient) -> str:
    return str((await kiosk.get(f"{WARD}/arrival-code")).json()["code"])
