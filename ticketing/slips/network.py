"""Prints over the network with ESC/POS: the slip as a picture, a cut, and what the printer says of it."""

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from PIL import Image

if TYPE_CHECKING:
    from escpos.printer import Network

#: Seconds until a printer is taken to be away, or to hang.
CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 2.0
#: Seconds until a slip is out after all of it was sent.
PRINT_SECONDS = 20.0
#: Rows of dots sent at once, so that a small buffer does not overflow.
ROWS_AT_ONCE = 256
#: Real-time status, each with a bit and what it means; they are answered at once, also by a printer that stands still.
_OFFLINE_CAUSE, _ERROR_CAUSE, _PAPER = b"\x10\x04\x02", b"\x10\x04\x03", b"\x10\x04\x04"
_CHECKS = (
    (_PAPER, 0x60, "paper_out"),
    (_OFFLINE_CAUSE, 0x20, "paper_out"),
    (_OFFLINE_CAUSE, 0x04, "cover_open"),
    (_ERROR_CAUSE, 0x08, "cutter"),
    (_ERROR_CAUSE, 0x60, "printer_error"),
    (_OFFLINE_CAUSE, 0x40, "printer_error"),
)
#: Answered only when all before it is printed.
_ASK_IN_TURN = b"\x1dr\x01"
#: No answer ends in a byte with other than this in its fixed bits.
_FIXED_MASK, _FIXED = 0x93, 0x12


class PrinterAway(Exception):
    """Nothing has left for the printer, for it cannot be reached or does not answer."""


class CannotPrint(Exception):
    """The printer says why nothing comes out; the message is a code."""


def load() -> Any:
    """The class that prints; to load it, a list of all the world's printers is read, so only where one is used."""
    from escpos.printer import Network  # noqa: PLC0415

    return Network


class _Socket(Protocol):
    def settimeout(self, seconds: float) -> None: ...


def print_slip(host: str, port: int, has_status: bool, slip: Image.Image, may_send: Callable[[], bool]) -> bool | None:
    """Connects, looks whether the printer can print, then sends; to be run in a thread.

    Args:
        may_send: asked right before anything is sent; False: somebody else has sent it.

    Returns:
        True: it is printed; None: it was sent, and the printer says nothing; False: it was not to be sent.

    Raises:
        PrinterAway: nothing was sent.
        CannotPrint: the printer says that it is not printed.
        TimeoutError, OSError: it was sent at least in part, and it is not known what became of it.
    """
    printer = load()(host, port=port, timeout=CONNECT_SECONDS)
    try:
        _open(printer)
        if has_status:
            _check_before(printer)
        if not may_send():
            return False
        _send(printer, slip)
        return _is_printed(printer) if has_status else None
    finally:
        printer.close()


def _open(printer: "Network") -> None:
    # Its own way to connect leaves the socket open when that fails.
    try:
        printer.device = socket.create_connection((printer.host, printer.port), CONNECT_SECONDS)
    except OSError as error:
        raise PrinterAway("it cannot be reached") from error


def _check_before(printer: "Network") -> None:
    try:
        problem = _problem(printer)
    except OSError as error:
        raise PrinterAway("it does not answer") from error
    if problem is not None:
        raise CannotPrint(problem)


def _problem(printer: "Network") -> str | None:
    """What keeps the printer from printing, as it says. Raises OSError."""
    _wait_at_most(printer, ANSWER_SECONDS)
    answers: dict[bytes, int] = {}
    for query, bit, problem in _CHECKS:
        if query not in answers:
            answers[query] = _answer(printer, query)
        if answers[query] & bit:
            return problem
    return None


def _answer(printer: "Network", query: bytes) -> int:
    printer._raw(query)
    answer = printer._read()
    if not answer:
        raise ConnectionResetError("the printer closed the connection")
    if answer[-1] & _FIXED_MASK != _FIXED:
        raise ConnectionAbortedError("this is no status of a printer")
    return int(answer[-1])


def _send(printer: "Network", slip: Image.Image) -> None:
    _wait_at_most(printer, PRINT_SECONDS)
    printer.hw("INIT")
    printer.image(slip, impl="bitImageRaster", fragment_height=ROWS_AT_ONCE)
    printer.cut(mode="PART")


def _is_printed(printer: "Network") -> bool:
    """Waits for the printer's word. Raises CannotPrint and OSError."""
    _wait_at_most(printer, PRINT_SECONDS)
    try:
        printer._raw(_ASK_IN_TURN)
        if printer._read():
            return True
    except TimeoutError:
        # It stands still; why, it may still tell.
        if (problem := _problem(printer)) is not None:
            raise CannotPrint(problem) from None
        raise
    raise ConnectionResetError("the printer closed the connection")


def _wait_at_most(printer: "Network", seconds: float) -> None:
    device: _Socket = printer.device
    device.settimeout(seconds)
