"""What a scanner reads from a QR code on a slip or a screen."""

import zxingcpp
from PIL import Image


def text_of_code(picture: Image.Image) -> str:
    """The text of the one code in the picture, dark on light as most scanners need it."""
    code = zxingcpp.read_barcode(picture.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode, try_invert=False)
    assert code is not None, "there is no code to read in the picture"
    return code.text
