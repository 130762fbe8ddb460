"""An operation of the API: its route and its description in /openapi.json are one thing."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ticketing.web.access import check_origin
from ticketing.web.answers import ProblemDetails
from ticketing.web.bodies import ID_PATTERN, NUMBER_PATTERN
from ticketing.web.call import Call
from ticketing.web.site import Site

Endpoint = Callable[[Call], Awaitable[Response]]
_SCHEMAS = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the query."""

    name: str
    schema: Mapping[str, Any]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    endpoint: Endpoint
    #: One sentence in the counter's language.
    summary: str
    #: Who may: a key of the document's security schemes, several as alternatives; empty: anyone.
    who: tuple[str, ...] = ()
    body: type[msgspec.Struct] | None = None
    #: What success is answered with; None: no content. A text is a media type other than JSON.
    answers: Mapping[int, type[msgspec.Struct] | str | None]
    #: The statuses of problems that it may answer with besides those that every operation has.
    problems: tuple[int, ...] = ()
    query: tuple[Parameter, ...] = ()
    headers: tuple[str, ...] = field(default=())
    #: Media types that a 200 may have instead, when the query or Accept asks for it.
    other_types: tuple[str, ...] = ()
    #: The body is JSON that its sender has signed, and is checked as a whole.
    is_signed: bool = False


def routes(site: Site, operations: Iterable[Operation]) -> list[Route]:
    """One route a path, so that the answer to a wrong method names every right one."""
    by_path: dict[str, list[Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, []).append(operation)
    return [_route(site, path, of_path) for path, of_path in by_path.items()]


def _route(site: Site, path: str, operations: Iterable[Operation]) -> Route:
    by_method = {each.method: (each.endpoint, f"{each.method} {path}") for each in operations}
    return Route(path, _Handler(site, by_method), methods=list(by_method))


class _Handler:
    """The operations of one path. It is an ASGI application, for Starlette wraps a mere function once more."""

    def __init__(self, site: Site, by_method: Mapping[str, tuple[Endpoint, str]]) -> None:
        self._site = site
        self._by_method = by_method

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        check_origin(self._site, request)
        endpoint, name = self._by_method.get(request.method) or self._by_method["GET"]
        response = await endpoint(Call(self._site, request, name))
        await response(scope, receive, send)


def document(
    operations: Iterable[Operation], version: str, server: str, cookie: Callable[[str], str]
) -> dict[str, Any]:
    """The OpenAPI 3.1 description of the operations; ``cookie`` gives a cookie's full name."""
    operations = list(operations)
    types: set[Any] = {ProblemDetails}
    for operation in operations:
        types |= {each for each in operation.answers.values() if each is not None and not isinstance(each, str)}
        types |= {operation.body} if operation.body else set()
    _, components = msgspec.json.schema_components(types, ref_template=_SCHEMAS)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Junban",
            "version": version,
            "description": "Queue tickets and turn alerts for public counters.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": _security(cookie)},
    }


def _security(cookie: Callable[[str], str]) -> dict[str, dict[str, str]]:
    cookies = {
        "staff": (cookie("session"), "A signed-in account."),
        "device": (cookie("device"), "An enrolled kiosk or board."),
        "ticket_cookie": (cookie("ticket"), "The secret of a ticket of today, kept by the browser."),
    }
    in_cookie = {
        scheme: {"type": "apiKey", "in": "cookie", "name": name, "description": description}
        for scheme, (name, description) in cookies.items()
    }
    bearer = {"type": "http", "scheme": "bearer", "description": "The secret of a ticket of today."}
    return {**in_cookie, "ticket": bearer}


def _describe(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.method.lower()}{operation.path}".replace("/", "_")
        .replace("{", "")
        .replace("}", ""),
        "responses": {str(status): _answer(status, kind, operation) for status, kind in operation.answers.items()},
    }
    for status in sorted({*operation.problems, *_common_problems(operation)}):
        described["responses"][str(status)] = {
            "description": "A problem.",
            "content": {"application/problem+json": {"schema": _ref(ProblemDetails)}},
            **({"headers": {"Retry-After": {"schema": {"type": "integer"}}}} if status in (429, 503) else {}),
        }
    if parameters := [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)]:
        described["parameters"] = parameters
    if operation.body is not None:
        is_needed = any(each.required for each in msgspec.structs.fields(operation.body))
        described["requestBody"] = {
            "required": is_needed,
            "content": {"application/json": {"schema": _ref(operation.body)}},
        }
    if operation.is_signed:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
    if operation.who:
        described["security"] = [{name: []} for name in operation.who if name != "anyone"] + (
            [{}] if "anyone" in operation.who else []
        )
    return described


def _common_problems(operation: Operation) -> set[int]:
    problems = {503}
    if operation.body is not None:
        problems |= {400, 413, 415, 422}
    if operation.who and "anyone" not in operation.who:
        problems |= {401}
    if operation.method not in ("GET", "HEAD"):
        problems |= {403}
    if "{" in operation.path:
        problems |= {404}
    return problems


_EMPTY = {101: "The WebSocket is open.", 304: "It is still as the client has it."}


def _answer(status: int, kind: type[msgspec.Struct] | str | None, operation: Operation) -> dict[str, Any]:
    match kind:
        case None:
            return {"description": _EMPTY.get(status, "Done; nothing to tell.")}
        case str():
            return {"description": kind, "content": {kind: {"schema": {"type": "string"}}}}
        case _:
            content: dict[str, Any] = {"application/json": {"schema": _ref(kind)}}
            content |= {other: {"schema": {"type": "string"}} for other in operation.other_types}
            return {"description": kind.__doc__ or "", "content": content}


def _ref(kind: type) -> dict[str, str]:
    return {"$ref": _SCHEMAS.format(name=kind.__name__)}


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [{"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS[name]} for name in names]


_ID: dict[str, Any] = {"type": "string", "pattern": ID_PATTERN}
_PATH_SCHEMAS: dict[str, dict[str, Any]] = {
    "office": _ID,
    "counter": _ID,
    "service": _ID,
    "number": {"type": "string", "pattern": NUMBER_PATTERN},
    "date": {"type": "string", "format": "date"},
    "seq": {"type": "integer", "minimum": 1},
    "file": {"type": "string"},
}


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "in": "query", "schema": dict(each.schema), "description": each.description}
        for each in operation.query
    ]


_TEXT: dict[str, Any] = {"type": "string"}
_HEADER_SCHEMAS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}


def _header_parameters(operation: Operation) -> list[dict[str, Any]]:
    descriptions = {
        "Idempotency-Key": "The same key with the same body gives the first answer again until the day's end.",
        "If-None-Match": "The ETag of the answer that the client has.",
        "X-Line-Signature": "Base64 of HMAC-SHA256 over the body, under the channel's secret.",
    }
    return [
        {"name": name, "in": "header", "schema": _HEADER_SCHEMAS.get(name, _TEXT), "description": descriptions[name]}
        for name in operation.headers
    ]
