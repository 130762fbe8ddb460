"""How often one stranger may do something: a bounded memory of who did it lately."""

from collections import OrderedDict
from datetime import datetime
from hashlib import sha256
from math import ceil


class Limiter:
    """Lets each key through ``per`` times at once, then once every ``seconds / per``.

    Per key only one time is kept: when its allowance will be whole again (the generic cell rate algorithm). Of more
    than ``most_keys`` keys, the one that was quiet for longest is forgotten. Of a long key only its hash is kept.
    """

    def __init__(self, per: int, seconds: float, most_keys: int = 100_000) -> None:
        if per < 1 or seconds <= 0 or most_keys < 1:
            raise ValueError("A limit needs a count, a time and a number of keys above zero.")
        self._interval = seconds / per
        self._window = seconds
        self._most_keys = most_keys
        self._whole_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._whole_at)

    def take(self, key: str, now: datetime) -> int | None:
        """None: go on. Otherwise it is too often, and may be tried again after so many whole seconds (at least 1)."""
        key = _short(key)
        at = now.timestamp()
        # More than the whole allowance cannot be used up: that time was written by a clock that was ahead.
        used_until = min(max(self._whole_at.get(key, at), at), at + self._window)
        excess = used_until + self._interval - at - self._window
        if excess > 1e-6:
            self._keep(key, used_until)
            return max(1, ceil(excess))
        self._keep(key, used_until + self._interval)
        return None

    def give_back(self, key: str) -> None:
        """Undo one ``take``, for example of a sign-in that turned out to be right."""
        key = _short(key)
        if key in self._whole_at:
            self._whole_at[key] -= self._interval

    def _keep(self, key: str, whole_at: float) -> None:
        self._whole_at[key] = whole_at
        self._whole_at.move_to_end(key)
        if len(self._whole_at) > self._most_keys:
            self._whole_at.popitem(last=False)


def _short(key: str) -> str:
    """A stranger may choose the key, a name for example, and must not choose how much memory it takes."""
    return key if len(key) <= 64 else sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
