"""One message of each kind, about a ticket of a made-up office."""

from dataclasses import replace
from datetime import UTC, date, datetime

from ticketing.hall.office import Counter, Office, Series, Service
from ticketing.notice import Notice

AT = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)
URL = "https://queue.city.example.jp"
OFFICE = Office(
    id="minato",
    names={"ja": "みなと区役所", "en": "Minato Ward Office"},
    time_zone="Asia/Tokyo",
    series=(Series("a", "A", 1, 999),),
    services=(
        Service(
            "divorce", {"ja": "離婚届", "en": "Divorce"}, "a", public_names={"ja": "戸籍", "en": "Family register"}
        ),
    ),
    counters=(Counter("1", "3番窓口", ("divorce",)),),
)
NEAR = Notice(
    id=1, office_id="minato", day=date(2026, 9, 3), number="A012", kind="turn_near", occurrence="divorce", seq=5,
    service="divorce", ahead=3, wait_low=290, wait_high=601, channel="email", created_at=AT, useful_until=AT,
    retry_key="", attempts=1, tried=(),
)  # fmt: skip
CALLED = replace(NEAR, kind="called", service=None, counter="1", ahead=None, wait_low=None, wait_high=None)
AGAIN, ABSENT = replace(CALLED, kind="called_again"), replace(CALLED, kind="absent")
WITHDRAWN = replace(CALLED, kind="call_withdrawn")
CLOSED = replace(CALLED, kind="closed", counter=None)
CANCELLED = replace(CLOSED, kind="cancelled")
EXPIRY = replace(CLOSED, kind="expiry_near", expires_at=datetime(2026, 9, 3, 1, 5, 59, tzinfo=UTC))
EXPIRY_SOON = replace(EXPIRY, expires_at=None)
#: One of each kind, and both ways in which a ticket expires.
EVERY = (NEAR, CALLED, AGAIN, ABSENT, WITHDRAWN, EXPIRY, EXPIRY_SOON, CLOSED, CANCELLED)
KINDS = {"ids": lambda each: each.kind if isinstance(each, Notice) else ""}


def with_names(office: str, counter: str) -> Office:
    """The office under another name in both languages, and its counter."""
    return replace(OFFICE, names={"ja": office, "en": office}, counters=(Counter("1", counter, ("divorce",)),))
