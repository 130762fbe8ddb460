"""The few words on a slip, a file for each language."""

import json
from functools import cache
from pathlib import Path

import msgspec

_FOLDER = Path(__file__).parent
#: Where a language has no file or no font.
FALLBACK = "en"
#: What staff read on every slip.
FIRST = "ja"


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language; ``{count}``, ``{low}`` and ``{high}`` stand for numbers."""

    #: Whether somebody who speaks the language has looked at them.
    reviewed: bool
    number: str
    window: str
    issued: str
    ahead: str
    people: str
    wait: str
    #: A range of minutes, and where both ends are the same.
    minutes: str
    about: str
    now: str
    unknown: str
    scan: str
    #: The small print of offices that have none of their own.
    note: str
    copy: str


def languages() -> list[str]:
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


@cache
def words_in(language: str) -> Words:
    """The words of a language, else of its first part (``ja`` for ``ja-JP``), else English."""
    for name in (language, language.partition("-")[0], FALLBACK):
        if name in languages():
            return msgspec.convert(json.loads((_FOLDER / f"{name}.json").read_text("utf-8")), Words)
    raise FileNotFoundError(_FOLDER / f"{FALLBACK}.json")
