"""Reads a PDF as its reader does."""

import io
from collections.abc import Iterator

from pypdf import PdfReader
from pypdf.generic import DictionaryObject


def pages_of(document: bytes) -> list[str]:
    """The text of each page, without blanks: where lines break is the layout's business."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(document)).pages]


def fonts_of(document: bytes) -> Iterator[tuple[str, bool]]:
    """The fonts' names, and whether each is embedded."""
    for page in PdfReader(io.BytesIO(document)).pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            yield str(descendant["/BaseFont"]), "/FontFile2" in descendant["/FontDescriptor"].get_object()


def size_of(document: bytes) -> tuple[float, float]:
    """Width and height of the first page in points."""
    box = PdfReader(io.BytesIO(document)).pages[0].mediabox
    return float(box.width), float(box.height)


def catalogue_of(document: bytes) -> DictionaryObject:
    return PdfReader(io.BytesIO(document)).trailer["/Root"].get_object()


def packet_of(document: bytes) -> str:
    """What the document says of itself to archives."""
    return bytes(catalogue_of(document)["/Metadata"].get_object().get_data()).decode()
