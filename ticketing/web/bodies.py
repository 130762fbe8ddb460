"""The JSON that requests carry, checked field by field."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

ID_PATTERN = "^[a-z0-9-]{1,32}$"
#: Without control characters but the line feed.
PLAIN_PATTERN = r"^[^\x00-\x09\x0b-\x1f\x7f]*$"
NUMBER_PATTERN = "^[A-Z]{0,3}[0-9]{1,9}$"

Id = Annotated[str, Meta(pattern=ID_PATTERN)]
Number = Annotated[str, Meta(pattern=NUMBER_PATTERN)]
Language = Annotated[str, Meta(pattern="^[A-Za-z0-9-]{1,35}$")]
Ahead = Annotated[int, Meta(ge=0, le=99)]
Minutes = Annotated[int, Meta(ge=0, le=600)]
TravelMinutes = Annotated[int, Meta(ge=0, le=180)]
Finish = Literal["complete", "no_show"]


class Nothing(Struct, forbid_unknown_fields=True):
    """No fields."""


class IssueBody(Struct, forbid_unknown_fields=True):
    """A ticket to take."""

    service: Id
    language: Language | None = None
    #: Which hat the browser wears when it has several; without it the first of kiosk, staff, web that it has.
    via: Literal["web", "kiosk", "staff"] | None = None


class ArriveBody(Struct, forbid_unknown_fields=True):
    """The code that is shown in the hall."""

    code: Annotated[str, Meta(max_length=16)] | None = None


class PrintBody(Struct, forbid_unknown_fields=True):
    """A slip to print; ``failed``: the kiosk's own browser could not print it."""

    failed: bool = False


class ReprintBody(Struct, forbid_unknown_fields=True):
    """A slip to print once more; without a printer where it came from the last time."""

    printer: Id | None = None


class Thresholds(Struct, forbid_unknown_fields=True, kw_only=True):
    """When to be alerted; neither: as the service has it."""

    language: Language | None = None
    ahead: Ahead | None = None
    minutes: Minutes | None = None
    #: How long the way here takes; it is reckoned into ``minutes`` and not kept.
    travel_minutes: TravelMinutes | None = None


class ContactBody(Thresholds, kw_only=True, forbid_unknown_fields=True):
    """Where to be alerted. ``consent`` says that the consent text was shown and agreed to."""

    channel: Literal["email", "phone"]
    address: Annotated[str, Meta(min_length=1, max_length=320)]
    consent: bool
    #: Of a phone: a spoken call instead of a text message.
    voice: bool = False


class LineLinkBody(Thresholds, kw_only=True, forbid_unknown_fields=True):
    """A LINE account is to be linked."""

    consent: bool


class LiffBody(Struct, forbid_unknown_fields=True):
    """The code of a ticket, and LINE's word for who shows it."""

    code: Annotated[str, Meta(min_length=1, max_length=32)]
    id_token: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_=-]{1,4096}(\.[A-Za-z0-9_=-]{1,4096}){2}$")]


class SignInBody(Struct, forbid_unknown_fields=True):
    """An account and its password."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    password: Annotated[str, Meta(min_length=1, max_length=1024)]


class EnrolBody(Struct, forbid_unknown_fields=True):
    """The code of an invitation."""

    code: Annotated[str, Meta(min_length=1, max_length=200)]


class VerbBody(Struct, forbid_unknown_fields=True):
    """The ticket that is meant; the verb is refused if it is another by now."""

    number: Number | None = None


class CloseCounterBody(Struct, forbid_unknown_fields=True):
    """Why the counter is left."""

    reason: Literal["break"] | None = None


class CallNextBody(Struct, forbid_unknown_fields=True):
    """Of these services only; and what becomes of the visitor who is still at the counter."""

    services: Annotated[list[Id], Meta(min_length=1, max_length=100)] | None = None
    finish: Finish | None = None
    #: Only this one is finished; refused if another ticket is there by now.
    finish_number: Number | None = None


class CallBody(Struct, forbid_unknown_fields=True):
    """A chosen number."""

    number: Number
    finish: Finish | None = None
    #: Only this one is finished; refused if another ticket is there by now.
    finish_number: Number | None = None


class HoldBody(VerbBody, forbid_unknown_fields=True):
    """A code of the office's list of reasons."""

    reason: Id | None = None


class TransferBody(VerbBody, kw_only=True, forbid_unknown_fields=True):
    """Where the visitor is sent, and a code of the office's list of reasons."""

    service: Id
    reason: Id | None = None


class ResumeBody(Struct, forbid_unknown_fields=True):
    """Where the visitor is served."""

    counter: Id


class SwitchBody(Struct, forbid_unknown_fields=True):
    """Which channels of a service are switched."""

    channels: Literal["kiosk", "web", "both"] = field(name="for")
    reason: Id | None = None


class OpenBody(Struct, forbid_unknown_fields=True):
    """Which channels of a service are opened."""

    channels: Literal["kiosk", "web", "both"] = field(name="for")


class QuotaBody(Struct, forbid_unknown_fields=True):
    """Web tickets a day; null: no limit."""

    quota: Annotated[int, Meta(ge=0, le=100_000)] | None


class NoticeBody(Struct, forbid_unknown_fields=True):
    """The message on all boards; null takes it down. With ``until`` it is taken down by itself at that time."""

    text: Annotated[str, Meta(max_length=300, pattern=PLAIN_PATTERN)] | None
    until: Annotated[datetime, Meta(tz=True)] | None = None


class CorrectBody(Struct, forbid_unknown_fields=True):
    """How a ticket really ended, or for which service, and why that is said: a code of the office's list."""

    reason: Id
    state: Literal["completed", "absent", "cancelled"] | None = None
    service: Id | None = None
    #: Of which day the number is, for numbers come again every day; refused if the office has another by now.
    business_day: date | None = None
    #: What was seen on record; refused if it is something else by now.
    seen_state: Literal["completed", "absent", "cancelled", "expired"] | None = None
    seen_service: Id | None = None


class PlaysBody(Struct, forbid_unknown_fields=True):
    """How often a board has shown each item since its page was opened, on one day."""

    business_day: date
    #: Chosen by the page when it is opened; what the same page says later replaces what it said before.
    run: Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
    shown: Annotated[dict[Id, Annotated[int, Meta(ge=0, le=28_800)]], Meta(max_length=200)]


class ExtendBody(Struct, forbid_unknown_fields=True):
    """When the day ends, with a zone."""

    until: Annotated[datetime, Meta(tz=True)]
