"""The picture of a slip, dot for dot as a thermal printer has it (203 dots an inch)."""

from dataclasses import dataclass

import segno
from PIL import Image

from ticketing.slips.canvas import Canvas
from ticketing.slips.content import Content
from ticketing.slips.fonts import Fonts

#: Light cells around a QR code, without which it may not be found.
QUIET_CELLS = 4


@dataclass(frozen=True, slots=True)
class Paper:
    """How a slip is set on a roll; all in dots."""

    width: int
    margin: int
    number: int
    heading: int
    text: int
    small: int
    #: Of the QR code.
    cell: int
    #: Whether the words stand beside the QR code.
    is_wide: bool


#: By the width of the roll in millimetres.
PAPERS = {
    80: Paper(width=576, margin=20, number=270, heading=32, text=28, small=23, cell=6, is_wide=True),
    58: Paper(width=384, margin=10, number=184, heading=27, text=24, small=20, cell=6, is_wide=False),
}


def render(content: Content, width_mm: int) -> Image.Image:
    """The slip in black and white."""
    paper = PAPERS[width_mm]
    canvas = Canvas(paper.width, paper.margin, Fonts.of(content.language))
    canvas.space(12)
    canvas.text(content.office, paper.text, is_bold=True)
    canvas.space(8)
    canvas.rule(3)
    canvas.space(14)
    heading = "  ".join(content.headings)
    canvas.text(heading, canvas.fitted(heading, paper.heading, is_bold=True), is_bold=True)
    canvas.space(16)
    canvas.big(content.number, paper.number)
    canvas.space(24)
    canvas.text(content.service, round(paper.heading * 1.25), is_bold=True)
    if content.windows:
        canvas.text(content.windows, paper.heading, is_bold=True)
    canvas.space(10)
    canvas.rule()
    canvas.space(8)
    for name, value in content.facts:
        _fact(canvas, paper, name, value)
    canvas.space(8)
    canvas.rule()
    _code(canvas, paper, content)
    canvas.text(content.note, paper.small, align="left")
    canvas.space(12)
    return canvas.picture()


def _fact(canvas: Canvas, paper: Paper, name: str, value: str) -> None:
    """The name at the left and the value at the right; below each other where they do not fit."""
    gap = paper.text
    if canvas.length(name, paper.small) + gap + canvas.length(value, paper.text, True) > canvas.inner:
        canvas.text(name, paper.small, align="left")
        canvas.text(value, paper.text, is_bold=True, align="right")
        return
    top = canvas.top
    canvas.put(name, paper.small, canvas.margin)
    canvas.top = top
    canvas.text(value, paper.text, is_bold=True, align="right")
    canvas.space(2)


def _code(canvas: Canvas, paper: Paper, content: Content) -> None:
    code = qr_code(content.link, paper.cell)
    side = code.width
    if not paper.is_wide:
        canvas.paste(code, (canvas.width - side) // 2, canvas.top)
        canvas.space(side)
        canvas.text(content.scan, paper.small)
        canvas.space(10)
        return
    top = canvas.top
    canvas.paste(code, 0, top)
    room = canvas.width - canvas.margin - side
    height = len(canvas.lines(content.scan, paper.text, width=room)) * canvas.leading(paper.text)
    canvas.top = top + max(0, (side - height) // 2)
    canvas.text(content.scan, paper.text, align="left", left=side, width=room)
    canvas.top = max(canvas.top, top + side)


def qr_code(link: str, cell: int) -> Image.Image:
    """A QR code with its light margin, every cell a square of dots."""
    rows = [bytes(row) for row in segno.make(link, error="m", micro=False).matrix_iter(border=QUIET_CELLS)]
    picture = Image.new("L", (len(rows[0]), len(rows)), 255)
    picture.putdata([0 if dark else 255 for row in rows for dark in row])
    return picture.resize((picture.width * cell, picture.height * cell), Image.Resampling.NEAREST)
