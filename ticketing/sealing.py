"""How an address is sealed under a day's key, and the keyed hashes by which it is found again."""

import base64
import hashlib
import hmac
import json
from datetime import date

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ticketing.keys import derive

#: Of AES-GCM.
NONCE_BYTES = 12
#: Sealed addresses all have this length, so that the length tells nothing.
_PADDED_BYTES = 256


def seal(key: bytes, nonce: bytes, address: str, bound_to: bytes) -> bytes:
    """The address under the day's key (AES-256-GCM), bound to its ticket and channel."""
    padded = address.encode().ljust(_PADDED_BYTES, b"\0")
    return AESGCM(derive(key, b"contact")).encrypt(nonce, padded, bound_to)


def unseal(key: bytes, nonce: bytes, sealed: bytes, bound_to: bytes) -> str | None:
    """The address; None when key, ticket or channel are not the ones it was sealed with."""
    try:
        return AESGCM(derive(key, b"contact")).decrypt(nonce, sealed, bound_to).rstrip(b"\0").decode()
    except InvalidTag:
        return None


def binding(office_id: str, day: date, number: str, channel: str) -> bytes:
    """What a sealed address belongs to; the associated data of its encryption."""
    return json.dumps([office_id, day.isoformat(), number, channel]).encode()


def address_index(key: bytes, channel: str, address: str) -> bytes:
    """Finds this address again on this day, and on no other."""
    return hmac.digest(derive(key, b"index"), json.dumps([channel, address]).encode(), "sha256")


def code_hash(key: bytes, code: str) -> bytes:
    """How a link code is kept."""
    return hmac.digest(derive(key, b"link"), code.encode(), "sha256")


def erasure_token(key: bytes, nonce: bytes, bound_to: bytes) -> str:
    """128 bits that allow erasing one contact and nothing else."""
    # The nonce is new with every registration, so the token dies with the contact that it was made for.
    mac = hmac.digest(derive(key, b"unsubscribe"), nonce + bound_to, "sha256")[:16]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def token_hash(token: str) -> bytes:
    """How an erasure token is kept; a plain hash, because there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
