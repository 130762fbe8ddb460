"""A slip's picture in the forms that printers take."""

import base64
import io

from PIL import Image, ImageChops


def as_png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def as_bits(picture: Image.Image) -> bytes:
    """Rows from the top, eight dots a byte from the left, 1 for black."""
    return ImageChops.invert(picture.convert("L")).convert("1").tobytes()


def as_base64(picture: Image.Image) -> str:
    return base64.b64encode(as_bits(picture)).decode()
