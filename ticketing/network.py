"""Where a request comes from: the client's address behind trusted proxies, and the networks it lies in."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: No honest chain of proxies is longer; what lies further left is not looked at.
MOST_PROXIES = 20


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """An address as a peer or a proxy writes it, also ``1.2.3.4:567`` and ``[::1]:567``; None when it is not one."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def client_address(scope: Mapping[str, Any], trusted_proxies: Iterable[Network]) -> Address | None:
    """The client of an ASGI scope; None when the server does not know its peer.

    ``X-Forwarded-For`` is read from right to left and only as long as the address that wrote an entry is a trusted
    proxy, so nothing that a client sends itself is believed. An entry that is no address ends the reading.
    """
    trusted = tuple(trusted_proxies)
    peer = scope.get("client")
    address = parse_address(peer[0]) if peer else None
    if not trusted:
        return address
    for text in _forwarded_for(scope):
        if address is None or not is_in(address, trusted):
            break
        forwarded = parse_address(text)
        if forwarded is None:
            break
        address = forwarded
    return address


def _forwarded_for(scope: Mapping[str, Any]) -> list[str]:
    """The entries, nearest proxy first."""
    values = [value for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    entries = b",".join(values).decode("latin-1").rsplit(",", MOST_PROXIES)
    return [entry for entry in reversed(entries[-MOST_PROXIES:]) if entry.strip()]


def is_in(address: Address | None, networks: Iterable[Network]) -> bool:
    """Whether the address lies in one of the networks; an unknown address lies in none."""
    return address is not None and any(address in network for network in networks)


def address_key(address: Address | None) -> str:
    """What limits count by: an IPv4 address, or the /64 that one IPv6 household or phone has for itself."""
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> 64 << 64, 64)))
    return str(address)
