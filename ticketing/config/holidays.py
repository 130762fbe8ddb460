"""Public holidays as dates."""

import re
from collections.abc import Iterable
from datetime import date

_CODE = re.compile(r"[A-Z]{2}")


def closed_dates(country: str, years: Iterable[int]) -> list[date]:
    """The public holidays of a country in some years, substitute holidays included, in order.

    Args:
        country: code of two letters, for example ``JP``.

    Raises:
        LookupError: there is no such country, or its holidays are not known.
    """
    if not _CODE.fullmatch(country):
        raise LookupError(country)
    # Imported here: it takes a tenth of a second, and offices without holidays need none of it.
    from holidays import country_holidays  # noqa: PLC0415

    try:
        return sorted(country_holidays(country, years=years))
    except NotImplementedError as error:
        raise LookupError(country) from error
