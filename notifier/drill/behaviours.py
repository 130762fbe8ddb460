"""The ways in which a fault server can behave, and how they are written."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

Protocol = Literal["smtp", "http"]

#: Where an SMTP server can go wrong: in place of its answer to the connection, …, to the dot that ends the message.
STAGES = ("connect", "ehlo", "starttls", "mail", "rcpt", "data", "end")

#: What each kind does, by protocol; a number is that answer.
SMTP_KINDS = {
    "ok": "takes everything",
    "down": "nobody listens",
    "hang": "never answers",
    "close": "closes instead of answering",
    "reset": "resets the connection",
    "trickle": "the right answer, one byte every quarter of a second",
    "noise": "the right number, followed by words that nobody can read",
    "garbage": "something that is no answer at all",
    "wrong-code": "a friendly answer to another question",
    "endless": "an answer whose line never ends",
    "half": "half an answer, then the end of the connection",
    "tls-missing": "does not offer encryption",
    "tls-broken": "speaks nonsense in place of the handshake",
    "tls-stranger": "shows a certificate that nobody trusts",
}
HTTP_KINDS = {
    "ok": "takes everything; as LINE does, it answers 409 to a retry key that it has taken before",
    "down": "nobody listens",
    "hang": "never answers",
    "close": "closes instead of answering",
    "reset": "resets the connection",
    "trickle": "the right answer, one byte every quarter of a second",
    "html": "200 with a page, as a proxy does that lets nothing through",
    "huge": "takes it, and answers 200 with a body that never ends",
    "wrong-json": "takes it, and answers 200 with JSON of an unknown form",
    "429-rate": "too many requests, come again in two seconds",
    "429-quota": "this month's messages are used up",
}
#: Where a kind strikes when nothing is said; "" is everywhere.
_USUAL_STAGES = {"trickle": "", "noise": "", "421": "connect", "552": "end", "554": "end"}
_CODES = range(400, 600)


class WrongBehaviour(ValueError):
    """There is no such behaviour; the message says what there is."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What a fault server does from now on."""

    #: A key of the tables above, or an answer's number.
    kind: str = "ok"
    #: SMTP only; "" is everywhere.
    stage: str = ""
    #: Whether the message is taken although the sender is not told so.
    is_taken: bool = False

    def __str__(self) -> str:
        return self.kind + (f"@{self.stage}" if self.stage else "") + ("+taken" if self.is_taken else "")

    @property
    def code(self) -> int | None:
        """The number to answer with, when that is what it does."""
        return int(self.kind) if self.kind.isdigit() else None

    def strikes(self, stage: str) -> bool:
        """Whether the answer at this stage is another than the right one."""
        return self.kind not in ("ok", "down") and self.stage in ("", stage)

    @classmethod
    def read(cls, text: str, protocol: Protocol) -> Self:
        """``KIND[@STAGE][+taken]``, such as ``hang``, ``451@rcpt`` or ``close@end+taken``. Raises WrongBehaviour."""
        rest, plus, taken = text.partition("+")
        kind, at, stage = rest.partition("@")
        known = SMTP_KINDS if protocol == "smtp" else HTTP_KINDS
        is_code = kind.isascii() and kind.isdigit() and int(kind) in _CODES
        if kind not in known and not is_code:
            raise WrongBehaviour(f"{kind!r} is none of {_listed(known)}, or a number such as 451")
        if at and (protocol == "http" or stage not in STAGES):
            raise WrongBehaviour(f"after @ comes {_listed(STAGES)}, and only for smtp")
        if plus and taken != "taken":
            raise WrongBehaviour("after + comes the word taken, or nothing")
        if protocol == "smtp" and not at:
            stage = _USUAL_STAGES.get(kind, "rcpt" if is_code else "connect" if kind in _STRIKING else "")
        return cls(kind, stage, bool(taken))


#: Kinds that strike at one place of the conversation.
_STRIKING = ("hang", "close", "reset", "garbage", "wrong-code", "endless", "half")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
