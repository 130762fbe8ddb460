"""The JSON that is answered, as types for /openapi.json."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from ticketing.addresses import ContactChannel
from ticketing.notice import NoticeKind, NoticeState

TicketState = Literal[
    "expected", "waiting", "called", "serving", "held", "absent", "completed", "cancelled", "expired", "closed"
]


class OfficeName(Struct):
    """An office to choose."""

    id: str
    name: str


class Offices(Struct):
    """The offices."""

    offices: list[OfficeName]


class ReasonName(Struct):
    """A code that a clerk or supervisor may choose."""

    code: str
    name: str


class ServiceOffer(Struct):
    """A service as visitors see it; ``public_name`` for all to read; waits in seconds, null when unknown."""

    id: str
    name: str
    public_name: str
    open: bool
    kiosk: bool
    web: bool
    on_web: bool
    arrival_needed: bool
    reason: str | None
    web_reason: str | None
    opens_at: datetime | None
    web_opens_at: datetime | None
    alert_ahead: int
    alert_minutes: int | None
    #: The name of its picture; empty: none.
    icon: str
    waiting_count: int
    wait_low: int | None
    wait_high: int | None


class CounterOffer(Struct):
    """A counter as visitors see it."""

    id: str
    label: str
    open: bool
    services: list[str]


class PrivacyNote(Struct):
    """Who answers for the contacts and who handles them."""

    responsible: str
    handlers: list[str]


class ContactOffer(Struct):
    """Which alerts can be registered, and whom they come from."""

    email: bool
    line: bool
    phone: bool
    #: Which of the two a phone number can be registered for.
    sms: bool
    voice: bool
    #: Who receives phone numbers.
    phone_provider: str | None
    line_account: str | None
    sender: str | None
    #: Who receives mail addresses first, where it has a name.
    relay: str | None
    privacy: PrivacyNote


class BoardColumn(Struct):
    """Services that a board shows in one column."""

    id: str
    name: str
    services: list[str]


class BoardSettings(Struct):
    """How the office's boards sound and read."""

    chime: bool
    languages: list[str]
    #: Neither chime nor voice.
    silent: bool
    #: Languages that calls are spoken in.
    voice: list[str]
    #: There is something to show beside the calls.
    playlist: bool
    #: The way to each counter, where the office names it.
    directions: dict[str, str]
    groups: list[BoardColumn]


class BoardService(Struct):
    """Who waits for a service, as boards show it."""

    id: str
    name: str
    open: bool
    waiting: list[str]
    wait_low: int | None
    wait_high: int | None


class BoardCounter(Struct):
    """Whom a counter calls."""

    id: str
    label: str
    open: bool
    calling: str | None
    called_at: str | None
    call_count: int


class BoardCall(Struct):
    """A call to be announced once, by its seq."""

    seq: int
    number: str
    counter: str
    at: str
    call_count: int
    language: str


class BoardPicture(Struct):
    """Everything a board shows."""

    type: Literal["snapshot"]
    seq: int
    now: str
    office: str
    services: list[BoardService]
    counters: list[BoardCounter]
    absent: list[str]
    notice: str | None
    calls: list[BoardCall]


class KioskSection(Struct):
    """Services that a kiosk shows together; ``icon`` names a picture and may be empty."""

    id: str
    name: str
    icon: str
    services: list[str]


class KioskSettings(Struct):
    """How the office's ticket machines arrange its services."""

    groups: list[KioskSection]
    #: What the office's ticket numbers begin with; empty: digits only.
    prefixes: list[str]


class QrCode(Struct):
    """A QR code without its quiet zone: a row a line, 1 for a dark cell."""

    rows: list[str]


class PlaylistItem(Struct):
    """What a board shows beside the calls; ``text`` by language."""

    id: str
    kind: Literal["image", "video", "text"]
    url: str | None
    text: dict[str, str]
    seconds: int
    weight: int


class PlaylistNow(Struct):
    """What boards show now, and the day that showings count for."""

    business_day: date
    items: list[PlaylistItem]


class Deferral(Struct):
    """How many places "a little late" costs, and how often a ticket may do it."""

    places: int
    times: int


