"""What a visitor proves a ticket with: a secret for one ticket of one day, and the hall's arrival code."""

import base64
import hmac
import re
import time
from datetime import date, datetime

from ticketing.keys import DayKeys, derive
from ticketing.ticket_ref import TicketRef

#: An arrival code is shown for this long, and taken for as long again.
ARRIVAL_CODE_SECONDS = 300
#: A secret is made with a key that was there this long ago; before it is believed the key's file is looked at.
KEY_KNOWN_SECONDS = 1.0
_MAC_BYTES = 16
_SECRET = re.compile(r"([a-z0-9-]{1,32})\.(\d{4})(\d{2})(\d{2})\.([A-Z]{0,3}\d{1,9})\.([A-Za-z0-9_-]{22})", re.ASCII)


class TicketSecrets:
    """Makes and checks secrets with the day keys; none is stored, and none outlives its day's key."""

    def __init__(self, keys: DayKeys) -> None:
        self._keys = keys
        #: By office: the day, the ticket key, how secrets of that day begin, and until when (monotonic seconds) the
        #: key's file need not be looked at again.
        self._ticket_keys: dict[str, tuple[date, bytes, str, float]] = {}

    def make(self, office_id: str, day: date, number: str) -> str:
        """The secret of a ticket: its office, day and number, and a 128-bit MAC under the day's key."""
        _, key, begin, _ = self._ticket_key(office_id, day)
        return _with_mac(key, begin + number)

    def is_ready(self, office_id: str, day: date) -> bool:
        """Whether secrets of the day were made here already."""
        known = self._ticket_keys.get(office_id)
        return known is not None and known[0] == day

    def prepare(self, office_id: str, day: date) -> None:
        """Sees to it that secrets of the day can be made. Raises KeyFileError."""
        self._ticket_key(office_id, day)

    def _ticket_key(self, office_id: str, day: date) -> tuple[date, bytes, str, float]:
        known, now = self._ticket_keys.get(office_id), time.monotonic()
        if known is None or known[0] != day or known[3] <= now:
            key = derive(self._keys.key(office_id, day), b"ticket")
            known = (day, key, f"{office_id}.{day:%Y%m%d}.", now + KEY_KNOWN_SECONDS)
            self._ticket_keys[office_id] = known
        return known

    def read(self, secret: str) -> TicketRef | None:
        """The ticket that a secret is for; None when it is not genuine or its day was erased."""
        match = _SECRET.fullmatch(secret)
        if match is None:
            return None
        office_id, year, month, day_of_month, number, _ = match.groups()
        try:
            day = date(int(year), int(month), int(day_of_month))
        except ValueError:
            return None
        key = self._keys.existing(office_id, day)
        if key is None or not hmac.compare_digest(secret, _with_mac(derive(key, b"ticket"), secret.rpartition(".")[0])):
            return None
        return TicketRef(office_id, day, number)

    def body_mac(self, office_id: str, day: date, body: bytes, *, may_make: bool) -> bytes | None:
        """A keyed hash of a request's body, for idempotency keys; None: the day has no key, and none may be made."""
        key = self._keys.key(office_id, day) if may_make else self._keys.existing(office_id, day)
        return None if key is None else hmac.digest(derive(key, b"body"), body, "sha256")

    def arrival_code(self, office_id: str, day: date, at: datetime) -> tuple[str, int]:
        """The four digits shown in the hall now, and for how many more seconds."""
        window, spent = divmod(int(at.timestamp()), ARRIVAL_CODE_SECONDS)
        return self._code(office_id, day, window), ARRIVAL_CODE_SECONDS - spent

    def is_arrival_code(self, office_id: str, day: date, at: datetime, code: str) -> bool:
        """Whether it is the code shown now or the one shown before."""
        window = int(at.timestamp()) // ARRIVAL_CODE_SECONDS
        codes = [self._code(office_id, day, each) for each in (window, window - 1)]
        return any(hmac.compare_digest(code.encode(), each.encode()) for each in codes)

    def _code(self, office_id: str, day: date, window: int) -> str:
        mac = hmac.digest(derive(self._keys.key(office_id, day), b"arrival"), str(window).encode(), "sha256")
        return f"{int.from_bytes(mac[:8]) % 10_000:04d}"


def _with_mac(ticket_key: bytes, claim: str) -> str:
    mac = hmac.digest(ticket_key, claim.encode(), "sha256")[:_MAC_BYTES]
    return f"{claim}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
