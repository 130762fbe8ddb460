"""Templates of a gateway's request: text with ``{to}``, ``{text}`` and a few more, filled in once and as data."""

import json
import re
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

from ticketing.phone_numbers import national_number

#: What may stand in braces; doubled braces stand for themselves.
NAMES = ("to", "text", "sender", "language", "idempotency_key", "username", "password", "token")
#: What only the holder of the account knows.
CREDENTIALS = frozenset({"username", "password", "token"})
#: What providers call the languages that messages are written in.
REGIONS = {"ja": "ja-JP", "en": "en-US"}

_PART = re.compile(r"\{\{|\}\}|\{([a-z_]+)(?::([a-z]+))?\}|[{}]")
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with the values in their places; what a value holds is never read as a template again."""
    return _PART.sub(lambda part: _filled(part, values), template)


def fill_deep(template: object, values: Mapping[str, str]) -> object:
    """The same for every text in a JSON value; its keys stay as they are."""
    match template:
        case str():
            return fill(template, values)
        case Mapping():
            return {key: fill_deep(value, values) for key, value in template.items()}
        case list() | tuple():
            return [fill_deep(value, values) for value in template]
        case _:
            return template


def names_in(template: object) -> set[str]:
    """The placeholders of a template, or of every text in a JSON value."""
    match template:
        case str():
            return {part[1] for part in _PART.finditer(template) if part[1]}
        case Mapping():
            return names_in(list(template.values()))
        case list() | tuple():
            return set().union(*(names_in(value) for value in template))
        case _:
            return set()


def template_problem(template: str) -> str | None:
    """Why a template cannot be used; None when it can."""
    parts = list(_PART.finditer(template))
    for part in parts:
        if part[0] in ("{", "}"):
            return "a brace stands alone; double it to mean the brace itself"
        if part[1] is not None and (problem := _placeholder_problem(part[1], part[2])):
            return problem
    return _embedding_problem(template, parts)


def _placeholder_problem(name: str, filter_name: str | None) -> str | None:
    if name not in NAMES:
        return f"there is no {{{name}}}; there are {', '.join(f'{{{each}}}' for each in NAMES)}"
    if filter_name is not None and (filter_name not in _FILTERS or name not in _FILTERS[filter_name][0]):
        return f"{{{name}}} cannot be written as {{{name}:{filter_name}}}"
    return None


def _embedding_problem(template: str, parts: list[re.Match[str]]) -> str | None:
    """Words inside of markup or JSON must be written so that they stay words."""
    inner = "xml" if "<" in template else "json" if any(part[0] == "{{" for part in parts) else None
    for part in parts:
        if inner and part[1] in _FREE_TEXTS and part[2] != inner:
            return f"inside of {inner.upper()} write {{{part[1]}:{inner}}}, or a message could change it"
    return None


def _filled(part: re.Match[str], values: Mapping[str, str]) -> str:
    if part[1] is None:
        return part[0][0]
    value = values[part[1]]
    return value if part[2] is None else _FILTERS[part[2]][1](value)


def _as_xml(value: str) -> str:
    return escape(_NOT_IN_XML.sub("", value), {'"': "&quot;", "'": "&apos;"})


def _as_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


#: Values that may hold any character; the others are digits, ids and names of languages.
_FREE_TEXTS = frozenset({"text", "sender", *CREDENTIALS})
#: By name: for which values it is, and what it makes of one.
_FILTERS: dict[str, tuple[frozenset[str], Callable[[str], str]]] = {
    "xml": (frozenset(NAMES), _as_xml),
    "json": (frozenset(NAMES), _as_json),
    "digits": (frozenset({"to"}), lambda number: number.removeprefix("+")),
    "national": (frozenset({"to"}), national_number),
    "region": (frozenset({"language"}), lambda language: REGIONS.get(language, language)),
}
