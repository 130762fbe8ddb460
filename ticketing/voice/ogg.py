"""Opus audio in Ogg files (RFC 3533, RFC 7845): takes packets out of one, and puts packets of many into a new one."""

import struct
from collections.abc import Iterator, Sequence

#: What one packet lasts; the recorded parts are all made so.
PACKET_SECONDS = 0.02
#: Ticks of the time stamps in such a packet, at Opus' 48 kHz.
_TICKS = 960
#: What a decoder drops at the beginning.
_PRE_SKIP = 312
_MOST_SEGMENTS = 255
_FIRST, _LAST = 2, 4
_SERIAL = 0x6A756E62
_HEAD = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, _PRE_SKIP, 48_000, 0, 0)
_TAGS = b"OpusTags" + struct.pack("<I6sI", 6, b"junban", 0)


def packets_of(file: bytes) -> list[bytes]:
    """The audio packets of an Ogg Opus file, without its two headers. Raises ValueError for anything else."""
    found, rest = [], b""
    for segments, body in _pages(file):
        start = 0
        for length in segments:
            rest += body[start : start + length]
            start += length
            if length < 255:
                found.append(rest)
                rest = b""
    if not found or not found[0].startswith(b"OpusHead"):
        raise ValueError("this is no Opus file")
    return found[2:]


def _pages(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place < len(file):
        if file[place : place + 4] != b"OggS":
            raise ValueError("this is no Ogg file")
        segments = file[place + 27 : place + 27 + file[place + 26]]
        start = place + 27 + len(segments)
        place = start + sum(segments)
        yield segments, file[start:place]


def ogg_file(packets: Sequence[bytes]) -> bytes:
    """An Ogg Opus file of these packets, each of ``PACKET_SECONDS``."""
    pages = [_page([_HEAD], 0, 0, _FIRST), _page([_TAGS], 0, 1, 0)]
    groups = list(_grouped(packets))
    ticks = 0
    for index, group in enumerate(groups):
        ticks += _TICKS * len(group)
        pages.append(_page(group, ticks, index + 2, _LAST if index == len(groups) - 1 else 0))
    return b"".join(pages)


def _grouped(packets: Sequence[bytes]) -> Iterator[list[bytes]]:
    """As many packets as fit on a page each."""
    group: list[bytes] = []
    segments = 0
    for packet in packets:
        needed = len(packet) // 255 + 1
        if segments + needed > _MOST_SEGMENTS:
            yield group
            group, segments = [], 0
        group.append(packet)
        segments += needed
    yield group


def _page(packets: Sequence[bytes], ticks: int, index: int, flags: int) -> bytes:
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, ticks, _SERIAL, index, 0, len(lacing))
    page = head + lacing + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return table


_TABLE = _table()


def _checksum(page: bytes) -> int:
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ _TABLE[value >> 24 ^ byte]
    return value
