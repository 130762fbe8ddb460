"""A provider's gateway: what it is asked for a message, and what its answer means."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from notifier.channels.base import Message, SendError
from notifier.wording import language_of
from ticketing.config import Gateway
from ticketing.contacts import Contact
from ticketing.phone_numbers import dialled_number
from ticketing.phone_template import CREDENTIALS, fill, fill_deep, names_in

#: The account is refused or empty, or the address is wrong: somebody has to put that right.
NEED_OPERATIONS = frozenset({401, 402, 403, 404, 405, 407})
#: No message gets through at present: too many at once, or a gateway under repair.
FOR_EVERYBODY = frozenset({429, 503})

_ERROR_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
#: Nothing that could be a phone number gets into a record.
_MOST_DIGITS = 6


class NotSent(SendError):
    """The gateway certainly did not take the message, so it costs nothing."""


@dataclass
class Exchange:
    """How far a request came."""

    #: Something of it may have reached the gateway.
    is_begun: bool = False
    status: int | None = None
    retry_after_seconds: float | None = None
    body: bytes = b""


def values_of(gateway: Gateway, contact: Contact, message: Message, retry_key: str) -> dict[str, str]:
    """What stands for each placeholder."""
    return {
        "to": dialled_number(contact.address),
        "text": message.text,
        "sender": gateway.sender,
        "language": language_of(contact.language),
        "idempotency_key": retry_key,
        "username": gateway.username,
        "password": gateway.password.reveal(),
        "token": gateway.token.reveal(),
    }


def body_of(gateway: Gateway, values: Mapping[str, str]) -> bytes:
    if gateway.form:
        return urlencode({name: fill(template, values) for name, template in gateway.form.items()}).encode()
    return json.dumps(fill_deep(gateway.json, values), ensure_ascii=False).encode()


def headers_of(gateway: Gateway, values: Mapping[str, str]) -> dict[str, str]:
    """The headers; those of the template go before the usual ones."""
    kind = "application/x-www-form-urlencoded" if gateway.form else "application/json"
    usual = {"Content-Type": kind, "Accept": "application/json", "User-Agent": "Junban", **_account(gateway)}
    given = {name: fill(template, values) for name, template in gateway.headers.items()}
    replaced = {name.lower() for name in given}
    kept = {name: value for name, value in usual.items() if name.lower() not in replaced}
    return {**kept, "Accept-Encoding": "identity", **given}


def judge(gateway: Gateway, exchange: Exchange) -> None:
    """Whether the gateway took the message. Raises NotSent, and SendError when that stays open."""
    status = exchange.status
    if status is None and not exchange.is_begun:
        raise NotSent("phone_connection", permanent=False, is_outage=True)
    if status is None:
        raise SendError("phone_no_answer", permanent=not gateway.retry_unknown)
    error = _error_code(gateway, exchange.body)
    code = f"phone_{status}" + (f"_{error}" if error else "")
    if _is_in(status, gateway.accepted):
        if error:
            raise NotSent(code, permanent=True)
    elif _is_in(status, gateway.again):
        wait_seconds = exchange.retry_after_seconds
        raise NotSent(code, permanent=False, retry_after_seconds=wait_seconds, is_outage=status in FOR_EVERYBODY)
    elif _is_in(status, gateway.final):
        is_ours = status in NEED_OPERATIONS or 300 <= status < 400
        raise NotSent(code, permanent=True, needs_operations=is_ours)
    else:
        raise SendError(code, permanent=not gateway.retry_unknown)


def _account(gateway: Gateway) -> dict[str, str]:
    """The account's header; none when the templates carry the account themselves."""
    if names_in([gateway.headers, gateway.form, gateway.json]) & CREDENTIALS:
        return {}
    if gateway.token:
        return {"Authorization": f"Bearer {gateway.token.reveal()}"}
    if gateway.username:
        pair = f"{gateway.username}:{gateway.password.reveal()}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    return {}


def _is_in(status: int, ranges: tuple[str, ...]) -> bool:
    """Whether a status is one of ``200`` or lies in ``200-299``."""
    pairs = (each.partition("-") for each in ranges)
    return any(int(low) <= status <= int(high or low) for low, _, high in pairs)


def _error_code(gateway: Gateway, body: bytes) -> str:
    """The provider's own code, if the answer names one; a short word or number, never a phone number."""
    if not gateway.error_field or not body:
        return ""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for name in gateway.error_field.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return _short_code(value)


def _short_code(value: object) -> str:
    if value in (None, False, 0, "", "0", [], {}):
        return ""
    text = str(value) if isinstance(value, str | int) else ""
    is_harmless = _ERROR_CODE.fullmatch(text) and sum(each.isdigit() for each in text) <= _MOST_DIGITS
    return text if is_harmless else "error"
