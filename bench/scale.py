"""How much is measured: by default well under four minutes, or a few seconds to see that everything works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of the benchmark."""

    rounds: int = 5
    clients: tuple[int, ...] = (1, 8, 64, 256)
    #: Of each measurement, and before it.
    seconds: float = 0.8
    warm_up_seconds: float = 0.15
    #: Tickets that wait in every office before calls are measured.
    waiting: int = 1500
    boards: int = 1000
    #: Calls that boards are shown in each round.
    calls: int = 8
    starts: int = 5
    #: Calls from a clerk's key to the board's pixels.
    shown_calls: int = 40
    #: Visitors who register a mail address; each is owed two notices.
    registrations: int = 2_000
    #: Notices that wait for a stuck provider, and for the other one.
    pending: int = 1_000


#: For the figures in full: some minutes more.
FULL = Scale(registrations=10_000)
QUICK = Scale(
    rounds=1, clients=(1, 8), seconds=0.1, warm_up_seconds=0.02, waiting=250, boards=20, calls=3, starts=1,
    registrations=40, pending=20, shown_calls=3,
)  # fmt: skip