class OfficeView(Struct):
    """An office as visitors see it."""

    id: str
    name: str
    open: bool
    languages: list[str]
    time_zone: str
    business_day: date | None
    closes_at: datetime | None
    notice: str | None
    arrival: list[str]
    deferral: Deferral
    board: BoardSettings
    kiosk: KioskSettings
    reasons: list[ReasonName]
    services: list[ServiceOffer]
    counters: list[CounterOffer]
    contacts: ContactOffer


class TicketCore(Struct):
    """A ticket; position 1 is next, ahead = position - 1, waits in seconds; null when it does not apply."""

    office: str
    number: str
    service: str
    state: TicketState
    language: str
    position: int | None
    ahead: int | None
    wait_low: int | None
    wait_high: int | None
    issued_at: datetime
    business_day: date
    counter: str | None
    called_at: datetime | None
    call_count: int
    deferrals_left: int


class IssuedTicket(TicketCore):
    """A new ticket with its secret, and the link that holds it in the fragment."""

    secret: str
    url: str


class Contact(Struct):
    """A registered contact, never its address."""

    channel: ContactChannel
    masked: str
    ahead: int | None
    minutes: int | None


class Alert(Struct):
    """A message about the ticket and what became of it."""

    kind: NoticeKind
    channel: ContactChannel
    state: NoticeState
    #: It was not sent any more because it would have come too late.
    late: bool
    at: datetime


class VisitorTicket(TicketCore):
    """The visitor's own ticket."""

    #: The one that messages go to first.
    contact: Contact | None
    contacts: list[Contact]
    alerts: list[Alert]


class LineLink(Struct):
    """The code that links a LINE account, and the ways to show it."""

    code: str
    expires_at: datetime
    #: It can be sent to the account as a message.
    by_message: bool
    #: Opens a page in LINE that shows the code; null where there is none.
    liff_url: str | None


class LiffApp(Struct):
    """What the page in LINE needs to begin."""

    liff_id: str
    sdk_url: str
    account: str


class ArrivalCode(Struct):
    """The code that is shown in the hall."""

    code: str
    valid_until: datetime


class QueueTicket(TicketCore):
    """An open ticket as clerks see it."""

    channel: Literal["kiosk", "web", "staff"]
    arrived_at: datetime | None
    first_called_at: datetime | None
    serving_at: datetime | None
    wait_seconds: int
    overtakes: int
    reason: str | None
    transferred_from: str | None
    #: Its place among all who wait, over all services; a counter's order "listed" goes by its services first.
    call_order: int | None


class UndoStep(Struct):
    """The counter's last step, while it can be undone."""

    step: Literal["call", "complete", "no_show"]
    number: str
    until: datetime


class TicketAtCounter(TicketCore):
    """A ticket right behind a counter's verb, with what that counter can take back now."""

    undo: UndoStep | None


class Break(Struct):
    """A counter is closed for a break, and whose it is."""

    since: datetime
    staff: str | None


class CounterView(Struct):
    """A counter as clerks see it."""

    id: str
    label: str
    open: bool
    services: list[str]
    order: Literal["merged", "listed"]
    staff: str | None
    number: str | None
    state: TicketState | None
    undo: UndoStep | None
    on_break: Break | None


class QueueCounter(CounterView):
    """A counter with its visitor: there since when, and how many seconds such a visit usually takes."""

    since: datetime | None
    usual_seconds: int | None


class ServiceSwitches(Struct):
    """What a supervisor switched for a service, and its web tickets today."""

    service: str
    closed: dict[str, str | None]
    quota: int | None
    web_issued: int
    web_open: int


class QueueService(ServiceSwitches):
    """A service as clerks see it; ``wait_target_seconds`` is null without a target, the longest when nobody waits."""

    id: str
    name: str
    wait_target_seconds: int | None
    longest_wait_seconds: int | None


class Queue(Struct):
    """Every open ticket, waiting ones in call order, and the counters."""

    seq: int
    now: datetime
    business_day: date | None
    closed: bool
    #: Who may call a chosen number.
    call_number: Literal["clerk", "supervisor", "off"]
    notice_until: datetime | None
    tickets: list[QueueTicket]
    counters: list[QueueCounter]
    services: list[QueueService]


