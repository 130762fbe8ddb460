"""Which faults are tried on which channel, and what must become of the notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from notifier.drill.behaviours import Behaviour
from ticketing.addresses import ContactChannel

#: at once: sent in spite of it · later: sent when the provider is well again · refused: failed for good, none is sent ·
#: given up: those that it struck failed, because nobody knows whether they were sent ·
#: other way: sent over the ticket's other contact.
Promise = Literal["at once", "later", "refused", "given up", "other way"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One provider's behaviour, and what is promised in spite of it."""

    channel: ContactChannel
    behaviour: Behaviour
    promise: Promise
    #: The server took it and said nothing: only a retry key can keep a repetition from being a second message.
    may_double: bool = False
    #: The tickets have a mail contact as well.
    has_second: bool = False

    @property
    def name(self) -> str:
        return f"{self.channel} {self.behaviour}" + (" with mail" if self.has_second else "")


def _mail(text: str, promise: Promise = "later", *, may_double: bool = False) -> Fault:
    return Fault("email", Behaviour.read(text, "smtp"), promise, may_double)


def _line(text: str, promise: Promise = "later", *, has_second: bool = False) -> Fault:
    return Fault("line", Behaviour.read(text, "http"), promise, has_second=has_second)


def _phone(text: str, promise: Promise = "later") -> Fault:
    return Fault("phone", Behaviour.read(text, "http"), promise)


MAIL: Sequence[Fault] = (
    _mail("ok", "at once"),
    _mail("noise", "at once"),
    _mail("hang@connect"),
    _mail("hang@ehlo"),
    _mail("hang@starttls"),
    _mail("hang@mail"),
    _mail("hang@end"),
    _mail("hang@end+taken", may_double=True),
    _mail("trickle"),
    _mail("reset@connect"),
    _mail("reset@data"),
    _mail("close@end"),
    _mail("close@end+taken", may_double=True),
    _mail("garbage@connect"),
    _mail("garbage@end"),
    _mail("wrong-code@data"),
    _mail("endless@connect"),
    _mail("endless@end"),
    _mail("half@mail"),
    _mail("421"),
    _mail("451"),
    _mail("550", "refused"),
    _mail("552", "refused"),
    _mail("tls-missing"),
    _mail("tls-broken"),
    _mail("tls-stranger"),
    _mail("down"),
)
LINE: Sequence[Fault] = (
    _line("ok", "at once"),
    _line("409", "at once"),
    _line("wrong-json", "at once"),
    _line("hang"),
    _line("hang+taken"),
    _line("trickle"),
    _line("reset"),
    _line("reset+taken"),
    _line("close+taken"),
    _line("html"),
    _line("huge", "at once"),
    _line("429-rate"),
    _line("500"),
    _line("500+taken"),
    _line("503"),
    _line("down"),
    _line("400", "refused"),
    _line("429-quota", "refused"),
    _line("429-quota", "other way", has_second=True),
)
PHONE: Sequence[Fault] = (
    _phone("ok", "at once"),
    _phone("hang", "given up"),
    _phone("hang+taken", "given up"),
    _phone("trickle", "given up"),
    _phone("reset", "given up"),
    _phone("500", "given up"),
    _phone("503"),
    _phone("429-rate"),
    _phone("400", "refused"),
    _phone("down"),
)
EVERY: Sequence[Fault] = (*MAIL, *LINE, *PHONE)
#: What `junban drill` tries when nothing else is asked for; every one of them takes about fifteen seconds.
USUAL = frozenset(
    {
        "email hang@connect", "email hang@end+taken", "email trickle", "email reset@data", "email garbage@connect",
        "email endless@connect", "email 451@rcpt", "email 550@rcpt", "email down",
        "line hang", "line trickle", "line reset+taken", "line html", "line 429-quota with mail", "line down",
        "phone hang", "phone 503",
    }
)  # fmt: skip
