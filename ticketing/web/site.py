"""What every request handler works with, put together once."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from ticketing.attention import Attention
from ticketing.audit import Audit
from ticketing.clock import Clock, rfc3339
from ticketing.config import Config
from ticketing.contacts import Contacts
from ticketing.desk import Desk
from ticketing.desks import Desks
from ticketing.devices import Devices
from ticketing.hall.view import Json
from ticketing.journal.base import Journal
from ticketing.limits import Limiter
from ticketing.line_links import LineLinks
from ticketing.live import Live
from ticketing.notices import Notices
from ticketing.playlist import Playlists
from ticketing.plays import Plays
from ticketing.recent import Recent
from ticketing.sessions import Sessions
from ticketing.slips.printing import Printing
from ticketing.staff import Staff
from ticketing.ticket_secrets import TicketSecrets
from ticketing.web.problems import Problem

_HOUR = timedelta(hours=1).total_seconds()


@dataclass(slots=True)
class Limits:
    """How often strangers may do what costs others something."""

    tickets_by_browser: Limiter
    tickets_by_address: Limiter
    #: Nobody can have the city write to strangers in bulk …
    contacts_by_address: Limiter
    #: … least of all where it costs money and rings.
    phones_by_address: Limiter
    sign_ins_by_address: Limiter
    sign_ins_by_name: Limiter
    #: Four digits are soon guessed; nobody needs many tries to copy them from a board.
    arrival_codes: Limiter = field(default_factory=lambda: Limiter(per=5, seconds=300))
    contacts_by_ticket: Limiter = field(default_factory=lambda: Limiter(per=10, seconds=_HOUR))
    enrolments_by_address: Limiter = field(default_factory=lambda: Limiter(per=20, seconds=_HOUR))
    #: A console reads its queue all day; the record of operations says so once in a while.
    queue_views: Limiter = field(default_factory=lambda: Limiter(per=1, seconds=600))

    #: A board tells once a minute what it has shown.
    plays_by_device: Limiter = field(default_factory=lambda: Limiter(per=180, seconds=_HOUR))

    #: A flood of sign-ins leaves one line a minute and address in the record of operations.
    refused_sign_ins: Limiter = field(default_factory=lambda: Limiter(per=1, seconds=60))
    #: Idempotency keys that a web ticket was taken with: to ask again takes none.
    answered_keys: Recent[bool] = field(default_factory=lambda: Recent(seconds=_HOUR, most=100_000))

    @classmethod
    def of(cls, config: Config) -> "Limits":
        security = config.security
        return cls(
            tickets_by_browser=Limiter(per=security.tickets_per_browser_hour, seconds=_HOUR),
            tickets_by_address=Limiter(per=security.tickets_per_address_hour, seconds=_HOUR),
            contacts_by_address=Limiter(per=2 * security.tickets_per_address_hour, seconds=_HOUR),
            phones_by_address=Limiter(per=config.phone.registrations_per_address_hour, seconds=_HOUR),
            sign_ins_by_address=Limiter(per=security.sign_in_attempts_minute, seconds=60),
            sign_ins_by_name=Limiter(per=security.sign_in_attempts_minute, seconds=60),
        )


@dataclass(slots=True, kw_only=True)
class Site:
    """One running Junban, as its handlers see it."""

    config: Config
    clock: Clock
    journal: Journal
    desks: Desks
    live: Live
    secrets: TicketSecrets
    contacts: Contacts
    line_links: LineLinks
    notices: Notices
    staff: Staff
    sessions: Sessions
    devices: Devices
    audit: Audit
    limits: Limits
    printing: Printing
    plays: Plays
    playlists: Playlists = field(default_factory=Playlists)
    #: Contacts that should be gone are still there, so no new ones are taken.
    is_erasure_overdue: bool = False
    #: What the channels needed operations for.
    attention: Attention = field(default_factory=Attention)

    def desk(self, office_id: str) -> Desk:
        """Raises Problem 404."""
        desk = self.desks.get(office_id)
        if desk is None:
            raise Problem(404, "unknown_office", "There is no such office.")
        return desk

    def cookie(self, name: str) -> str:
        """A cookie's full name; the prefix makes browsers insist on TLS, this host and the whole site."""
        return f"__Host-junban_{name}" if self.config.server.is_secure else f"junban_{name}"

    async def extras(self, office_id: str, day: date, number: str) -> Json:
        """What a visitor is shown beside the ticket: the contacts, masked, and the alerts."""
        masked = await self.contacts.masked(office_id, day, number)
        alerts = await self.notices.for_ticket(office_id, day, number)
        contacts = [
            {"channel": each.channel, "masked": each.masked, "ahead": each.ahead, "minutes": each.minutes}
            for each in masked
        ]
        return {
            "contact": contacts[0] if contacts else None,
            "contacts": contacts,
            "alerts": [
                {
                    "kind": each.kind,
                    "channel": each.channel,
                    "state": each.state,
                    "late": each.is_late,
                    "at": rfc3339(each.at),
                }
                for each in alerts
            ],
        }
