"""The data map of contacts.sqlite3: what visitors registered, and what is owed to them."""

from ticketing.data_map.model import DAY_KEY, NOBODY, UNTIL_ERASED, Field, Place

_CONTACT_KEY = f"{DAY_KEY} (contact), AES-256-GCM bound to office, day, ticket and channel"
_SETTLED = "[retention] journal_days after its business day (400 by default)"

CONTACTS_FILE = (
    Place(
        name="contacts.sqlite3: contacts",
        about="Where one visitor wants to be alerted: a mail address, a LINE user id or a phone number, nothing else.",
        seen_by=NOBODY,
        kept=UNTIL_ERASED,
        fields={
            "office_id business_day number channel": "whose contact, and its kind",
            "language": "in which language alerts are written",
            "ahead minutes": Field("when the visitor wants the alert", "the visitor of the ticket"),
            "nonce": Field("opens the sealed address", key=_CONTACT_KEY),
            "sealed": Field(
                "the address, to send alerts to",
                "the notifier and the gateway it goes to; the visitor, masked; no member of staff",
                key=_CONTACT_KEY,
            ),
            "address_index": Field("finds this address again on this day", key=f"{DAY_KEY} (index), HMAC"),
            "token_hash": "recognises the link in a mail that erases this contact; SHA-256",
            "registered_at": "when the visitor consented",
        },
    ),
    Place(
        name="contacts.sqlite3: link_codes",
        about="Codes that a visitor sends to the LINE account.",
        seen_by=NOBODY,
        kept="until used or replaced, at the latest until the day's erasure; works for 10 minutes",
        fields={
            "code_hash": Field("recognises the code, then the code of one LINE user", key=f"{DAY_KEY} (link), HMAC"),
            "office_id business_day number": "which ticket it links",
            "language ahead minutes": "how and when the visitor wants the alert",
            "expires_at": "until when it works",
        },
    ),
    Place(
        name="contacts.sqlite3: webhook_events",
        about="Events that LINE delivered, so that none is dealt with twice. Nothing of their content.",
        seen_by=NOBODY,
        kept="until the day's erasure, at most 2 days",
        fields={"event_id seen_at": "LINE's id of the event, and when it came"},
    ),
    Place(
        name="contacts.sqlite3: cursors",
        about="How far the notifier has read each office's journal.",
        seen_by=NOBODY,
        kept="always the last one",
        fields={"office_id seq": "office and place in its journal"},
    ),
    Place(
        name="contacts.sqlite3: notices",
        about="One message owed to the visitor of one ticket, and what became of it. Never an address.",
        seen_by="city IT; how many: metrics and handling report; its own: the visitor of the ticket",
        kept=_SETTLED,
        fields={
            "id": "which message",
            "office_id business_day number": "for which ticket",
            "kind occurrence seq": "why it is owed, so that it is decided once",
            "service counter ahead wait_low wait_high expires_at": "what it tells",
            "channel tried": "how it goes, and ways that were refused",
            "retry_key": "the same on every attempt, so that it arrives once",
            "state outcome attempts": "what became of it; a code, never a server's words",
            "created_at useful_until next_at lease_until settled_at": "when it is tried, and until when it is any use",
        },
    ),
    Place(
        name="contacts.sqlite3: phone_costs",
        about="Text messages and calls handed to the phone's gateway, counted because they cost money.",
        seen_by=NOBODY,
        kept=_SETTLED,
        fields={
            "retry_key": "counts a message once",
            "office_id business_day kind": "what it counts for",
            # Not earlier: the limit of a number would begin anew.
            "number_index": Field(
                "the limit for one number", None, "until the day's erasure, the night after", f"{DAY_KEY} (index), HMAC"
            ),
        },
    ),
    Place(
        name="contacts.sqlite3: erased_days",
        about="Erasures begun: no contact of such a day is taken any more.",
        seen_by=NOBODY,
        kept=_SETTLED,
        fields={
            "office_id business_day started_at": "which erasure",
            "counts key_fingerprint": "what it removed, for its record if a crash cuts it short",
            "canary": Field("must not open any more when it is done", None, "until the erasure is recorded"),
            "is_recorded": "whether its record is written",
        },
    ),
    Place(
        name="contacts.sqlite3: canaries",
        about="A made-up address for each day, sealed as contacts are; it must not open after the erasure. No contact.",
        seen_by=NOBODY,
        kept="until the day's erasure",
        key=_CONTACT_KEY,
        fields={"office_id business_day nonce sealed": "shows that what was sealed cannot be opened any more"},
    ),
)
