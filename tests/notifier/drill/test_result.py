from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from notifier.drill.behaviours import Behaviour
from notifier.drill.faults import Fault
from notifier.drill.kills import KillResult
from notifier.drill.ledger import Ledger
from notifier.drill.office import Fate
from notifier.drill.result import Result, Tally, lost, tally
from notifier.drill.table import kill_line, line, markdown

AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
LATER = Fault("email", Behaviour("hang", "mail"), "later")
GOOD = Result(
    fault=LATER, count=10, others_seconds=1.25, during=Tally(open=10), after=Tally(sent=10), others=Tally(sent=20),
    doubled=0, others_doubled=0, lost=0, taken=10, by_second=0,
)  # fmt: skip
KILLED = KillResult(
    kills=3,
    count=5,
    after={"email": Tally(sent=5), "line": Tally(sent=5), "phone": Tally(sent=3, failed=2)},
    doubled={"email": 1, "line": 0, "phone": 0},
    lost=0,
)


def fault(promise: Any, **more: bool) -> Fault:
    return replace(LATER, promise=promise, **more)


@pytest.mark.parametrize(
    "result",
    [
        GOOD,
        replace(GOOD, fault=fault("later", may_double=True), doubled=3),
        replace(GOOD, fault=fault("at once"), during=Tally(sent=10)),
        replace(GOOD, fault=fault("refused"), after=Tally(failed=10), taken=0),
        replace(GOOD, fault=fault("given up"), after=Tally(sent=6, failed=4)),
        replace(GOOD, fault=fault("other way"), by_second=10),
    ],
)
def test_result_that_is_as_promised_has_no_problems(result: Result) -> None:
    assert result.problems() == []


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (replace(GOOD, others_seconds=None), "not all notices of the other channels left: sent 20"),
        (replace(GOOD, others_seconds=5.1), "the other channels' notices took longer than 5 s"),
        (replace(GOOD, others_doubled=1), "messages were doubled on channels that were well"),
        (replace(GOOD, lost=2), "2 were lost"),
        (replace(GOOD, doubled=1), "1 were doubled"),
        (replace(GOOD, after=Tally(sent=9, open=1)), "in the end they should have been: sent 10"),
        (replace(GOOD, after=Tally(sent=9, dropped=1)), "in the end they should have been: sent 10"),
        (replace(GOOD, during=Tally(sent=1, open=9)), "1 were noted as sent while nothing could be"),
        (replace(GOOD, fault=fault("refused"), taken=0), "in the end they should have been: failed 10"),
        (
            replace(GOOD, fault=fault("refused"), after=Tally(failed=10), taken=1),
            "1 that were noted as failed had been taken",
        ),
        (
            replace(GOOD, fault=fault("given up")),
            "in the end they should have been failed, or sent when it was well again",
        ),
        (replace(GOOD, fault=fault("other way"), by_second=9), "only 9 went to the second contact"),
    ],
)
def test_result_says_what_did_not_hold(result: Result, problem: str) -> None:
    assert result.problems() == [problem]


def test_time_is_judged_only_at_the_number_that_it_is_promised_for() -> None:
    crowd = replace(GOOD, count=2000, others_seconds=9.0, after=Tally(sent=2000), during=Tally(open=2000))

    assert crowd.problems() == []


def test_tally_counts_the_given_tickets_by_state() -> None:
    states = {"M1": "sent", "M2": "pending", "M3": "sending", "M4": "failed", "M5": "dropped", "L1": "sent"}
    fates = [Fate(number, f"key-{number}", "email", state, AT) for number, state in states.items()]

    assert tally(fates, {"M1", "M2", "M3", "M4", "M5"}) == Tally(sent=1, failed=1, dropped=1, open=2)


def test_lost_is_what_is_nowhere_and_what_nobody_took() -> None:
    fates = [
        Fate("M1", "one", "email", "sent", AT),
        Fate("M2", "two", "email", "sent", AT),
        Fate("M3", "three", "email", "failed", AT),
    ]

    assert lost(fates, 4, {"email": Ledger(taken=Counter(["one"]))}) == 2


def test_kills_that_lose_nothing_have_no_problems() -> None:
    assert list(KILLED.problems()) == []


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (replace(KILLED, lost=1), "1 were lost"),
        (replace(KILLED, doubled={"email": 0, "line": 2, "phone": 0}), "2 were doubled on line"),
        (replace(KILLED, doubled={"email": 0, "line": 0, "phone": 1}), "1 were doubled on phone"),
        (
            replace(KILLED, after=KILLED.after | {"line": Tally(sent=4, failed=1)}),
            "in the end all 5 of line should have been sent: sent 4, failed 1",
        ),
        (
            replace(KILLED, after=KILLED.after | {"phone": Tally(sent=4, open=1)}),
            "in the end all 5 of phone should have been sent: sent 4, pending 1",
        ),
    ],
)
def test_kills_say_what_did_not_hold(result: KillResult, problem: str) -> None:
    assert list(result.problems()) == [problem]


def test_line_tells_a_trial_in_one_line() -> None:
    assert line(replace(GOOD, doubled=1)) == (
        "email hang@mail            others left in 1.2 s · meanwhile: pending 10 · in the end: sent 10 · doubled 1 · "
        "lost 0 · NOT OK: 1 were doubled"
    )


def test_line_tells_the_kills() -> None:
    assert kill_line(KILLED) == (
        "3 × SIGKILL                email: sent 5, doubled 1 · line: sent 5, doubled 0 · "
        "phone: sent 3, failed 2, doubled 0 · lost 0 · ok"
    )


def test_markdown_has_a_row_for_each_trial() -> None:
    results = [GOOD, replace(GOOD, others_seconds=6.0), replace(GOOD, lost=1, others_seconds=None)]

    assert markdown(results).splitlines()[2:] == [
        "| email hang@mail | 1.2 s | pending 10 | sent 10 | 0 | 0 | sent when it is well again |",
        "| email hang@mail | 6.0 s (slow) | pending 10 | sent 10 | 0 | 0 | sent when it is well again |",
        "| email hang@mail | never | pending 10 | sent 10 | 0 | 1 | sent when it is well again **(not kept)** |",
    ]
