"""Network printers, each a real socket."""

import asyncio
import socket

import pytest
from PIL import Image

from tests.ticketing.slips.fake_printer import PAPER_OUT, fake_printer
from ticketing.slips import network
from ticketing.slips.network import CannotPrint, PrinterAway, print_slip

SLIP = Image.new("1", (576, 300), 1)


async def printed(port: int, *, has_status: bool = True, may_send: bool = True) -> bool | None:
    return await asyncio.to_thread(print_slip, "127.0.0.1", port, has_status, SLIP, lambda: may_send)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(network, "PRINT_SECONDS", 0.3)


async def test_slip_is_sent_as_a_picture_and_cut_and_confirmed() -> None:
    async with fake_printer() as printer:
        assert await printed(printer.port) is True

    # Two pieces of 576 dots, 256 and 44 rows high.
    assert printer.got.count(b"\x1dv0\x00\x48\x00\x00\x01") == 1
    assert printer.got.count(b"\x1dv0\x00\x48\x00\x2c\x00") == 1
    assert printer.cuts == 1


async def test_printer_without_paper_is_sent_nothing() -> None:
    async with fake_printer(status=PAPER_OUT) as printer:
        with pytest.raises(CannotPrint, match="paper_out"):
            await printed(printer.port)

    assert printer.cuts == 0


@pytest.mark.parametrize(
    ("status", "problem"),
    [({2: 0x16, 3: 0x12, 4: 0x12}, "cover_open"), ({2: 0x12, 3: 0x1A, 4: 0x12}, "cutter"),
     ({2: 0x52, 3: 0x32, 4: 0x12}, "printer_error")],
)  # fmt: skip
async def test_printer_says_why_it_cannot_print(status: dict[int, int], problem: str) -> None:
    async with fake_printer(status=status) as printer:
        with pytest.raises(CannotPrint, match=problem):
            await printed(printer.port)


async def test_paper_that_ends_in_the_middle_is_told() -> None:
    async with fake_printer(stands_still=True, later_status=PAPER_OUT) as printer:
        with pytest.raises(CannotPrint, match="paper_out"):
            await printed(printer.port)


async def test_printer_that_hangs_before_anything_is_sent_is_away() -> None:
    async with fake_printer(is_mute=True) as printer:
        with pytest.raises(PrinterAway):
            await printed(printer.port)

    assert printer.cuts == 0


async def test_printer_that_nobody_listens_for_is_away() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(PrinterAway):
            await printed(taken.getsockname()[1])


async def test_printer_that_goes_away_half_way_leaves_it_open() -> None:
    async with fake_printer(ends_after=200) as printer:
        with pytest.raises(OSError):
            await printed(printer.port)


async def test_printer_that_hangs_after_the_slip_leaves_it_open() -> None:
    async with fake_printer(stands_still=True) as printer:
        with pytest.raises(TimeoutError):
            await printed(printer.port)


async def test_printer_that_answers_nothing_is_sent_the_slip_where_it_is_known_to_be_mute() -> None:
    async with fake_printer(is_mute=True) as printer:
        assert await printed(printer.port, has_status=False) is None
        while not printer.cuts:
            await asyncio.sleep(0.01)


async def test_nothing_is_sent_when_somebody_else_has_sent_it() -> None:
    async with fake_printer() as printer:
        assert await printed(printer.port, may_send=False) is False

    assert printer.cuts == 0
