"""The data map of what lies outside the databases: files, logs, secrets, and what browsers keep."""

from ticketing.data_map.model import IT, NOBODY, Field, Place

_VISITOR = "the visitor's own browser, and the service when it is sent"
_MASTER = "the master key (AES key wrap)"

FILES = Place(
    name="files",
    about="What lies in the data directory and in [security] key_dir, and who may have a copy.",
    seen_by=IT,
    kept="as long as the installation",
    fields={
        "junban.sqlite3 junban.sqlite3-wal junban.sqlite3-shm": "journal, lists, accounts and records; to be backed up",
        "contacts.sqlite3 contacts.sqlite3-wal contacts.sqlite3-shm": Field(
            "contacts and messages; never to be backed up", IT + ", sealed", "rows as listed; rewritten at each erasure"
        ),
        "keys/OFFICE/DAY.key": Field(
            "the key of one office and day; never to be copied",
            NOBODY,
            "until the day's erasure; then overwritten and removed",
            _MASTER,
        ),
        "keys/directory.id": "on PostgreSQL: tells this key directory from others; random",
        "keys/purge.lock": "so that two erasures take turns; empty",
        "keys/keys.lock": "so that a rotation and an erasure take turns; empty",
        "keys/next.wrapped": Field(
            "the next master key, so that every day key opens meanwhile", NOBODY, "while keys are rotated", _MASTER
        ),
        "master.key": Field("wraps the day keys; never beside a copy of them", NOBODY, "until it is rotated"),
        "signing.key": Field("signs erasure records", NOBODY),
        "access.log access.log.DAY": Field(
            "method, path, status and time of requests; no address, token or secret",
            IT,
            "[retention] access_log_days; 0 (the default): there is none",
        ),
    },
)

LOGS = Place(
    name="standard error",
    about="What the service says of itself, a line an event. Whoever collects it decides how long it is kept.",
    seen_by=IT,
    kept="as the operating system keeps it",
    fields={
        "time level logger message": "what happened; no address, LINE id, number, secret or token",
        "traceback": "where an error arose; values of contacts never show in it",
    },
)

SECRETS = Place(
    name="configuration",
    about="Secrets in the configuration file, or each in a file of its own; `junban check-config` shows `***`.",
    seen_by="city IT, the user that runs the service",
    kept="until changed",
    fields={
        "database.password": "signs in at the PostgreSQL server",
        "mail.password": "signs in at the mail relay",
        "line.channel_access_token": "sends messages through the LINE account",
        "line.channel_secret line.next_channel_secret line.relay_secret": "checks that a webhook is genuine",
        "phone.sms.password phone.sms.token phone.voice.password phone.voice.token": "signs in at the phone's gateway",
    },
)

COOKIES = Place(
    name="cookies",
    about="Named junban_NAME, with https __Host-junban_NAME; HttpOnly. None is for advertising or measuring.",
    seen_by=_VISITOR,
    kept="as listed",
    fields={
        "browser": Field("limits and repeated requests of one browser; random", None, "1 day"),
        "ticket": Field("opens the visitor's own ticket", None, "30 hours; worthless after the day's erasure"),
        "session": Field("a signed-in member of staff", "the staff member's browser, and the service"),
        "device": Field("an enrolled kiosk or board", "the device's browser, and the service", "400 days, or revoked"),
    },
)

BROWSER_STORAGE = Place(
    name="browser storage",
    about="What pages keep in the browser; it is never sent.",
    seen_by="that browser only",
    kept="until the browser forgets it",
    fields={
        "localStorage:junban.kiosk.unanswered": Field(
            "a touch without an answer: service, language and the request's key, to give its number back",
            "that kiosk only",
            "until the server has answered",
        ),
        "localStorage:junban.language": "the language that was chosen",
        "localStorage:junban.silent": Field("that this board's sound was switched off", "that board only"),
        "localStorage:junban.known.": Field(
            "what a ticket's page shows while it is offline: number, state, people ahead, range, window, office, when; "
            "named by a digest of the ticket's secret; no secret, contact or service",
            "the visitor's own browser",
            "until the ticket ends, or the page is next opened more than 20 hours later",
        ),
        "caches:junban-shells caches:junban-files": Field(
            "pages as they are sent to everybody and their files, for a start without the server; no data", None
        ),
        "sessionStorage:junban.announced": Field(
            "the last call that this board has announced, so that a reload repeats none", "that board only"
        ),
        "sessionStorage:junban.counter": Field(
            "the counter that the clerk sits at", "that staff browser only", "until the tab is closed"
        ),
        "sessionStorage:junban.presses": Field(
            "presses that are not answered yet: verb, number, account, a random key against doing them twice",
            "that staff browser only",
            "until they are answered, or the tab is closed",
        ),
        "sessionStorage:junban.unanswered": Field(
            "numbers asked for from home without an answer: office, service, language, a random key against a second "
            "one",
            "the visitor's own browser",
            "until they are answered, or the tab is closed",
        ),
    },
)

HANDED_ON = Place(
    name="handed to others",
    about="What leaves the machine. Each receiver is named in the consent, with the reference of its approval.",
    seen_by="the receiver",
    kept="as its approval says",
    fields={
        "mail": "the address and the message, to the mail relay: office, public name of the service, number, window, "
        "link to the visitor's ticket",
        "line": "the LINE user id and the message: no number, window, service, office, name or secret",
        "line.id-token": "with LIFF only: the ID token that LINE gave its page, back to LINE to be checked; not stored",
        "phone": "the phone number and the message, to the gateway: office, number, window, the bare public address; "
        "no link to the ticket",
    },
)

COPIES = Place(
    name="copies made by staff",
    about="Files that somebody makes on purpose; each is on record, and none holds a contact.",
    seen_by="whoever made them, and whom they give them to",
    kept="as the city's rules for documents say",
    fields={
        "backup": "all of junban.sqlite3 (`junban backup`)",
        "list": "a day's tickets as CSV (`junban report`, the overview page)",
        "certificate": "erasure records of a day (`junban erasures certificate`)",
        "report": "counts of a period, and accounts of staff (`junban handling-report`)",
    },
)

ELSEWHERE = (FILES, LOGS, SECRETS, COOKIES, BROWSER_STORAGE, HANDED_ON, COPIES)
