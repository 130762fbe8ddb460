"""What every channel can do: send one message to one contact, or say why not."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ticketing.contacts import Contact


class SendError(Exception):
    """The message was not accepted.

    The message is a short code such as ``smtp_550`` and never holds an address. ``permanent``: no further attempt at
    this contact can succeed. ``retry_after_seconds``: the other side said when to come again. ``needs_operations``:
    it is not about this contact; somebody has to put it right (a quota used up, a token refused). ``is_outage``:
    nothing gets through at present and the other side has taken nothing of this message; the attempt does not count.
    """

    def __init__(
        self,
        message: str,
        permanent: bool,
        *,
        retry_after_seconds: float | None = None,
        needs_operations: bool = False,
        is_outage: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.permanent = permanent
        self.retry_after_seconds = retry_after_seconds
        self.needs_operations = needs_operations
        self.is_outage = is_outage


@dataclass(frozen=True, slots=True)
class Message:
    """The words for one contact."""

    text: str = field(repr=False)
    #: When it was decided; the same on every attempt.
    created_at: datetime
    #: For channels that have one.
    subject: str = ""
    #: Where one click erases the contact; None: the channel has its own way.
    unsubscribe_url: str | None = field(default=None, repr=False)


class Channel(Protocol):
    """A way to reach visitors."""

    @property
    def deadline_seconds(self) -> float:
        """How long one message may take."""
        ...

    async def send(self, contact: Contact, message: Message, retry_key: str, deadline_seconds: float) -> None:
        """Hand the message over within the deadline.

        ``retry_key`` is a UUID, the same on every attempt, by which the other side may know a repetition.
        Raises SendError, and nothing else for whatever the other side does.
        """
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...
