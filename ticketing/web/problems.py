"""Problem details (RFC 9457): the one form in which errors are answered, and what becomes which."""

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ticketing.hall.refusals import Refusal, UnknownCounter, UnknownService, UnknownTicket
from ticketing.journal.base import JournalUnavailable
from ticketing.keys import KeyFileError
from ticketing.orders import Unavailable
from ticketing.storage.database import DatabaseUnavailable

RETRY_SECONDS = 2
_OF_STARLETTE = {
    404: ("unknown_path", "Nothing is at this address."),
    405: ("wrong_method", "This address knows other methods; Allow names them."),
}
#: What these refusals are about, as paths name it.
_IDS: dict[type[Exception], str] = {UnknownService: "service", UnknownCounter: "counter", UnknownTicket: "number"}


class Problem(Exception):
    """An answer other than success; ``detail`` is for people, ``code`` for programs."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **details: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}
        self.details = details


def too_many(retry_after: int) -> Problem:
    detail = "That was too often. Please wait a little and try again."
    return Problem(429, "too_many", detail, headers={"Retry-After": str(retry_after)}, retry_after_seconds=retry_after)


def problem_response(problem: Problem) -> Response:
    body = {
        "type": f"urn:junban:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        **problem.details,
    }
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(msgspec.json.encode(body), problem.status, headers, "application/problem+json")


def as_problem(error: Exception) -> Problem:
    """The one place that maps exceptions to HTTP."""
    match error:
        case Problem():
            return error
        case Refusal():
            headers = {"Retry-After": str(RETRY_SECONDS)} if error.status == 503 else None
            return Problem(error.status, error.code, str(error), headers=headers, **error.details)
        case Unavailable() | JournalUnavailable() | KeyFileError() | DatabaseUnavailable():
            detail = str(error) if isinstance(error, Unavailable) else str(Unavailable())
            return Problem(503, "unavailable", detail, headers={"Retry-After": str(RETRY_SECONDS)})
        case ClientDisconnect():
            return Problem(400, "went_away", "The connection ended in the middle of the request.")
        case HTTPException():
            code, detail = _OF_STARLETTE.get(error.status_code, ("http", error.detail))
            return Problem(error.status_code, code, detail, headers=dict(error.headers or {}))
    return Problem(500, "internal", "Something went wrong on our side.")


def answer_problem(request: Request, error: Exception) -> Response:
    """The answer to a request that ended in an error."""
    problem = as_problem(error)
    if (name := _IDS.get(type(error))) is not None:
        # In the path it is the address that is wrong, in the body a field.
        problem.status = 404 if name in request.path_params else 422
    return problem_response(problem)


#: Kinds of errors with an answer of their own; all others are faults of ours, logged and answered with 500.
HANDLED: tuple[type[Exception], ...] = (
    Problem, Refusal, Unavailable, JournalUnavailable, KeyFileError, DatabaseUnavailable, HTTPException,
    ClientDisconnect,
)  # fmt: skip
