"""How a clerk reads a call aloud: the names of the recorded parts, in order. Pure."""

import re
from collections.abc import Callable, Iterator

#: A short silence between two parts.
PAUSE = "pause"
#: Windows up to this number are recorded with their sentence, as it sounds better than joined parts.
MOST_WINDOW = 50
#: Numbers above this are read digit by digit.
MOST_READ = 9_999

_NUMBER = re.compile(r"([A-Z]*)([0-9]+)")
_SHORT_LABEL = re.compile(r"[0-9A-Z]{1,3}")


def reading(language: str, number: str, label: str, is_again: bool) -> list[str]:
    """The parts of a call; raises KeyError for a language without a voice."""
    return list(_READERS[language](number, label.upper(), is_again))


def number_reading(number: str) -> list[str]:
    """The parts of a number alone, sign by sign as it stands on the slip; the same names in every language."""
    letters, digits = _split(number)
    return ["open", PAUSE, *_spelled(letters), *([PAUSE] if letters else []), *_spelled(digits)]


def _japanese(number: str, label: str, is_again: bool) -> Iterator[str]:
    yield from ("again", PAUSE, PAUSE) if is_again else ("open", PAUSE)
    letters, digits = _split(number)
    if letters:
        yield from (*_spelled(letters), PAUSE)
    value = int(digits)
    if value > MOST_READ:
        yield from (*_spelled(str(value)), "person")
    else:
        yield from _read(value)
    yield from (PAUSE, PAUSE)
    if _is_window(label):
        yield f"window-{label}"
    elif _SHORT_LABEL.fullmatch(label):
        yield from (*_spelled(label), "window")
    else:
        yield "window-shown"


def _english(number: str, label: str, is_again: bool) -> Iterator[str]:
    yield from ("again", PAUSE, PAUSE, "open") if is_again else ("open",)
    letters, digits = _split(number)
    if letters:
        yield from (*_spelled(letters), PAUSE)
    value = int(digits)
    yield from _spelled(str(value)) if value > MOST_READ else _read(value)
    yield from (PAUSE, PAUSE)
    if _is_window(label):
        yield f"window-{label}"
    elif _SHORT_LABEL.fullmatch(label):
        yield from ("window", *_spelled(label))
    else:
        yield "window-shown"


def _read(value: int) -> Iterator[str]:
    """Thousands, hundreds and the rest; whatever comes last carries the word for "number"."""
    thousands, hundreds, rest = value // 1000, value // 100 % 10, value % 100
    if thousands:
        yield f"thousand-{thousands}" if hundreds or rest else f"last-thousand-{thousands}"
    if hundreds:
        yield f"hundred-{hundreds}" if rest else f"last-hundred-{hundreds}"
    if rest or not value:
        yield f"last-{rest}"


def _spelled(text: str) -> Iterator[str]:
    return (f"letter-{each}" if each.isalpha() else f"digit-{each}" for each in text)


def _split(number: str) -> tuple[str, str]:
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise ValueError("a ticket's number is letters and digits")
    return match[1], match[2]


def _is_window(label: str) -> bool:
    return label.isdecimal() and label.isascii() and label[0] != "0" and int(label) <= MOST_WINDOW


_READERS: dict[str, Callable[[str, str, bool], Iterator[str]]] = {"ja": _japanese, "en": _english}
#: The languages that are spoken: those whose wording was reviewed.
SPOKEN = tuple(_READERS)
