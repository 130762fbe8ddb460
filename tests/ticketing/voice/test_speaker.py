import pytest

from ticketing.voice.ogg import PACKET_SECONDS, ogg_file, packets_of
from ticketing.voice.reading import SPOKEN, reading
from ticketing.voice.speaker import parts_of, spoken_call


def seconds(packets: list[bytes]) -> float:
    return len(packets) * PACKET_SECONDS


@pytest.mark.parametrize("language", SPOKEN)
def test_a_spoken_call_is_its_parts_in_order(language: str) -> None:
    parts = parts_of(language)

    packets = packets_of(spoken_call(language, "A152", "3", False))

    assert packets == [packet for name in reading(language, "A152", "3", False) for packet in parts[name]]
    assert 3 < seconds(packets) < 8


@pytest.mark.parametrize("language", SPOKEN)
def test_every_part_lasts_as_long_as_somebody_speaks(language: str) -> None:
    lengths = {name: seconds(packets) for name, packets in parts_of(language).items()}

    assert [name for name, length in lengths.items() if not 0.1 <= length <= 4] == []
    assert lengths["pause"] < 0.2
    # Every packet is of 20 ms (RFC 6716, section 3.1), so the length of a call is their count.
    kinds = {packet[0] >> 3 for packets in parts_of(language).values() for packet in packets}
    assert kinds <= {1, 5, 9, 13, 15, 19, 23, 27, 31}


def test_the_same_call_is_made_once() -> None:
    assert spoken_call("ja", "A1", "3", False) is spoken_call("ja", "A1", "3", False)


def test_a_file_of_many_packets_is_read_as_it_was_written() -> None:
    packets = [bytes([index % 256]) * (index % 600) for index in range(1, 2000)]

    assert packets_of(ogg_file(packets)) == packets


@pytest.mark.parametrize("content", [b"RIFFxxxxWAVE", b"OggS", b""])
def test_what_is_no_opus_file_is_refused(content: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        packets_of(content)
