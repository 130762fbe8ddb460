"""Offices with printers, for the tests of slips."""

from pathlib import Path
from typing import Any

from tests.ticketing.web.edge import config_in
from ticketing.config import Config
from ticketing.config.model import Printer, Slip
from ticketing.config.secret import Secret

TOKEN = "pr1nter-token-0123456789"
STAR = Printer(id="star", kind="cloudprnt", token=Secret(TOKEN))
EPSON = Printer(id="epson", kind="epson", width_mm=58, token=Secret(TOKEN))
BROWSER = Printer(id="own", kind="browser")


def with_printers(folder: Path, *printers: Printer, **changes: Any) -> Config:
    """The office ward prints on these."""
    return config_in(folder, slips={"ward": Slip(printers=printers)}, **changes)


def escpos(port: int, **changes: Any) -> Printer:
    return Printer(id="hall", kind="escpos", host="127.0.0.1", port=port, **changes)
