"""Checks that several sections share."""

from urllib.parse import urlsplit

from ticketing.config.table import Table

#: Names of this machine, to which nothing travels readable.
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def web_address(table: Table, key: str, default: str) -> str:
    """Scheme, host and port; a slash at the end is dropped."""
    text = table.text(key, default).removesuffix("/")
    try:
        url = urlsplit(text)
        is_bare = f"{url.scheme}://{url.netloc}" == text and url.username is None and url.port != 0
        is_good = is_bare and url.scheme in ("http", "https") and bool(url.hostname)
        is_good = is_good and text.isascii() and " " not in text
    except ValueError:
        is_good = False
    if not is_good:
        table.refuse(
            key, "must be http:// or https:// with a host and perhaps a port, in small ASCII letters, without a path"
        )
    return text if is_good else default


def is_readable_on_the_way(url: str) -> bool:
    """Whether others could read what is sent there."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


def need_approval(table: Table, approval: str, is_demo: bool, receiver: str) -> None:
    if not approval and not is_demo:
        table.refuse("approval", f"{receiver} receives contacts, so name the approval under which it may")
