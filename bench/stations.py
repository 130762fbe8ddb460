"""A small discrete-event simulation: stations with servers and a queue, and a disk that syncs for all who wait."""

import heapq
from collections import deque
from collections.abc import Callable

Then = Callable[[], None]


class Simulation:
    """Simulated time, and what is to happen in it."""

    def __init__(self) -> None:
        self.now = 0.0
        self._coming: list[tuple[float, int, Then]] = []
        self._order = 0

    def at(self, time: float, then: Then) -> None:
        """What is due at the same time happens in the order in which it was said."""
        self._order += 1
        heapq.heappush(self._coming, (time, self._order, then))

    def after(self, seconds: float, then: Then) -> None:
        self.at(self.now + seconds, then)

    def run(self, until: float) -> None:
        """Up to a time; what would happen later does not."""
        while self._coming and self._coming[0][0] <= until:
            self.now, _, then = heapq.heappop(self._coming)
            then()
        self.now = until


class Station:
    """Servers that take one job after the other, whoever waits longest first."""

    def __init__(self, simulation: Simulation, servers: int = 1) -> None:
        self.servers = servers
        #: Server seconds worked so far, and jobs that were taken.
        self.worked = 0.0
        self.taken = 0
        self.most_waiting = 0
        self._simulation = simulation
        self._busy = 0
        self._waiting: deque[tuple[float, Then]] = deque()

    def ask(self, seconds: float, then: Then) -> None:
        """A job of so many seconds; ``then`` happens at its end."""
        if self._busy < self.servers:
            self._take(seconds, then)
        else:
            self._waiting.append((seconds, then))
            self.most_waiting = max(self.most_waiting, len(self._waiting))

    def utilisation(self, seconds: float) -> float:
        """The part of its servers' time that was worked."""
        return self.worked / (self.servers * seconds)

    def _take(self, seconds: float, then: Then) -> None:
        self._busy += 1
        self.taken += 1
        self.worked += seconds

        def end() -> None:
            self._busy -= 1
            if self._waiting:
                self._take(*self._waiting.popleft())
            then()

        self._simulation.after(seconds, end)


class Disk:
    """One sync at a time, for everybody who asked before it began."""

    def __init__(self, simulation: Simulation, sync_seconds: float) -> None:
        self.syncs = 0
        self.worked = 0.0
        self._simulation = simulation
        self._sync_seconds = sync_seconds
        self._waiting: list[Then] = []
        self._is_busy = False

    def sync(self, then: Then) -> None:
        self._waiting.append(then)
        if not self._is_busy:
            self._begin()

    def utilisation(self, seconds: float) -> float:
        return self.worked / seconds

    def _begin(self) -> None:
        together, self._waiting = self._waiting, []
        self._is_busy = True
        self.syncs += 1
        self.worked += self._sync_seconds

        def end() -> None:
            self._is_busy = False
            if self._waiting:
                self._begin()
            for then in together:
                then()

        self._simulation.after(self._sync_seconds, end)