class Day(Struct):
    """The business day."""

    business_day: date | None
    closes_at: datetime | None
    closed: bool
    notice: str | None
    #: When the message is taken down by itself.
    notice_until: datetime | None


class DayTicket(Struct):
    """One line of the daily list; times are null when it never came to that."""

    number: str
    service: str
    channel: str
    language: str
    state: TicketState
    issued_at: datetime
    position_at_issue: int
    wait_low_at_issue: int | None
    wait_high_at_issue: int | None
    arrived_at: datetime | None
    first_called_at: datetime | None
    called_at: datetime | None
    call_count: int
    serving_at: datetime | None
    served_seconds: float
    counter: str | None
    deferrals: int
    reason: str | None
    ended_at: datetime | None
    ended_by: str | None
    #: The last correction, and what stood there before the first.
    corrected_at: datetime | None
    corrected_by: str | None
    corrected_reason: str | None
    was_state: TicketState | None
    was_service: str | None
    #: From the arrival, or the issue, to the first call; of those who still wait, until now.
    wait_seconds: int | None


class DayTickets(Struct):
    """The daily list in the order of issue."""

    tickets: list[DayTicket]


class Course(Struct):
    """The course of a day, one entry for each quarter of an hour."""

    #: People waiting for their first call at the quarter's end, or now.
    waiting: list[int]
    #: People who began to wait.
    arrivals: list[int]
    #: First calls, and the median wait of those who were called; null when nobody was.
    calls: list[int]
    median_wait_seconds: list[int | None]
    #: First calls of services with a target, and how many of them came within it.
    measured: int
    within_target: int


class ServiceCourse(Course):
    """The course of one service's day."""

    id: str
    name: str
    wait_target_seconds: int | None


class DayQuarters(Struct):
    """The course of a day: of all services together, and of each."""

    business_day: date
    quarter_seconds: int
    #: When each quarter began.
    starts: list[datetime]
    all: Course
    services: list[ServiceCourse]


class PhraseText(Struct):
    """A message that may be put on the boards as it is, by language."""

    code: str
    text: dict[str, str]


class Phrases(Struct):
    """The office's ready messages, and the languages that its boards may show."""

    phrases: list[PhraseText]
    languages: list[str]


class PrintJob(Struct):
    """The latest slip of a ticket; ``settled``: nothing more is to be heard of it."""

    number: str
    copy: int
    printer: str
    kind: Literal["browser", "escpos", "cloudprnt", "epson"] | None
    width_mm: int | None
    state: Literal["queued", "sent", "printed", "failed", "void"]
    problem: str | None
    settled: bool
    asked_at: datetime


class PrinterView(Struct):
    """A printer; ``problem`` is what was wrong when it was last heard of."""

    id: str
    kind: Literal["browser", "escpos", "cloudprnt", "epson"]
    seen_at: datetime | None
    problem: str | None


class Printers(Struct):
    """The printers of an office, and the open tickets whose slip did not come out."""

    printers: list[PrinterView]
    failed: list[PrintJob]


class Session(Struct):
    """Who is signed in."""

    name: str
    roles: list[str]
    offices: list[str]


class EnrolledDevice(Struct):
    """What this browser is now."""

    id: str
    kind: Literal["kiosk", "board"]
    office: str


class AuditEntry(Struct):
    """One operation."""

    id: int
    at: datetime
    who: str
    address: str | None
    what: str
    target: str | None
    office: str | None
    result: str


class AuditEntries(Struct):
    """The record of operations, oldest first; the next page begins after ``last_id``."""

    entries: list[AuditEntry]
    last_id: int


class Health(Struct):
    """Whether it is well, and if not, why."""

    status: Literal["ok", "failing"]
    problems: list[str]


class ProblemDetails(Struct, kw_only=True):
    """An error (RFC 9457); ``code`` is stable, and further members name the facts."""

    type: str
    title: str
    status: int
    detail: str
    code: str
