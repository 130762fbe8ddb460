"""What a fault server was given: counted by message, in memory only."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Ledger:
    """A message is known by its retry key; addresses and texts are not kept."""

    #: How often each message was taken, whatever was answered then.
    taken: Counter[str] = field(default_factory=Counter)
    #: How often each message was taken and the sender was told so.
    confirmed: Counter[str] = field(default_factory=Counter)
    #: Messages that came in whole and were not taken.
    turned_away: Counter[str] = field(default_factory=Counter)
    connections: int = 0

    def take(self, key: str, *, is_confirmed: bool) -> None:
        """The message is the server's from now on."""
        self.taken[key] += 1
        self.confirmed[key] += is_confirmed

    def turn_away(self, key: str) -> None:
        """It came in whole, and it is still the sender's."""
        self.turned_away[key] += 1

    @property
    def doubled(self) -> int:
        """How many more were taken than there are messages."""
        return self.taken.total() - len(self.taken)

    def summary(self) -> str:
        """One line for the terminal."""
        return (
            f"connections {self.connections} · taken {len(self.taken)} · confirmed {len(self.confirmed)} · "
            f"turned away {self.turned_away.total()} · doubled {self.doubled}"
        )
