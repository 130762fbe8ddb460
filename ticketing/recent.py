"""A short memory of what a database said, so that the same question is not asked again within seconds."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Keeps at most ``most`` answers, each for ``seconds``.

    ``epoch`` is read before the database is asked and handed to ``put``: an answer that was fetched while something
    was dropped is not kept, because it may be of the time before.
    """

    def __init__(self, seconds: float = 3.0, most: int = 10_000) -> None:
        self.epoch = 0
        self._seconds = timedelta(seconds=seconds)
        self._most = most
        self._answers: OrderedDict[str, tuple[datetime, V]] = OrderedDict()

    def get(self, key: str, now: datetime) -> V | None:
        kept_at, value = self._answers.get(key, (None, None))
        if kept_at is None or not kept_at <= now < kept_at + self._seconds:
            return None
        return value

    def put(self, key: str, value: V, now: datetime, epoch: int) -> None:
        if epoch != self.epoch:
            return
        self._answers[key] = (now, value)
        self._answers.move_to_end(key)
        if len(self._answers) > self._most:
            self._answers.popitem(last=False)

    def drop(self, is_meant: Callable[[str, V], bool]) -> None:
        """Forget the answers for which ``is_meant(key, value)`` is true."""
        self.epoch += 1
        for key in [key for key, (_, value) in self._answers.items() if is_meant(key, value)]:
            del self._answers[key]
