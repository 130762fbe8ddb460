"""What a text for LINE must not say: LINE reads it, and must not learn who is where for what."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from ticketing.hall.office import Office
from ticketing.line_texts import ADDRESS

MOST_CHARACTERS = 300
#: Names this short stand in half of all words, so they count only beside a word for a counter.
_SHORT = re.compile(r"[a-z]{1,2}")

_BRACES = re.compile(r"[{}]")
#: The address by itself: a letter right behind it would make it another link.
_ALONE = re.compile(r"(?<!\S)\{address\}(?!\S)")
_LINK = re.compile(r"[a-z][a-z0-9+-]*:/|\bwww\.|[^\W_]\.[^\W\d_]{2,}|\S@\S")
_NUMBER_WORD = r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_COUNTER_WORD = r"counter|window|desk|booth|number|no\.|窓口|番号|カウンター"
_COUNTED = re.compile(
    rf"(?:{_COUNTER_WORD})\s*(?:{_NUMBER_WORD})(?![a-z])|(?<![a-z])(?:{_NUMBER_WORD})\s*(?:counter|window|desk|booth)"
)
_KANJI_BEFORE = re.compile(r"(?:番|号|ばん|窓口|カウンター)")


def check_line_text(text: str, offices: Iterable[Office]) -> str | None:
    """Why a text must not go to LINE; None when it may.

    Refused is whatever would print a number, the name of an office, service or counter in any language, or a link other
    than ``{address}``. Full-width letters, capitals, spaces and punctuation do not hide a name.
    """
    return _form_problem(text) or _content_problem(text.replace(ADDRESS, " "), offices)


def _form_problem(text: str) -> str | None:
    if not text.strip():
        return "must not be empty"
    if len(text) > MOST_CHARACTERS:
        return f"is longer than {MOST_CHARACTERS} characters"
    if not re.sub(r"[\n\u3000]", "", text).isprintable():
        return "must not hold control characters other than line breaks"
    if _BRACES.search(text.replace(ADDRESS, "")):
        return f"may hold no placeholder but {ADDRESS}"
    if text.count(ADDRESS) != len(_ALONE.findall(text)):
        return f"needs a space or a line break before and behind {ADDRESS}, or it becomes another link"
    return None


def _content_problem(text: str, offices: Iterable[Office]) -> str | None:
    folded = _folded(text)
    # In the text itself as well: the folded one writes a Roman number in letters.
    if any(unicodedata.category(each).startswith("N") for each in text + folded) or _is_counted(folded):
        return "would show LINE a number"
    if _LINK.search(folded):
        return f"may hold no link but {ADDRESS}"
    squeezed = _squeezed(folded)
    for name in _names(offices):
        if _is_named(name, folded, squeezed):
            return f"would show LINE the name {name!r}"
    return None


def _is_counted(folded: str) -> bool:
    """Whether a number in words stands beside a word for a counter."""
    if _COUNTED.search(folded):
        return True
    squeezed = _squeezed(folded)
    # Kanji digits are letters to Unicode, and in words such as 一度 they are no number.
    return any(
        unicodedata.numeric(each, None) is not None and _KANJI_BEFORE.match(squeezed, index + 1)
        for index, each in enumerate(squeezed)
    )


def _is_named(name: str, folded: str, squeezed: str) -> bool:
    wanted = _squeezed(_folded(name))
    if _SHORT.fullmatch(wanted):
        behind = rf"(?:{_COUNTER_WORD})\s*{wanted}(?![a-z])"
        before = rf"(?<![a-z]){wanted}\s*(?:{_COUNTER_WORD}|番)"
        return re.search(f"{behind}|{before}", folded) is not None
    # A name of digits alone is a number, and there is none.
    return wanted != "" and wanted in squeezed


def _names(offices: Iterable[Office]) -> Iterator[str]:
    for office in offices:
        yield from office.names.values()
        for service in office.services:
            yield from service.names.values()
            yield from service.public_names.values()
        yield from (counter.label for counter in office.counters)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _squeezed(folded: str) -> str:
    """Letters and digits only."""
    return "".join(each for each in folded if unicodedata.category(each)[0] in "LMN")
