"""The description of the API says what is true."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Mount, Route, WebSocketRoute

from tests.ticketing.web.edge import URL, Edge, config_in, edge_of
from ticketing.config.model import Server
from ticketing.web.pages import PAGES

NOT_IN_IT = {path for path, *_ in PAGES} | {
    "/u/{token}",
    "/openapi.json",
    "/service-worker.js",
    "/manifest.webmanifest",
}


@pytest.fixture
async def document(edge: Edge) -> dict[str, Any]:
    document: dict[str, Any] = (await edge.browser().get("/openapi.json")).json()
    return document


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


async def test_every_route_is_described_and_nothing_else(edge: Edge, document: dict[str, Any]) -> None:
    routes: set[tuple[str, str]] = set()
    for route in edge.app.routes:
        # Printers that fetch their slips speak their makers' protocols.
        if isinstance(route, Mount) or route.path.startswith("/printers/"):  # type: ignore[attr-defined]
            continue
        if route.path in NOT_IN_IT or route.path.startswith("/static/"):  # type: ignore[attr-defined]
            continue
        assert isinstance(route, Route | WebSocketRoute)
        methods = route.methods or set() if isinstance(route, Route) else {"GET"}
        routes |= {(route.path, method.lower()) for method in methods - {"HEAD"}}

    assert {(path, method) for path, method, _ in operations(document)} == routes


async def test_operation_ids_are_unique_and_references_lead_somewhere(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    references = set(re.findall(r"'\$ref': '([^']+)'", str(document)))

    assert len(set(ids)) == len(ids)
    assert references <= {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}


async def test_every_path_parameter_is_described(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        described = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert described == set(re.findall(r"{(\w+)}", path))


async def test_document_names_the_server_and_its_cookies(document: dict[str, Any], tmp_path: Path) -> None:
    async with edge_of(config_in(tmp_path / "plain", server=Server(public_url="http://10.0.0.1:8000"))) as plain:
        other = (await plain.browser().get("/openapi.json")).json()

    def cookies(schemes: dict[str, Any]) -> list[str]:
        return sorted(each["name"] for each in schemes.values() if each["type"] == "apiKey")

    names = ["junban_device", "junban_session", "junban_ticket"]
    assert (document["openapi"], document["servers"]) == ("3.1.0", [{"url": URL}])
    assert other["servers"] == [{"url": "http://10.0.0.1:8000"}]
    assert cookies(document["components"]["securitySchemes"]) == [f"__Host-{name}" for name in names]
    assert cookies(other["components"]["securitySchemes"]) == names


async def test_every_problem_is_one_form_and_waiting_has_a_time(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status >= "400" and "application/problem+json" in answer["content"]:
                assert answer["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
                }
                assert ("headers" in answer) == (status in ("429", "503"))


async def test_keys_are_offered_on_every_post_that_changes_the_queue(document: dict[str, Any]) -> None:
    without = {
        path
        for path, method, operation in operations(document)
        if method == "post" and not any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", []))
    }

    assert without == {
        "/api/v1/ticket/line-link", "/api/v1/line/liff", "/webhooks/line", "/api/v1/session", "/api/v1/devices",
        "/api/v1/offices/{office}/plays", "/api/v1/offices/{office}/tickets/{number}/print",
        "/api/v1/offices/{office}/tickets/{number}/reprint",
    }  # fmt: skip
