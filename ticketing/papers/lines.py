"""Breaks text into lines as Japanese is set: between characters, but not inside a word or before a closing mark."""

import re
from collections.abc import Callable, Iterable

#: These never begin a line …
NOT_FIRST = frozenset("、。，．・：；？！）」』】〕〉》]})ー～ゝ々ァィゥェォッャュョぁぃぅぇぉっゃゅょ％.,:;!?")
#: … and these never end one.
NOT_LAST = frozenset("（「『【〔〈《[({")
_PIECES = re.compile(r"[A-Za-z0-9._/:@%+=<>'\"#&~^*-]+|\s|.")


def broken(text: str, width: float, width_of: Callable[[str], float]) -> list[str]:
    """The lines of a text that is ``width`` wide at most; a word wider than that is cut.

    A newline in the text begins a new line.
    """
    return [line for part in text.split("\n") for line in _paragraph(part, width, width_of)]


def _paragraph(text: str, width: float, width_of: Callable[[str], float]) -> list[str]:
    lines = [""]
    for piece in _joined(_PIECES.findall(text)):
        if width_of((lines[-1] + piece).rstrip()) <= width:
            lines[-1] += piece
            continue
        *whole, rest = _cut(piece.lstrip(), width, width_of)
        lines += [*whole, rest]
    return [line.strip() for line in lines if line.strip()] or [""]


def _joined(pieces: Iterable[str]) -> list[str]:
    """Pieces with the marks that must not be parted from them."""
    joined: list[str] = []
    for piece in pieces:
        if joined and (piece in NOT_FIRST or joined[-1][-1] in NOT_LAST):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _cut(piece: str, width: float, width_of: Callable[[str], float]) -> list[str]:
    parts = [""]
    for character in piece:
        if parts[-1] and width_of(parts[-1] + character) > width:
            parts.append("")
        parts[-1] += character
    return parts
