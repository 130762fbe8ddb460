"""What docs/ promises is so."""

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import ticketing
from ticketing.hall.refusals import Refusal, UnknownCounter, UnknownService, UnknownTicket

ROOT = Path(__file__).parent.parent
#: These say their refusals on the command line only.
NOT_ON_HTTP = ("ticketing.commands.", "ticketing.demo", "ticketing.staff", "ticketing.devices")
BY_PLACE = {UnknownService, UnknownCounter, UnknownTicket}
#: Made from what Starlette raises.
OF_STARLETTE = {("unknown_path", 404), ("wrong_method", 405)}

Codes = dict[str, set[int]]


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for module in pkgutil.walk_packages(ticketing.__path__, "ticketing."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for each in kind.__subclasses__():
        yield each
        yield from refusals(each)


def refusals_on_http() -> list[type[Refusal]]:
    return [each for each in refusals() if not each.__module__.startswith(NOT_ON_HTTP)]


def problems_in_web() -> Iterator[tuple[str, int]]:
    """Code and status of every Problem that the source of the edge makes with constants."""
    for file in sorted((ROOT / "ticketing" / "web").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                status, code = node.args[:2]
                if isinstance(status, ast.Constant) and isinstance(code, ast.Constant):
                    yield code.value, status.value


def known_codes() -> Codes:
    codes: Codes = defaultdict(set)
    for kind in refusals_on_http():
        codes[kind.code] |= {404, 422} if kind in BY_PLACE else {kind.status}
    for code, status in (*problems_in_web(), *OF_STARLETTE):
        codes[code].add(status)
    return dict(codes)


def documented() -> list[tuple[str, str, str]]:
    text = (ROOT / "docs" / "problems.md").read_text("utf-8")
    return re.findall(r"^\| `(\w+)` \| ([\d, ]+) \| (.+) \|$", text, re.MULTILINE)


def test_problems_lists_every_code_with_its_statuses() -> None:
    listed = {code: {int(each) for each in statuses.split(", ")} for code, statuses, _ in documented()}

    assert listed == known_codes()


def test_problems_are_in_order_and_once() -> None:
    codes = [code for code, _, _ in documented()]

    assert codes == sorted(set(codes))


def test_problems_says_the_sentences_of_refusals() -> None:
    sentences = {code: sentence for code, _, sentence in documented()}

    for kind in refusals_on_http():
        assert " ".join((kind.__doc__ or "").split()) in sentences[kind.code]


def test_every_refusal_has_a_sentence_and_a_code_of_its_own() -> None:
    kinds = refusals_on_http()

    assert all(kind.__doc__ and kind.__doc__.rstrip().endswith(".") for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
