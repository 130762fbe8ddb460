"""A4 pages with ruled tables in BIZ UDGothic, embedded as a subset; the same content gives the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fpdf import FPDF
from fpdf.fonts import TTFFont

from kiosk_ui import ROOT
from ticketing.papers.lines import broken
from ticketing.papers.metadata import metadata

#: Millimetres.
PAGE_WIDTH = 210.0
MARGIN = 22.0
TOP = 16.0
#: Nothing but the footer is printed below it, counted from the page's end.
BOTTOM = 18.0
WIDTH = PAGE_WIDTH - 2 * MARGIN
#: Points.
TITLE_SIZE = 19.0
HEADING_SIZE = 10.5
TEXT_SIZE = 9.0
SMALL_SIZE = 7.5
#: A line's height, in parts of the size of its letters.
LEADING = 1.5
#: Greys, 0 black to 255 white.
INK, FAINT, RULE, SHADE = 20, 105, 175, 243
#: What the document names as its maker.
TOOL = "Junban"
_FONT = "BIZ UDGothic"
_MM_PER_POINT = 25.4 / 72

Align = Literal["L", "C", "R"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one field of a table; a ``code`` is a value to compare, on a shade of its own."""

    text: str
    is_bold: bool = False
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its share of the width, and where its text stands."""

    head: str
    share: float
    align: Align = "L"


class Paper:
    """A document under construction, from top to bottom; it goes to the next page by itself."""

    def __init__(self, *, title: str, made_at: datetime, footer: str, scale: float = 1.0) -> None:
        """``footer`` stands on every page beside its number; ``scale`` makes everything smaller or larger."""
        self._pdf = _Sheets(footer)
        self._scale = scale
        self._pdf.set_title(title)
        self._pdf.set_lang("ja")
        self._pdf.set_creator(TOOL)
        self._pdf.set_producer(TOOL)
        self._pdf.set_creation_date(made_at)
        self._pdf.set_xmp_metadata(metadata(title, TOOL, made_at))
        self._pdf.add_page()

    @property
    def pages(self) -> int:
        """How many pages there are so far."""
        return self._pdf.page

    def new_page(self) -> None:
        self._pdf.add_page()

    def bytes(self) -> bytes:
        """The whole document."""
        return bytes(self._pdf.output())

    def drop(self) -> None:
        """Give a document up that is not wanted."""
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def gap(self, millimetres: float) -> None:
        self._pdf.set_y(self._pdf.get_y() + millimetres * self._scale)

    def title(self, text: str, below: str = "") -> None:
        """The document's name in the middle, with a line below it."""
        self.text(text, size=TITLE_SIZE, align="C", is_bold=True)
        if below:
            self.text(below, align="C", grey=FAINT)
        self.gap(3)

    def heading(self, text: str) -> None:
        """The name of a part; it does not stay alone at the end of a page."""
        self._need(28 * self._scale)
        self.gap(4.5)
        self.text(text, size=HEADING_SIZE, is_bold=True)
        self.gap(1.2)

    def text(
        self, text: str, *, size: float = TEXT_SIZE, align: Align = "L", is_bold: bool = False, grey: int = INK
    ) -> None:
        """A paragraph over the whole width."""
        self._letters(size, is_bold=is_bold)
        height = self._line_height(size)
        for line in broken(text, WIDTH, self._pdf.get_string_width):
            self._need(height)
            self._pdf.set_text_color(grey)
            self._pdf.set_x(MARGIN)
            self._pdf.cell(WIDTH, height, line, align=align, new_x="LMARGIN", new_y="NEXT")

    def ledger(self, rows: Sequence[tuple[str, Cell | str]], label_width: float = 33.0) -> None:
        """Labels on the left, values on the right, a rule between the rows; a row is never parted."""
        columns = (Column("", label_width / WIDTH), Column("", 1 - label_width / WIDTH))
        self._rule()
        for label, value in rows:
            self._row(columns, (Cell(label), _cell(value)), first_grey=FAINT)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell | str]]) -> None:
        """A ruled table; its headings come again on each page."""
        self._head(columns)
        for row in rows:
            cells = tuple(_cell(each) for each in row)
            if self._would_break(self._row_height(columns, cells)):
                self.new_page()
                self._head(columns)
            self._row(columns, cells)

    def _head(self, columns: Sequence[Column]) -> None:
        self._need(3 * self._line_height(TEXT_SIZE))
        self._rule()
        self._row(columns, tuple(Cell(column.head, is_bold=True) for column in columns), fill=SHADE)

    def _row(
        self, columns: Sequence[Column], cells: Sequence[Cell], *, fill: int | None = None, first_grey: int = INK
    ) -> None:
        height = self._row_height(columns, cells)
        self._need(height)
        top, left = self._pdf.get_y(), MARGIN
        if fill is not None:
            self._box(left, top, WIDTH, height, fill)
        for index, (column, cell) in enumerate(zip(columns, cells)):
            self._field(column, cell, left, top, first_grey if index == 0 else INK)
            left += column.share * WIDTH
        self._pdf.set_xy(MARGIN, top + height)
        self._rule()

    def _field(self, column: Column, cell: Cell, left: float, top: float, grey: int) -> None:
        lines = self._lines(column, cell)
        height, pad, width = self._line_height(TEXT_SIZE), self._pad, column.share * WIDTH
        if cell.is_code:
            self._box(left, top + pad / 2, width, len(lines) * height + pad, SHADE)
        self._letters(TEXT_SIZE, is_bold=cell.is_bold)
        self._pdf.set_text_color(grey)
        for index, line in enumerate(lines):
            self._pdf.set_xy(left + pad, top + pad + index * height)
            self._pdf.cell(width - 2 * pad, height, line, align=column.align)

    def _row_height(self, columns: Sequence[Column], cells: Sequence[Cell]) -> float:
        most = max(len(self._lines(column, cell)) for column, cell in zip(columns, cells))
        return most * self._line_height(TEXT_SIZE) + 2 * self._pad

    def _lines(self, column: Column, cell: Cell) -> list[str]:
        self._letters(TEXT_SIZE, is_bold=cell.is_bold)
        return broken(cell.text, column.share * WIDTH - 2 * self._pad, self._pdf.get_string_width)

    @property
    def _pad(self) -> float:
        return 1.4 * self._scale

    def _letters(self, size: float, *, is_bold: bool = False) -> None:
        self._pdf.set_font(_FONT, "B" if is_bold else "", size * self._scale)

    def _line_height(self, size: float) -> float:
        return size * self._scale * LEADING * _MM_PER_POINT

    def _box(self, left: float, top: float, width: float, height: float, grey: int) -> None:
        self._pdf.set_fill_color(grey)
        self._pdf.rect(left, top, width, height, style="F")

    def _rule(self) -> None:
        self._pdf.set_draw_color(RULE)
        self._pdf.set_line_width(0.2)
        self._pdf.line(MARGIN, self._pdf.get_y(), PAGE_WIDTH - MARGIN, self._pdf.get_y())

    def _would_break(self, height: float) -> bool:
        return self._pdf.get_y() + height > self._pdf.h - BOTTOM

    def _need(self, height: float) -> None:
        if self._would_break(height):
            self.new_page()


def _cell(value: Cell | str) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)


class _Sheets(FPDF):
    """fpdf2's document with our fonts, margins and footer."""

    def __init__(self, footer: str) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-2U")
        self._footer = footer
        self.add_font(_FONT, "", ROOT / "fonts" / "BIZUDGothic-Regular.ttf")
        self.add_font(_FONT, "B", ROOT / "fonts" / "BIZUDGothic-Bold.ttf")
        self.set_margins(MARGIN, TOP, MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(False)

    def footer(self) -> None:
        """Called by fpdf2 at the end of every page."""
        self.set_y(-BOTTOM + 6)
        self.set_font(_FONT, "", SMALL_SIZE)
        self.set_text_color(FAINT)
        self.cell(WIDTH, 4, self._footer)
        self.set_x(MARGIN)
        self.cell(WIDTH, 4, f"{self.page} / {{nb}}", align="R")
