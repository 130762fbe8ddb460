"""The request to a provider's gateway: a table to a Gateway."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from urllib.parse import urlsplit

from ticketing.config.checks import is_readable_on_the_way
from ticketing.config.model import Gateway
from ticketing.config.table import Table, text_problem
from ticketing.phone_template import CREDENTIALS, names_in, template_problem

#: Characters of a template, and of the whole of a JSON body's nesting.
MOST_CHARACTERS = 4_000
MOST_LEVELS = 8

_STATUSES = re.compile(r"([1-5]\d\d)(?:-([1-5]\d\d))?")
_FIELD = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,7}")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_VISIBLE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_SECRET_HEADER = re.compile(r"auth|key|token|secret|password|cookie", re.IGNORECASE)
#: Headers that the connection needs for itself.
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect", "accept-encoding"})
#: A header may hold these besides the account's own; number and words belong into the body.
_HEADER_NAMES = CREDENTIALS | {"idempotency_key", "sender", "language"}


def read_gateway(table: Table) -> Gateway:
    default = Gateway()
    gateway = Gateway(
        url=_url(table),
        sender=table.text("sender"),
        username=table.text("username"),
        password=table.secret("password"),
        token=table.secret("token"),
        accepted=_statuses(table, "accepted", default.accepted),
        again=_statuses(table, "again", default.again),
        final=_statuses(table, "final", default.final),
        retry_unknown=table.flag("retry_unknown", default.retry_unknown),
        error_field=_error_field(table),
        headers=_templates(table, "headers"),
        form=_templates(table, "form"),
        json=_json(table),
    )
    if gateway.is_on:
        _check_body(table, gateway)
        _check_headers(table, gateway)
        _check_credentials(table, gateway)
    return gateway


def _url(table: Table) -> str:
    text = table.text("url")
    if text and (problem := _url_problem(text)):
        table.refuse("url", problem)
    return text


def _url_problem(text: str) -> str | None:
    try:
        url = urlsplit(text)
        is_whole = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return "is not a web address"
    if "{" in text or "}" in text:
        return "takes no placeholders: numbers and words in addresses end up in other people's logs"
    if not is_whole or not _VISIBLE.fullmatch(text) or " " in text or url.fragment:
        return "must be a whole web address in ASCII, such as https://api.provider.example/messages"
    if url.username is not None:
        return "must not hold an account; use username and password"
    if is_readable_on_the_way(text):
        return "must be https, or numbers and account would travel readable"
    return None


def _statuses(table: Table, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    statuses = table.texts(key, default)
    for index, text in enumerate(statuses):
        match = _STATUSES.fullmatch(text)
        if not match or (match[2] and match[2] < match[1]):
            table.refuse(f"{key}[{index}]", f'{text!r} is not a status such as "200", or a range such as "200-299"')
    return statuses


def _error_field(table: Table) -> str:
    text = table.text("error_field")
    if text and not _FIELD.fullmatch(text):
        table.refuse("error_field", "must be the names on the way to the field, joined by dots, such as error.code")
    return text


def _templates(table: Table, key: str) -> dict[str, str]:
    """A table of texts with placeholders."""
    value = table.value(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        table.refuse(key, "must be a table of texts")
        return {}
    for name, text in value.items():
        if not isinstance(text, str):
            table.refuse(f"{key}.{name}", "must be text in quotes")
        elif problem := text_problem(text, MOST_CHARACTERS) or template_problem(text):
            table.refuse(f"{key}.{name}", problem)
    return {name: text for name, text in value.items() if isinstance(text, str)}


def _json(table: Table) -> dict[str, object]:
    """A JSON object whose texts have placeholders."""
    value = table.value("json")
    if value is None:
        return {}
    if not isinstance(value, dict):
        table.refuse("json", "must be a table")
        return {}
    for path, problem in _json_problems(value, "json", MOST_LEVELS):
        table.refuse(path, problem)
    return value


def _json_problems(value: object, path: str, levels: int) -> Iterator[tuple[str, str]]:
    if levels < 0:
        yield path, f"has more than {MOST_LEVELS} levels"
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _json_problems(item, f"{path}.{key}", levels - 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _json_problems(item, f"{path}[{index}]", levels - 1)
    elif isinstance(value, str):
        if problem := template_problem(value) if len(value) <= MOST_CHARACTERS else text_problem(value):
            yield path, problem
    elif isinstance(value, date | datetime | time) or value != value:
        yield path, "has no form in JSON; write it as text in quotes"


def _check_body(table: Table, gateway: Gateway) -> None:
    if bool(gateway.form) == bool(gateway.json):
        table.refuse("form", "the gateway needs either form or json, with what it is sent")
        return
    key, body = ("form", gateway.form) if gateway.form else ("json", gateway.json)
    for name in ("to", "text"):
        if name not in names_in(body):
            table.refuse(key, f"must have {{{name}}} in it, or nobody is reached with any words")
    if "sender" in names_in(body) and not gateway.sender:
        table.refuse("sender", "is missing: the template has {sender} in it")


def _check_headers(table: Table, gateway: Gateway) -> None:
    for name, template in gateway.headers.items():
        path, names = f"headers.{name}", names_in(template)
        if not _HEADER.fullmatch(name) or name.lower() in _OWN_HEADERS:
            table.refuse(path, "is not a header that may be set here")
        elif not _VISIBLE.fullmatch(template):
            table.refuse(path, "must be of visible ASCII characters")
        elif names - _HEADER_NAMES:
            table.refuse(path, "numbers and words belong into form or json, not into headers")
        elif _SECRET_HEADER.search(name) and not names:
            table.refuse(path, "would be shown with the configuration; give token_file, and write {token} here")


def _check_credentials(table: Table, gateway: Gateway) -> None:
    used = names_in([gateway.headers, gateway.form, gateway.json])
    if bool(gateway.username) != bool(gateway.password) and not used & {"username", "password"}:
        table.refuse("username", "username and password go together; one of them is missing")
    if gateway.token and gateway.username and not used & CREDENTIALS:
        table.refuse("token", "there is a username as well; give one of the two")
    for name in sorted(used & CREDENTIALS):
        if not getattr(gateway, name):
            table.refuse(name, f"is missing: the template has {{{name}}} in it")
