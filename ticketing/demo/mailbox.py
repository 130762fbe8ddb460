"""What the demonstration's mail server, LINE endpoint and phone gateway received, in memory only."""

import hashlib
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

MOST_MESSAGES = 200
MOST_RETRY_KEYS = 2000
MOST_TEXT = 5000

#: Made-up people with LINE, by the key of their name in the texts; LINE knows a person by such an id.
LINE_USERS = {name: f"U{hashlib.sha256(f'junban {name}'.encode()).hexdigest()[:32]}" for name in ("hana", "ken", "mei")}


@dataclass(frozen=True, slots=True)
class Received:
    """One message that arrived."""

    id: int
    channel: Literal["mail", "line", "sms", "voice"]
    to: str = field(repr=False)
    at: datetime
    subject: str = field(repr=False)
    text: str = field(repr=False)
    #: Where the mail says that one click erases the contact.
    unsubscribe_url: str | None = field(default=None, repr=False)


class Mailbox:
    """The newest messages, and what LINE remembers of its users and of retry keys."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._messages: deque[Received] = deque(maxlen=MOST_MESSAGES)
        self._count = 0
        #: Made-up people who blocked the account; LINE accepts messages to them and delivers none.
        self.blocked: set[str] = set()
        self._accepted: OrderedDict[str, str] = OrderedDict()

    def newest(self) -> list[Received]:
        """The messages, newest first."""
        return list(reversed(self._messages))

    def add_mail(self, to: str, subject: str, text: str, unsubscribe_url: str | None) -> None:
        self._add("mail", to, subject, text, unsubscribe_url)

    def add_line(self, to: str, text: str) -> None:
        if to not in self.blocked:
            self._add("line", to, "", text, None)

    def add_phone(self, channel: Literal["sms", "voice"], to: str, text: str) -> None:
        self._add(channel, to, "", text, None)

    def _add(
        self,
        channel: Literal["mail", "line", "sms", "voice"],
        to: str,
        subject: str,
        text: str,
        unsubscribe_url: str | None,
    ) -> None:
        self._count += 1
        message = Received(self._count, channel, to, self._now(), subject, text[:MOST_TEXT], unsubscribe_url)
        self._messages.append(message)

    def accepted_as(self, retry_key: str) -> str | None:
        """The request that was accepted under this retry key."""
        return self._accepted.get(retry_key)

    def remember(self, retry_key: str, request_id: str) -> None:
        self._accepted[retry_key] = request_id
        while len(self._accepted) > MOST_RETRY_KEYS:
            self._accepted.popitem(last=False)
