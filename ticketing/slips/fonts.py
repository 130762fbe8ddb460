"""Fonts for every script that slips are set in: ours for Japanese and Latin, the system's Noto for the others."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

from kiosk_ui import ROOT

#: Where the operating system has its fonts.
FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_JAPANESE = "BIZUDGothic-{weight}.ttf"
_CJK = "NotoSansCJK-{weight}.ttc"
_LATIN, _NEPALI, _BURMESE = (f"NotoSans{script}-{{weight}}.ttf" for script in ("", "Devanagari", "Myanmar"))
#: Which font of the collection has a language's own forms of the characters that several have.
_IN_COLLECTION = {"ko": 1, "zh-Hans": 2, "zh-CN": 2, "zh-Hant": 3, "zh-TW": 3}

Face = tuple[str, int]


class Fonts:
    """The faces of one language, the one to be used first comes first."""

    def __init__(self, faces: tuple[Face, ...], is_high: bool = False) -> None:
        self._faces = faces
        #: Whether letters need more room above and below.
        self.is_high = is_high

    @staticmethod
    @cache
    def of(language: str) -> "Fonts":
        index = _IN_COLLECTION.get(language)
        ours: tuple[Face, ...] = ((_JAPANESE, 0),)
        own: tuple[Face, ...] = ((_CJK, index),) if index is not None else ()
        if language.startswith(("vi", "ne", "my")):
            own = ((_LATIN, 0),)
        faces = (*own, *ours, (_LATIN, 0), (_NEPALI, 0), (_BURMESE, 0), (_CJK, index or 0))
        return Fonts(faces, is_high=language.startswith(("my", "ne")))

    def has(self, text: str) -> bool:
        """Whether every character can be printed."""
        return all(self._face(character) is not None for character in text if not character.isspace())

    def runs(self, text: str, size: int, is_bold: bool) -> Iterator[tuple[str, ImageFont.FreeTypeFont]]:
        """The text in pieces of one font each; what no font has is set in the first one."""
        weight = "Bold" if is_bold else "Regular"
        for face, run in groupby(_with_marks(text), key=lambda piece: self._face(piece[0]) or (_JAPANESE, 0)):
            yield "".join(run), _loaded(face, weight, size)

    def _face(self, character: str) -> Face | None:
        return next((face for face in self._faces if ord(character) in _characters(face)), None)


def _with_marks(text: str) -> Iterator[str]:
    """Clusters: a character with the marks and blanks that follow it, which must be set with it."""
    cluster = ""
    for character in text:
        if cluster and not (character.isspace() or _is_mark(character) or cluster[-1] == "\u200d"):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or character in "\u200c\u200d"


@cache
def _file(name: str) -> Path | None:
    ours = ROOT / "fonts" / name
    found = [ours] if ours.exists() else (path for folder in FOLDERS for path in sorted(folder.rglob(name)))
    return next(iter(found), None)


@cache
def _characters(face: Face) -> frozenset[int]:
    name, index = face
    file = _file(name.format(weight="Regular"))
    if file is None or _file(name.format(weight="Bold")) is None:
        return frozenset()
    with TTFont(file, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _loaded(face: Face, weight: str, size: int) -> ImageFont.FreeTypeFont:
    name, index = face
    file = _file(name.format(weight=weight))
    assert file is not None, "a face is used only when its files are there"
    return ImageFont.truetype(str(file), size, index=index)
