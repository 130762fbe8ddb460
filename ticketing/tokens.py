"""Random secrets that a browser holds and the database knows only as a hash."""

import re
import secrets
from hashlib import sha256

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
#: Printers have a field of 30 characters for it.
_PRINTER_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,30}")


def new_token(bits: int = 256) -> str:
    """A secret of so many random bits, safe in a cookie and in a link."""
    return secrets.token_urlsafe(bits // 8)


def token_hash(token: str) -> str | None:
    """SHA-256 in hex, as it is stored; None for a text that no token looks like.

    A plain hash is enough: the tokens are random, so there is nothing to guess.
    """
    if not _TOKEN.fullmatch(token):
        return None
    return sha256(token.encode("ascii")).hexdigest()


def is_printer_token(text: str) -> bool:
    """Whether it can be a printer's token: not short, and nothing that a printer's settings do not take."""
    return _PRINTER_TOKEN.fullmatch(text) is not None
