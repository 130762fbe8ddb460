"""A strip of paper that texts are set on from top to bottom."""

import unicodedata
from collections.abc import Iterator

from PIL import Image, ImageDraw

from ticketing.slips.fonts import Fonts

#: A line's height in parts of its letters' size.
LEADING = 1.3
#: The same for scripts that stack signs above and below.
HIGH_LEADING = 1.5
#: No slip is longer (dots); at 203 to the inch it is 50 cm.
MOST_DOTS = 4000
_INK, _PAPER = 0, 255
_NOT_FIRST = "、。，．・：；？！）」』】〉》”’ー〜…,.:;?!)]}।။၊"


class Canvas:
    """Draws in grey; the paper gets a dot where it is darker than half."""

    def __init__(self, width: int, margin: int, fonts: Fonts) -> None:
        self.width = width
        self.margin = margin
        #: Where the next thing goes.
        self.top = 0
        self._fonts = fonts
        self._image = Image.new("L", (width, MOST_DOTS), _PAPER)
        self._draw = ImageDraw.Draw(self._image)

    @property
    def inner(self) -> int:
        return self.width - 2 * self.margin

    def picture(self) -> Image.Image:
        """What was drawn, cut off below it, in black and white."""
        return self._image.crop((0, 0, self.width, self.top)).convert("1", dither=Image.Dither.NONE)

    def space(self, dots: int) -> None:
        self.top += dots

    def rule(self, thickness: int = 2) -> None:
        self._draw.rectangle((self.margin, self.top, self.width - self.margin - 1, self.top + thickness - 1), _INK)
        self.top += thickness

    def paste(self, picture: Image.Image, left: int, top: int) -> None:
        self._image.paste(picture, (left, top))

    def lines(self, text: str, size: int, *, is_bold: bool = False, width: int | None = None) -> list[str]:
        """The text in as few lines as fit, about equally long."""
        most = width or self.inner
        lines = self._broken(text, size, is_bold, most)
        if len(lines) < 2:
            return lines
        narrow, wide = most // len(lines), most
        while wide - narrow > size // 2:
            middle = (narrow + wide) // 2
            if len(self._broken(text, size, is_bold, middle)) > len(lines):
                narrow = middle
            else:
                wide = middle
        return self._broken(text, size, is_bold, wide)

    def _broken(self, text: str, size: int, is_bold: bool, most: int) -> list[str]:
        lines: list[str] = []
        line = ""
        for piece in _pieces(text):
            if line and self.length((line + piece).rstrip(), size, is_bold) > most:
                lines.append(line.rstrip())
                line = ""
            line += piece if line else piece.lstrip()
        return [*lines, line.rstrip()] if line.strip() else lines

    def text(
        self, text: str, size: int, *, is_bold: bool = False, align: str = "centre", left: int | None = None,
        width: int | None = None,
    ) -> None:  # fmt: skip
        """A paragraph; ``left`` and ``width`` bound it, else the margins do."""
        start, most = self.margin if left is None else left, width or self.inner
        for line in self.lines(text, size, is_bold=is_bold, width=most):
            room = most - self.length(line, size, is_bold)
            self.put(line, size, start + {"left": 0, "centre": room // 2, "right": room}[align], is_bold=is_bold)
            self.top += self.leading(size)

    def leading(self, size: int) -> int:
        """From one baseline to the next."""
        return round(size * (HIGH_LEADING if self._fonts.is_high else LEADING))

    def put(self, line: str, size: int, left: int, *, is_bold: bool = False) -> None:
        """One line at a place, on the baseline of its height."""
        baseline = self.top + round((self.leading(size) + 0.62 * size) / 2)
        for run, font in self._fonts.runs(line, size, is_bold):
            self._draw.text((left, baseline), run, _INK, font, anchor="ls")
            left += round(font.getlength(run))

    def length(self, line: str, size: int, is_bold: bool = False) -> int:
        return sum(round(font.getlength(run)) for run, font in self._fonts.runs(line, size, is_bold))

    def fitted(self, line: str, size: int, *, is_bold: bool = False, width: int | None = None) -> int:
        """The size, not above ``size``, at which the line fits in a row."""
        most = width or self.inner
        while size > 8 and self.length(line, size, is_bold) > most:
            size -= 1
        return size

    def big(self, number: str, size: int) -> None:
        """A number in the middle, in the one font that every slip has it in, no higher than its digits."""
        fonts = Fonts.of("ja")
        ((run, font),) = fonts.runs(number, size, True)
        while size > 8 and font.getlength(run) > self.inner:
            size -= 2
            ((run, font),) = fonts.runs(number, size, True)
        left, top, right, bottom = font.getbbox(run, anchor="ls")
        self._draw.text(((self.width - right + left) // 2 - left, self.top - top), run, _INK, font, anchor="ls")
        self.top += round(bottom - top)


def _pieces(text: str) -> Iterator[str]:
    """Where a line may end: after a blank, and between the characters of scripts written without blanks."""
    piece = ""
    for character in text:
        may_break = piece and (piece[-1].isspace() or (_is_wide(piece[-1]) or _is_wide(character)))
        if may_break and character not in _NOT_FIRST and not character.isspace():
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _is_wide(character: str) -> bool:
    # Hangul is wide too, but has blanks.
    return unicodedata.east_asian_width(character) in "WF" and not "\uac00" <= character <= "\ud7a3"
