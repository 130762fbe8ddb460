"""The colours: every text and every edge of a control can be told from what is behind it, in each set of tokens."""

import re
from pathlib import Path

import pytest

from kiosk_ui import ROOT
from kiosk_ui.loading import styles_of

CSS = ROOT / "css"
DEMO = ROOT.parent / "ticketing" / "demo" / "site" / "demo.css"
SHEETS = [*sorted(CSS.glob("*.css")), DEMO]
PAGES = sorted((ROOT / "pages").glob("*.html"))
#: Paper is white and ink is black, whatever the screen looks like.
OF_PAPER = {"slip.css"}
TEXT, EDGE, BEST = 4.5, 3.0, 7.0

#: What is written on what. The bar's texts, a call's, a warning's and a state's have grounds of their own.
TEXTS = [
    *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("paper", "card")),
    *((ink, "accent-soft") for ink in ("ink", "accent-deep")),
    *((ink, ground) for ink in ("accent", "accent-deep", "call", "good", "warn") for ground in ("paper", "card")),
    ("ink", "call-soft"), ("call", "call-soft"), ("ink", "good-soft"), ("good", "good-soft"), ("ink", "warn-soft"),
    ("on-accent", "accent"), ("on-accent", "accent-deep"), ("on-call", "call"), ("on-call", "call-deep"),
    ("on-good", "good"), ("on-warn", "warn-soft"), ("on-bar", "bar"), ("on-bar", "bar-hover"), ("bar", "on-bar"),
    ("bar-good", "bar"), ("bar-warn", "bar"),
]  # fmt: skip
EDGES = [
    *((edge, ground) for edge in ("line-strong", "accent", "call", "good", "focus") for ground in ("paper", "card")),
    ("bar-edge", "bar"), ("bar-focus", "bar"), ("focus", "accent-soft"),
]  # fmt: skip
BOARD_TEXTS = [
    *((ink, ground) for ink in ("ink", "ink-soft") for ground in ("paper", "card", "foot")),
    ("call", "card"), ("on-call", "call"), ("on-old", "old"), ("on-old", "old-deep"), ("paper", "ink"),
]  # fmt: skip
BOARD_EDGES = [("line-strong", "paper"), ("call", "paper"), ("focus", "paper"), ("call-edge", "paper"), ("ink", "card")]

_ROOT_RULE = re.compile(r"(:root[^{]*)\{([^}]*)\}")
_TOKEN = re.compile(r"--([\w-]+):\s*([^;]+);")
_RAW = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|:\s*(?:white|black|red|green|blue|gr[ae]y)\b")


def sets(name: str) -> list[dict[str, str]]:
    """The token sets of a sheet, each over the first."""
    found = [dict(_TOKEN.findall(body)) for _, body in _ROOT_RULE.findall((CSS / name).read_text("utf-8"))]
    whole = [tokens for tokens in found if "paper" in tokens]
    return [whole[0] | tokens for tokens in whole]


def light_of(colour: str) -> float:
    assert re.fullmatch(r"#[0-9a-f]{6}", colour), colour
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((light_of(one), light_of(other)))
    return (light + 0.05) / (dark + 0.05)


def too_weak(tokens: dict[str, str], pairs: list[tuple[str, str]], least: float) -> list[str]:
    measured = [(ink, ground, contrast(tokens[ink], tokens[ground])) for ink, ground in pairs]
    return [f"{ink} on {ground}: {found:.2f}" for ink, ground, found in measured if found < least]


@pytest.mark.parametrize(("number", "least"), list(enumerate([TEXT, TEXT, BEST])), ids=["light", "dark", "high"])
def test_everything_on_the_pages_can_be_told_apart(number: int, least: float) -> None:
    tokens = sets("base.css")[number]

    assert too_weak(tokens, TEXTS, least) == []
    assert too_weak(tokens, EDGES, EDGE) == []


@pytest.mark.parametrize("number", [0, 1], ids=["dark", "light"])
def test_everything_on_the_board_can_be_told_apart(number: int) -> None:
    tokens = sets("base.css")[0] | sets("board.css")[number]

    assert too_weak(tokens, BOARD_TEXTS, TEXT) == []
    assert too_weak(tokens, BOARD_EDGES, EDGE) == []


def test_a_contrast_that_is_known() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("sheet", [path for path in SHEETS if path.name not in OF_PAPER], ids=lambda path: path.name)
def test_colours_are_named(sheet: Path) -> None:
    """A colour outside the tokens would stay as it is in the dark."""
    without_tokens = _ROOT_RULE.sub("", sheet.read_text("utf-8"))
    rules = re.sub(r"/\*.*?\*/", "", without_tokens, flags=re.DOTALL)

    assert _RAW.findall(rules) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_tokens_that_are_used_exist(sheet: Path) -> None:
    """On every page that loads the sheet: a page's sheets share their tokens."""
    loading = [styles_of(page.stem) for page in PAGES if f"css/{sheet.name}" in styles_of(page.stem)]
    used = {name for name in re.findall(r"var\(--([\w-]+)\)", sheet.read_text("utf-8")) if not name.startswith("font-")}
    for styles in loading or [["css/base.css"]]:
        beside = [sheet.read_text("utf-8"), *((ROOT / each).read_text("utf-8") for each in styles)]
        known = {name for text in beside for name, _ in _TOKEN.findall(text)} | {"font"}

        assert used - known == set(), styles
