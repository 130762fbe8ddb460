from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import pytest

from ticketing.network import address_key, client_address, is_in, parse_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def scope(peer: str | None, *forwarded: str) -> dict[str, Any]:
    return {
        "client": (peer, 50000) if peer else None,
        "headers": [(b"host", b"x"), *((b"x-forwarded-for", value.encode("latin-1")) for value in forwarded)],
    }


def seen(peer: str | None, *forwarded: str) -> str:
    return str(client_address(scope(peer, *forwarded), PROXIES))


def test_client_address_is_the_peer() -> None:
    assert seen("203.0.113.5") == "203.0.113.5"


def test_client_address_of_a_stranger_ignores_what_it_claims() -> None:
    assert seen("203.0.113.5", "10.0.0.1") == "203.0.113.5"


def test_client_address_behind_a_proxy_is_what_the_proxy_saw() -> None:
    assert seen("10.0.0.1", "198.51.100.7") == "198.51.100.7"


def test_client_address_is_not_taken_from_what_the_client_put_before_it() -> None:
    assert seen("10.0.0.1", "10.9.9.9, 192.0.2.1, 198.51.100.7") == "198.51.100.7"


def test_client_address_is_found_behind_several_proxies_and_headers() -> None:
    assert seen("10.0.0.1", "192.0.2.1, 198.51.100.7", "10.0.0.3", "fd00::2") == "198.51.100.7"


def test_client_address_inside_the_trusted_networks_is_the_farthest() -> None:
    assert seen("10.0.0.1", "10.1.1.1, 10.0.0.2") == "10.1.1.1"


@pytest.mark.parametrize("junk", ["unknown", "198.51.100.7, junk", "x" * 10_000, "é", "1.2.3"])
def test_client_address_stops_at_an_entry_that_is_no_address(junk: str) -> None:
    assert seen("10.0.0.1", junk) == "10.0.0.1"


def test_client_address_does_not_read_endless_chains() -> None:
    assert seen("10.0.0.1", ",".join(["192.0.2.1"] + ["10.0.0.1"] * 1000)) == "10.0.0.1"


def test_client_address_is_unknown_without_a_peer() -> None:
    assert client_address(scope(None, "198.51.100.7"), PROXIES) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.5", "203.0.113.5"),
        (" 203.0.113.5:8080 ", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_parse_address_reads_what_peers_and_proxies_write(text: str, address: str) -> None:
    assert parse_address(text) == ip_address(address)


@pytest.mark.parametrize("text", ["", "[", "localhost", "999.1.1.1", ":::", "testclient"])
def test_parse_address_of_something_else_is_none(text: str) -> None:
    assert parse_address(text) is None


def test_is_in_one_of_the_networks() -> None:
    addresses = [ip_address("10.2.3.4"), IPv6Address("fd00::9"), ip_address("11.0.0.1"), None]

    assert [is_in(address, PROXIES) for address in addresses] == [True, True, False, False]


def test_is_in_no_network_when_there_is_none() -> None:
    assert not is_in(ip_address("10.2.3.4"), ())


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (ip_address("203.0.113.5"), "203.0.113.5"),
        (ip_address("2001:db8:1:2:aaaa::1"), "2001:db8:1:2::/64"),
        (ip_address("2001:db8:1:2:bbbb::2"), "2001:db8:1:2::/64"),
        (None, "unknown"),
    ],
)
def test_address_key_counts_an_ipv6_network_as_one(address: Any, key: str) -> None:
    assert address_key(address) == key
