"""Which addresses a visitor may register, and how one is shown again without giving it away."""

import re
import unicodedata
from typing import Literal, get_args

import idna

from ticketing.hall.refusals import Refusal
from ticketing.phone_numbers import check_number

ContactChannel = Literal["email", "line", "phone"]
CHANNELS: tuple[ContactChannel, ...] = get_args(ContactChannel)
MOST_CHARACTERS = 254
_MOST_LOCAL = 64

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_LINE_USER = re.compile(r"U[0-9a-f]{32}")
#: These carriers gave out addresses with ``..`` or a dot before the ``@`` until 2009; people still use them.
_LOOSE_DOT_DOMAINS = frozenset({"docomo.ne.jp", "ezweb.ne.jp"})


class BadAddress(Refusal):
    """This does not look like an address that messages can be sent to; please check it."""

    code = "bad_address"
    status = 422


class ChannelIsOff(Refusal):
    """Messages of this kind are not offered here."""

    code = "channel_off"
    status = 422


def check_address(channel: str, text: str, region: str = "JP") -> str:
    """The address in the one form that is stored.

    Mail: no control characters, one ``@``, at most 254 characters, a full domain, written in ASCII (IDNA); full-width
    letters are taken for their plain ones. LINE: the user id of a webhook. Phone: a mobile number of ``region``, for
    text messages (``ticketing.phone_numbers.check_number`` does calls and several countries).

    Raises BadAddress, the refusals of ``check_number``, and ChannelIsOff for a channel that there is not.
    """
    match channel:
        case "email":
            return _email(text)
        case "line":
            if _LINE_USER.fullmatch(text):
                return text
            raise BadAddress
        case "phone":
            return check_number(text, (region,))
        case _:
            raise ChannelIsOff


def has_loose_dots(address: str) -> bool:
    """Whether the part before the ``@`` breaks the rules on dots, so that some servers want it in quotes."""
    local = address.rpartition("@")[0]
    return local.startswith(".") or local.endswith(".") or ".." in local


def mask(channel: str, address: str) -> str:
    """What the visitor sees of their own address: enough to recognise it, too little to learn it."""
    match channel:
        case "email":
            local, _, domain = address.rpartition("@")
            return f"{local[:1]}***@{domain}"
        case "phone":
            return f"***{address[-3:]}"
        case _:
            return "LINE"


def _email(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip(" \u3000")
    local, at, domain = plain.partition("@")
    if len(plain) > MOST_CHARACTERS or not at or "@" in domain:
        raise BadAddress
    address = f"{local}@{_ascii_domain(domain)}"
    if len(address) > MOST_CHARACTERS or len(local) > _MOST_LOCAL or not _LOCAL.fullmatch(local):
        raise BadAddress
    if has_loose_dots(address) and (local.startswith(".") or not address.endswith(tuple(_loose_suffixes()))):
        raise BadAddress
    return address


def _loose_suffixes() -> list[str]:
    return [f"@{domain}" for domain in _LOOSE_DOT_DOMAINS]


def _ascii_domain(domain: str) -> str:
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        raise BadAddress from None
    if not _DOMAIN.fullmatch(ascii_domain):
        raise BadAddress
    return ascii_domain
