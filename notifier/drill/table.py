"""How results are told: a line a trial for the terminal, a table for the documentation."""

from collections.abc import Sequence

from notifier.drill.kills import KillResult
from notifier.drill.result import Result

_NAME_WIDTH = 26
_PROMISES = {
    "at once": "sent all the same",
    "later": "sent when it is well again",
    "refused": "failed, and noted so",
    "given up": "failed: nobody knows whether it went out",
    "other way": "sent over the second contact",
}


def line(result: Result) -> str:
    """One trial for the terminal."""
    parts = [
        f"others left in {_seconds(result)}",
        f"meanwhile: {result.during}",
        f"in the end: {result.after}",
        f"doubled {result.doubled + result.others_doubled}",
        f"lost {result.lost}",
    ]
    return f"{result.fault.name:{_NAME_WIDTH}} {' · '.join(parts)} · {verdict(result.problems())}"


def kill_line(result: KillResult) -> str:
    """The kills for the terminal."""
    parts = [f"{channel}: {after}, doubled {result.doubled[channel]}" for channel, after in result.after.items()]
    parts += [f"lost {result.lost}", verdict(list(result.problems()))]
    return f"{f'{result.kills} × SIGKILL':{_NAME_WIDTH}} {' · '.join(parts)}"


def markdown(results: Sequence[Result]) -> str:
    """All trials as a table."""
    rows = [
        "| fault | the others left | its own meanwhile | in the end | doubled | lost | promised |",
        "|---|--:|---|---|--:|--:|---|",
    ]
    rows += [
        f"| {result.fault.name} | {_seconds(result)}{' (slow)' if result.is_slow else ''} | {result.during} | "
        f"{result.after} | {result.doubled} | {result.lost} | "
        f"{_PROMISES[result.fault.promise]}{' **(not kept)**' if result.faults() else ''} |"
        for result in results
    ]
    return "\n".join(rows)


def verdict(problems: Sequence[str]) -> str:
    """``ok``, or what did not hold."""
    return "ok" if not problems else f"NOT OK: {'; '.join(problems)}"


def _seconds(result: Result) -> str:
    return "never" if result.others_seconds is None else f"{result.others_seconds:.1f} s"
