"""Whether a channel gets through at present: how many messages may be tried, and what operations are told."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from ticketing.attention import Attention
from ticketing.clock import Clock

logger = logging.getLogger(__name__)

#: Rest after the first failure; it doubles with each further one.
FIRST_REST_SECONDS = 2.0
LONGEST_REST_SECONDS = 30.0
#: Rests are spread by the jitter from half to one and a half.
LEAST_JITTER, MOST_JITTER = 0.5, 1.5
#: Operations are told at most once in so many seconds.
TELL_EVERY_SECONDS = 60.0


class Reach:
    """What is known of one channel's other side.

    While it is out of reach one message after a rest finds out whether it is back; the others wait in the outbox
    and lose no attempt.
    """

    def __init__(self, name: str, clock: Clock, jitter: Callable[[], float], attention: Attention) -> None:
        self._name = name
        self._clock = clock
        self._jitter = jitter
        self._attention = attention
        #: Nothing got through since an attempt that failed or was cut short; the next message finds out.
        self.is_in_doubt = False
        #: Failures in a row.
        self._failures = 0
        self._out_since: datetime | None = None
        self._rests_until: datetime | None = None
        self._told_at: datetime | None = None
        self._untold = 0

    @property
    def is_surely_out(self) -> bool:
        """It failed, and failed again when it was tried after a rest."""
        return self._failures > 1

    def room(self, most: int, under_way: int) -> int:
        """How many more messages may be begun now."""
        if self._rests_at(self._clock.now()):
            return 0
        return max(0, (1 if self._failures else most) - under_way)

    def works(self) -> None:
        """A message got through, or was answered."""
        if self._out_since is not None and self.is_surely_out:
            seconds = (self._clock.now() - self._out_since).total_seconds()
            logger.warning("%s: notices get through again, after %.0f s", self._name, seconds)
        self._failures, self._out_since, self._rests_until = 0, None, None
        self.is_in_doubt = False

    def stays_open(self) -> None:
        """A message's own time ran out before the channel's deadline, which says nothing about the other side."""
        self.is_in_doubt = True

    def fails(self, code: str) -> datetime:
        """Nothing gets through; answers when to try again."""
        self.is_in_doubt = True
        now = self._clock.now()
        if self._rests_until is not None and self._rests_at(now):
            # Was under way already when another one failed: the same failure.
            return self._rests_until
        self._failures += 1
        self._out_since = self._out_since or now
        seconds = min(FIRST_REST_SECONDS * 2.0 ** (self._failures - 1), LONGEST_REST_SECONDS)
        self._rests_until = now + timedelta(seconds=seconds * (LEAST_JITTER + self._jitter()))
        if self.is_surely_out:
            self._tell(f"notices do not get through ({code}); they wait as long as they are of use")
        return self._rests_until

    def _rests_at(self, now: datetime) -> bool:
        # A clock that was ahead and is set back must not draw a rest out.
        longest = timedelta(seconds=LONGEST_REST_SECONDS * MOST_JITTER)
        return self._rests_until is not None and now < self._rests_until <= now + longest

    def needs_operations(self, code: str) -> None:
        """Somebody has to put something right; counted always, logged once in a while."""
        self._attention.note(self._name, code)
        self._tell(f"somebody must put something right ({code})")

    def _tell(self, sentence: str) -> None:
        now = self._clock.now()
        if self._told_at is not None and now < self._told_at + timedelta(seconds=TELL_EVERY_SECONDS):
            self._untold += 1
            return
        logger.warning("%s: %s; %d more failures since the last warning", self._name, sentence, self._untold)
        self._told_at, self._untold = now, 0
