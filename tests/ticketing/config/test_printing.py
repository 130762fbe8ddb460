"""Printers and the small print, as the file has them."""

from collections.abc import Callable

import pytest

from ticketing.config.model import Config, Printer, Slip
from ticketing.config.secret import Secret
from ticketing.config.show import show

TOKEN = "pr1nter-token-0123456789"


def with_slip(example: str, *lines: str) -> str:
    note = "[office.slip.note]\n"
    before, _, after = example.rpartition(note)
    return before + "\n".join(("[[office.slip.printer]]", *lines)) + "\n" + note + after


def test_printers_are_read(read: Callable[[str], Config], example: str) -> None:
    lines = ('id = "hall"', 'kind = "escpos"', 'host = "192.0.2.20"', "width_mm = 58", 'kiosks = ["k1"]')

    config = read(with_slip(example, *lines).replace('#ja = ""', 'ja = "住民異動の方は本人確認書類をお持ちください。"'))

    hall = Printer(id="hall", kind="escpos", width_mm=58, kiosks=("k1",), host="192.0.2.20")
    note = {"ja": "住民異動の方は本人確認書類をお持ちください。"}
    assert config.slip("sakura") == Slip(note=note, printers=(hall,))
    assert config.slip("nowhere") == Slip()


def test_token_is_not_shown(read: Callable[[str], Config], example: str) -> None:
    config = read(with_slip(example, 'id = "star"', 'kind = "cloudprnt"', f'token = "{TOKEN}"'))

    assert config.slip("sakura").printers[0].token == Secret(TOKEN)
    assert TOKEN not in "\n".join(show(config))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (('kind = "escpos"',), "host: an escpos printer is reached over the network, so name its host"),
        (('kind = "browser"', 'host = "a"'), "host: goes with escpos; a printer of kind browser has none"),
        (('kind = "epson"',), "token: the printer proves with it who it is; it is missing"),
        (('kind = "browser"', f'token = "{TOKEN}"'),
         "token: goes with cloudprnt and epson; a printer of kind browser has none"),
        (('kind = "epson"', 'token = "guessable"'),
         "token: must be 22 to 30 letters, digits, - and _, made at random, so that nobody can guess it"),
        (('kind = "browser"', "width_mm = 70"), "width_mm: 70 is not one of 80 and 58"),
    ],
)  # fmt: skip
def test_mistake_is_refused_at_its_path(
    problems: Callable[[str], list[str]], example: str, lines: tuple[str, ...], problem: str
) -> None:
    assert problems(with_slip(example, 'id = "hall"', *lines)) == [f"office[0].slip.printer[0].{problem}"]
