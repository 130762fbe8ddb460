"""The data map of junban.sqlite3: the journal, the daily lists, accounts and records. No contact is in it."""

from ticketing.data_map.model import DAY_KEY, FOR_GOOD, JOURNAL, NOBODY, PRIVACY, Field, Place

_STAFF = "supervisors of the office (daily list), city IT"
_REQUESTS = "until the day's erasure"
_CHAIN = "shows that no record was changed, removed or inserted"

MAIN_FILE = (
    Place(
        name="junban.sqlite3: events",
        about="The journal: what happened to tickets and counters, and who did it. Never a contact.",
        seen_by="city IT; what follows from it: clerks, boards, and the visitor of a ticket",
        kept=JOURNAL,
        fields={
            "office_id": "whose journal",
            "seq": "order of the events",
            "business_day": "day of the office",
            "at": "when it happened",
            "kind data": "what happened; the fields are listed by kind of event below",
            "command_id": Field("so that no command is carried out twice", NOBODY),
            "scope": Field("whose idempotency key: account, device, or hash of a cookie", NOBODY, _REQUESTS),
            "idempotency_key": Field("finds the first answer when a request is repeated", NOBODY, _REQUESTS),
            "body_mac": Field(
                "refuses the same idempotency key with another body", NOBODY, _REQUESTS, f"{DAY_KEY} (body), HMAC"
            ),
            "answer": Field("the first answer, given again; without secret and contact", NOBODY, _REQUESTS),
        },
    ),
    Place(
        name="junban.sqlite3: tickets",
        about="One row for each ticket, for lists and statistics. Nothing in it says who the visitor is.",
        seen_by=_STAFF,
        kept="[retention] journal_days after its business day (400 by default)",
        fields={
            "office_id business_day number": "which ticket",
            "service channel language": "what it was taken for, how, and in which language its visitor is spoken to",
            "state counter": "where it is, or how it ended",
            "issue_seq": "its place in the order of issue",
            "issued_at position_at_issue wait_low_at_issue wait_high_at_issue": "what its visitor was told at issue",
            "arrived_at first_called_at called_at call_count serving_at served_seconds": "statistics",
            "deferrals": "how often its visitor let others go first",
            "reason": "why it was held: a code of the office's list",
            "ended_at ended_by": "when it ended, and by whom: an account, a device, the visitor or time",
            "corrected_at corrected_by corrected_reason": "who corrected it last, when, and why (a code)",
            "was_state was_service": "what stood there before it was corrected",
        },
    ),
    Place(
        name="junban.sqlite3: print_jobs",
        about="Slips to print. What stands on them is made when they leave; no secret is kept.",
        seen_by="clerks of the office, city IT (numbers in /metrics)",
        kept="[retention] journal_days after its business day (400 by default)",
        fields={
            "id office_id business_day number copy": "which slip of which ticket",
            "printer state problem": "where it is printed, and what became of it",
            "asked_by": "which kiosk or account wanted it",
            "asked_at due_at sent_at ended_at": "so that no slip comes out late or twice",
        },
    ),
    Place(
        name="junban.sqlite3: staff",
        about="Accounts of staff. They are never deleted, so that the records always name somebody who exists.",
        seen_by="city IT (`junban staff list`)",
        kept="for good; a disabled account stays",
        fields={
            "name": "the account, and who did something in every record",
            "password_hash": Field("checks the password (Argon2id)", NOBODY),
            "generation": Field("ends all sessions at once", NOBODY),
            "created_at disabled_at": "since when and until when it may sign in",
        },
    ),
    Place(
        name="junban.sqlite3: staff_grants",
        about="What an account may do, and at which offices.",
        seen_by="city IT (`junban staff list`)",
        kept="until changed",
        fields={"name kind value": "the account, and a role or an office"},
    ),
    Place(
        name="junban.sqlite3: sessions",
        about="Signed-in browsers of staff.",
        seen_by=NOBODY,
        kept="[security] session_hours (12 by default), or until signing out",
        fields={
            "token_hash": "recognises the cookie; SHA-256, the token itself is only in the cookie",
            "name generation": "whose session",
            "created_at expires_at": "its time",
        },
    ),
    Place(
        name="junban.sqlite3: enrolments",
        about="Invitations of devices that were not used yet.",
        seen_by="city IT (`junban device list`)",
        kept="until used; unused ones expire",
        fields={
            "code_hash": Field("recognises the code of the link; SHA-256", NOBODY),
            "device_id office_id kind label": "what the device will be",
            "invited_at expires_at": "until when the link works",
        },
    ),
    Place(
        name="junban.sqlite3: devices",
        about="Kiosks and boards.",
        seen_by="city IT (`junban device list`)",
        kept="for good; a revoked one stays",
        fields={
            "id office_id kind label": "which device, and where it stands",
            "token_hash": Field("recognises its cookie; SHA-256", NOBODY),
            "enrolled_at revoked_at": "since when and until when it may be used",
        },
    ),
    Place(
        name="junban.sqlite3: plays",
        about="How often boards have shown the items of their playlist. Nothing of a visitor.",
        seen_by="city IT (`junban report plays`), advertisers: the sums",
        kept="[retention] journal_days after its business day (400 by default)",
        fields={
            "office_id business_day item": "what was shown, where and on which day",
            "device_id run": "which board, and which opening of its page, so that nothing is counted twice",
            "shown": "how often",
        },
    ),
    Place(
        name="junban.sqlite3: audit",
        about="The record of operations by staff, administrators and the service itself. Never a contact.",
        seen_by=PRIVACY,
        kept=FOR_GOOD,
        fields={
            "id at": "which entry, and when",
            "who": "account, device, or user of the operating system",
            "address": "network address from which staff worked",
            "what target office_id result": "the operation, on what, where, and how it ended",
            "hash": _CHAIN,
        },
    ),
    Place(
        name="junban.sqlite3: erasures",
        about="The erasure records. Never a contact, nor anything made from one.",
        seen_by=PRIVACY + ", whoever is handed a certificate",
        kept=FOR_GOOD,
        fields={
            "id office_id business_day": "which erasure",
            "counts": "how many contacts were removed, by channel",
            "key_fingerprint": "names the destroyed key; tells nothing about it",
            "started_at finished_at as_of is_future": "when it was done, and for which time it was asked",
            "version result": "how it was done and ended",
            "proof": "how it was seen that all is gone",
            "responsible handlers": "who answers for the contacts, from [privacy]",
            "previous_hash hash": _CHAIN,
            "public_key signature": "shows that this installation wrote it (Ed25519)",
        },
    ),
    Place(
        name="junban.sqlite3: heads",
        about="How far both chains went at a time.",
        seen_by=PRIVACY,
        kept=FOR_GOOD,
        fields={
            "id at": "which, and when",
            "audit_id audit_hash erasure_id erasure_hash": "the last of each chain; shows that none was cut off",
            "public_key signature": "shows that this installation wrote it (Ed25519)",
        },
    ),
)
