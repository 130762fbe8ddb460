"""What the commands that read an office's day, or a period, have in common."""

import argparse
from datetime import date

from ticketing.commands.operation import UnknownOffice
from ticketing.config import Config
from ticketing.hall.office import Office
from ticketing.hall.refusals import Refusal


class UnknownDay(Refusal):
    """The office has no record of that day."""

    code = "unknown_day"
    status = 404


class WrongPeriod(Refusal):
    """The last day of the period lies before the first."""

    code = "wrong_period"


def day(text: str) -> date:
    """A date argument."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written like 2026-09-03") from None


def office_of(config: Config, office_id: str) -> Office:
    """Raises UnknownOffice."""
    office = config.office(office_id)
    if office is None:
        raise UnknownOffice
    return office
