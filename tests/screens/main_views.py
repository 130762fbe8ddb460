"""The pictures of each screen that the README shows; the files' names are those of the pictures before."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class View:
    state: str
    language: str = "ja"
    scheme: Literal["light", "dark"] = "light"
    size: tuple[int, int] | None = None


MAIN_VIEWS = {
    "board": View("board-three calls"),
    "board-announced": View("board-announced"),
}
