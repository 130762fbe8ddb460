import subprocess
import sys
from datetime import date

import pytest

from ticketing.config.holidays import closed_dates


def test_closed_dates_of_japan_are_its_public_holidays_with_substitutes() -> None:
    # The Cabinet Office's list for 2026, with the citizens' holiday of 22 September and the substitute of 6 May.
    assert closed_dates("JP", [2026]) == [
        date(2026, month, day)
        for month, day in [
            *[(1, 1), (1, 12), (2, 11), (2, 23), (3, 20), (4, 29), (5, 3), (5, 4), (5, 5), (5, 6)],
            *[(7, 20), (8, 11), (9, 21), (9, 22), (9, 23), (10, 12), (11, 3), (11, 23)],
        ]
    ]


def test_closed_dates_of_the_next_year_have_the_substitute_of_a_sunday() -> None:
    assert date(2027, 3, 22) in closed_dates("JP", [2026, 2027])


@pytest.mark.parametrize("country", ["XX", "Japan", "jp"])
def test_closed_dates_of_an_unknown_country_are_refused(country: str) -> None:
    with pytest.raises(LookupError):
        closed_dates(country, [2026])


def test_a_configuration_without_holidays_does_not_load_the_library() -> None:
    code = "\n".join(
        (
            "import sys",
            "from ticketing.config import read_config",
            "read_config(None, None)",
            "print('holidays' in sys.modules)",
        )
    )

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded == "False\n"
