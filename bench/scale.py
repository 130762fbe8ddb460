"""How much is measured: by default in six minutes, or a few seconds to see that everything works."""

from dataclasses import dataclass

#: What can be measured by itself, in the order in which it is measured.
PARTS = (
    "journal", "issue", "issue-postgres", "open-loop", "slow-disk", "call-next", "day", "boards", "stalled", "visitors",
    "wake-up", "start", "history", "queue-length", "costs", "notices", "process", "pages", "pixels",
)  # fmt: skip


#: Those that drive Chromium; their tests are their own.
IN_BROWSER = ("pages", "pixels")


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of the benchmark."""

    rounds: int = 5
    clients: tuple[int, ...] = (1, 64)
    #: Of each measurement, and before it.
    seconds: float = 0.7
    warm_up_seconds: float = 0.15
    #: Tickets that wait in every office before calls are measured.
    waiting: int = 1500
    boards: tuple[int, ...] = (1000,)
    #: Calls that boards are shown in each round.
    calls: int = 6
    starts: int = 5
    #: Calls from a clerk's key to the board's pixels.
    shown_calls: int = 40
    #: Visitors who register a mail address; each is owed two notices.
    registrations: int = 1_000
    #: Notices that wait for a stuck provider, and for the other one.
    pending: int = 1_000
    #: Tickets of each round that are committed one by one.
    single_commits: int = 400
    #: The open loop: requests a second, and of each round.
    open_rate: int = 1_000
    open_seconds: float = 2.0
    #: Visitors who follow their tickets, over 20 offices; seconds in which each office has a change a second.
    visitors: int = 2_000
    changes: int = 6
    #: Tickets in the journal from days before, and events of the day that a start reads again.
    history: int = 60_000
    day_events: int = 5_000
    #: How many wait while a command's cost is taken.
    queues: tuple[int, ...] = (50, 500, 4_000)
    #: Wake-ups of another process in each round.
    wake_ups: int = 200
    #: How many visitors the simulated days have, and how many of them come in a second.
    day_visitors: tuple[int, ...] = (740, 7_400)
    day_rate: int = 185


#: For the figures in full: about forty minutes.
FULL = Scale(
    clients=(1, 8, 64, 256), seconds=1.0, calls=8, registrations=10_000, boards=(1_000, 10_000), open_seconds=10.0,
    visitors=10_000, changes=20, history=3_350_000, wake_ups=1_000, day_visitors=(740, 74_000),
)  # fmt: skip
QUICK = Scale(
    rounds=1, clients=(1, 8), seconds=0.1, warm_up_seconds=0.02, waiting=250, boards=(20,), calls=3, starts=1,
    registrations=40, pending=20, single_commits=20, open_rate=200, open_seconds=0.2, visitors=40, changes=2,
    history=400, queues=(20, 60), day_events=200, wake_ups=10, day_visitors=(40,), day_rate=200,
    shown_calls=3,
)  # fmt: skip
