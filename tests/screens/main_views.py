"""The pictures of each screen that the README shows; seven have the names of the pictures in docs/screens/before."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class View:
    """A state by its id, and how it is looked at."""

    state: str
    language: str = "ja"
    scheme: Literal["light", "dark"] = "light"
    size: tuple[int, int] | None = None


MAIN_VIEWS = {
    "kiosk-start": View("kiosk-start-busy"),
    "kiosk-number": View("kiosk-issued"),
    "web-start": View("visitor-start"),
    "my-ticket": View("ticket-waiting"),
    "my-ticket-called": View("ticket-ringing"),
    "my-ticket-dark": View("ticket-waiting", scheme="dark"),
    "counter": View("counter-called"),
    "counter-dark": View("counter-called", scheme="dark"),
    "hall": View("hall-now"),
    "hall-charts": View("hall-charts-day"),
    "board": View("board-three calls"),
    "board-announced": View("board-announced"),
    "board-columns": View("board-three columns"),
    "board-portrait": View("board-portrait"),
}
