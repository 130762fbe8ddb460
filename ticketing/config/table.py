"""One table of the file, read key by key; whatever is wrong is collected with its path."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import TypeVar

from ticketing.config.problems import Problem
from ticketing.config.secret import NO_SECRET, Secret

_Choice = TypeVar("_Choice", bound=str)
_ID = re.compile(r"[a-z0-9-]{1,32}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_LONGEST = 300
_SECRET_LIMIT = 16_384


@dataclass
class Reading:
    """One reading of one file: where relative paths start, and every problem so far."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)


class Table:
    """A table at a path; asking for a key makes it known, ``finish`` refuses the rest."""

    def __init__(self, content: object, path: str, reading: Reading) -> None:
        self.path = path
        self.reading = reading
        self._asked: set[str] = set()
        self._children: list[Table] = []
        self._content: dict[str, object] = {}
        if isinstance(content, dict):
            self._content = content
        else:
            reading.problems.append(Problem(path, f"must be a table, not {_kind(content)}"))

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def refuse(self, key: str, message: str) -> None:
        self.reading.problems.append(Problem(self.at(key), message))

    def has(self, key: str) -> bool:
        return key in self._content

    def written_keys(self) -> list[str]:
        return list(self._content)

    def value(self, key: str) -> object:
        """What stands at a key; None when it is not there."""
        self._asked.add(key)
        return self._content.get(key)

    def text(self, key: str, default: str = "") -> str:
        """Text on one line."""
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self._refuse_kind(key, "text in quotes", value)
            return default
        problem = "must not be blank" if value.isspace() else text_problem(value)
        if problem:
            self.refuse(key, problem)
        return value

    def needed_text(self, key: str) -> str:
        """Text that may be neither left out nor empty."""
        value = self.text(key)
        if self.value(key) is None:
            self.refuse(key, "is missing")
        elif self.value(key) == "":
            self.refuse(key, "must not be empty")
        return value

    def identifier(self, key: str = "id") -> str:
        value = self.needed_text(key)
        if value.strip() and not _ID.fullmatch(value):
            self.refuse(key, f"{value!r} must be 1 to 32 of the characters a-z, 0-9 and -")
        return value

    def integer(self, key: str, default: int, low: int, high: int) -> int:
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            self._refuse_kind(key, "a whole number", value)
            return default
        if not low <= value <= high:
            self.refuse(key, f"{value} must be from {low} to {high}")
            return default
        return value

    def integer_or_off(self, key: str, default: int | None, low: int, high: int) -> int | None:
        """A whole number, or None for the word ``off``."""
        if self.value(key) == "off":
            return None
        if isinstance(self.value(key), str):
            self.refuse(key, f'must be a whole number, or "off", not {self.value(key)!r}')
            return default
        return default if self.value(key) is None else self.integer(key, low, low, high)

    def flag(self, key: str, default: bool) -> bool:
        value = self.value(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self._refuse_kind(key, "true or false", value)
        return default

    def choice(self, key: str, default: _Choice, choices: Sequence[_Choice]) -> _Choice:
        value = self.text(key, default)
        for choice in choices:
            if choice == value:
                return choice
        self.refuse(key, f"{value!r} is not one of {quoted(choices)}")
        return default

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts, none of them empty."""
        value = self.value(key)
        if value is None:
            return default
        if not isinstance(value, list):
            self._refuse_kind(key, 'a list, such as ["a", "b"]', value)
            return default
        for index, item in enumerate(value):
            problem = text_problem(item) if isinstance(item, str) else f"must be text in quotes, not {_kind(item)}"
            if problem or not item.strip():
                self.refuse(f"{key}[{index}]", problem or "must not be empty")
        return tuple(item for item in value if isinstance(item, str))

    def distinct(self, key: str, default: tuple[_Choice, ...], choices: Sequence[_Choice]) -> tuple[_Choice, ...]:
        """A list of words out of ``choices``, none twice."""
        values = self.texts(key, default)
        known = tuple(choice for value in values for choice in choices if choice == value)
        for value in dict.fromkeys(values):
            if value not in choices:
                self.refuse(key, f"{value!r} is not one of {quoted(choices)}")
            elif values.count(value) > 1:
                self.refuse(key, f"{value!r} is there more than once")
        return known

    def time_of_day(self, key: str, default: time) -> time:
        value = self.value(key)
        if value is None or isinstance(value, time):
            return default if value is None else value
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if not match:
            self.refuse(key, f'must be a time of day such as "00:10", not {value!r}')
            return default
        return time(int(match[1]), int(match[2]))

    def file(self, key: str) -> Path | None:
        """A path; a relative one starts from the configuration's folder. None when it is empty."""
        value = self.text(key)
        return self.reading.folder / Path(value).expanduser() if value else None

    def secret(self, key: str) -> Secret:
        """A secret written here as ``key``, or alone in the file that ``key_file`` names."""
        written, file = self.text(key), self.file(f"{key}_file")
        if written and file:
            self.refuse(f"{key}_file", f"give {key} or {key}_file, not both")
        return Secret(written) if file is None else self._secret_in(file, f"{key}_file")

    def table(self, key: str) -> "Table":
        """The table at a key; an empty one when it is not there."""
        value = self.value(key)
        child = Table({} if value is None else value, self.at(key), self.reading)
        self._children.append(child)
        return child

    def tables(self, key: str) -> list["Table"]:
        """The tables written as ``[[key]]``."""
        value = self.value(key)
        if not isinstance(value, list):
            if value is not None:
                self._refuse_kind(key, f"a list of tables, each written under [[{_in_file(self.at(key))}]]", value)
            return []
        children = [Table(item, f"{self.at(key)}[{index}]", self.reading) for index, item in enumerate(value)]
        self._children += children
        return children

    def finish(self) -> None:
        """Refuses every key that nobody asked for, here and in the tables below."""
        for key in self._content:
            if key not in self._asked:
                near = difflib.get_close_matches(key, sorted(self._asked), n=1)
                self.refuse(key, "there is no such key" + (f"; is it {near[0]}?" if near else ""))
        for child in self._children:
            child.finish()

    def _refuse_kind(self, key: str, wanted: str, value: object) -> None:
        self.refuse(key, f"must be {wanted}, not {_kind(value)}")

    def _secret_in(self, file: Path, key: str) -> Secret:
        try:
            with file.open("rb") as opened:
                text = opened.read(_SECRET_LIMIT + 1).decode().strip()
        except (OSError, ValueError) as error:
            self.refuse(key, f"{file} cannot be read: {_reason(error)}")
            return NO_SECRET
        if not text or len(text) > _SECRET_LIMIT or text_problem(text, _SECRET_LIMIT):
            self.refuse(key, f"{file} must hold the secret alone, on one line")
        return Secret(text)


def text_problem(text: str, longest: int = _LONGEST) -> str | None:
    """Why a text cannot be used; None when it can. The sentence never repeats the text."""
    if len(text) > longest:
        return f"is longer than {longest} characters"
    if not text.isprintable():
        return "must be on one line, without control characters"
    return None


def quoted(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _in_file(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


def _reason(error: Exception) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is not UTF-8 text"


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number with a point", str: "text"}
    kinds |= {list: "a list", dict: "a table"}
    return kinds.get(type(value), "a date or time")
