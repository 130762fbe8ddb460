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


QUICK = Scale(
    rounds=1, clients=(1, 8), seconds=0.1, warm_up_seconds=0.02, waiting=250, boards=20, calls=3, starts=1
)  # fmt: skip
