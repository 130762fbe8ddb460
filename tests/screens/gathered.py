"""All states of all pages, gathered from the modules of this folder that name some."""

from importlib import import_module
from pathlib import Path

from tests.screens.stage import LANGUAGES, State


def all_states() -> list[State]:
    modules = [import_module(f"tests.screens.{path.stem}") for path in sorted(Path(__file__).parent.glob("*.py"))
               if "STATES" in path.read_text("utf-8") and path.stem not in {"stage", "gathered", "conftest"}
               and not path.stem.startswith("test_")]  # fmt: skip
    states = [state for module in modules for state in getattr(module, "STATES", [])]
    assert len({state.id for state in states}) == len(states), "two states have one name"
    return states


def is_public(state: State) -> bool:
    return state.languages == LANGUAGES


def is_phone(state: State) -> bool:
    """Pages of visitors' own phones: they must do with 320 px, and with text at 200 %."""
    return is_public(state) and state.size[0] <= 480


def is_touch(state: State) -> bool:
    return is_public(state)


def is_staff(state: State) -> bool:
    return state.page in {"counter", "hall"}
