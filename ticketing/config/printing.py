"""What an office prints on its slips, and on which printers."""

from ticketing.config.model import PRINTER_KINDS, Printer, Slip
from ticketing.config.office_checks import refuse_repeated
from ticketing.config.secret import NO_SECRET, Secret
from ticketing.config.table import Table, text_problem
from ticketing.tokens import is_printer_token

_LONGEST_NOTE = 120
_WIDTHS = (80, 58)


def read_slips(offices: list[Table], languages: tuple[str, ...]) -> dict[str, Slip]:
    """The slip of each office, by its id."""
    return {office.text("id"): _slip(office.table("slip"), languages) for office in offices}


def _slip(table: Table, languages: tuple[str, ...]) -> Slip:
    tables = table.tables("printer")
    printers = tuple(_printer(each) for each in tables)
    refuse_repeated(tables, "id", [printer.id for printer in printers], "printer")
    return Slip(note=_note(table.table("note"), languages), printers=printers)


def _note(table: Table, languages: tuple[str, ...]) -> dict[str, str]:
    notes = {language: table.text(language) for language in languages if table.has(language)}
    for language, note in notes.items():
        if text_problem(note, _LONGEST_NOTE) and not text_problem(note):
            table.refuse(language, f"is longer than {_LONGEST_NOTE} characters")
    return {language: note for language, note in notes.items() if note}


def _printer(table: Table) -> Printer:
    default = Printer(id="", kind="browser")
    printer = Printer(
        id=table.identifier(),
        kind=table.choice("kind", default.kind, PRINTER_KINDS),
        width_mm=_width(table),
        kiosks=table.texts("kiosks"),
        wait_seconds=table.integer("wait_seconds", default.wait_seconds, 2, 60),
        host=table.text("host"),
        port=table.integer("port", default.port, 1, 65_535),
        has_status=table.flag("has_status", default.has_status),
        token=table.secret("token"),
    )
    _check(table, printer)
    return printer


def _width(table: Table) -> int:
    width = table.integer("width_mm", _WIDTHS[0], min(_WIDTHS), max(_WIDTHS))
    if width not in _WIDTHS:
        table.refuse("width_mm", f"{width} is not one of 80 and 58")
    return width


def _check(table: Table, printer: Printer) -> None:
    if printer.kind == "escpos" and not printer.host:
        table.refuse("host", "an escpos printer is reached over the network, so name its host")
    if printer.kind != "escpos" and printer.host:
        table.refuse("host", f"goes with escpos; a printer of kind {printer.kind} has none")
    if printer.is_fetching:
        _check_token(table, printer.token)
    elif printer.token != NO_SECRET:
        table.refuse("token", f"goes with cloudprnt and epson; a printer of kind {printer.kind} has none")


def _check_token(table: Table, token: Secret) -> None:
    if not token:
        table.refuse("token", "the printer proves with it who it is; it is missing")
    elif not is_printer_token(token.reveal()):
        table.refuse("token", "must be 22 to 30 letters, digits, - and _, made at random, so that nobody can guess it")
