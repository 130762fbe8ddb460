"""What a language needs to have words for."""

from collections.abc import Mapping
from dataclasses import dataclass

from ticketing.notice import NoticeKind

Texts = Mapping[NoticeKind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """All words of one language but those for LINE.

    Texts may hold ``{number}``, ``{counter}`` (its name as in a sentence) and ``{when}`` (a ticket expires).
    """

    language: str

    # Mail.
    #: Short: a phone shows some twenty characters.
    subjects: Texts
    leads: Texts
    service: str
    counter: str
    ahead: str
    wait: str
    wait_one: str
    link: str
    #: Said where a wait goes on.
    estimates: str
    foot: tuple[str, ...]

    # Text messages: with a short office's name and a counter's as long as allowed they fit into one.
    sms: Texts
    #: ``{office}`` and ``{text}``.
    sms_frame: str
    #: Stands for ``{ahead}`` in the text that a turn is near, if it is known.
    ahead_in_short: str

    # Spoken calls.
    spoken: Texts
    #: ``{office}`` and ``{text}``, which is said twice.
    spoken_frame: str
    #: How letters and digits are read out, one by one.
    characters: Mapping[str, str]
    pause: str
    #: The voice cannot read names in other scripts.
    is_ascii_only: bool

    # In sentences.
    #: A local time, ``{0}``.
    at: str
    soon: str
    #: A counter whose name is a mere number.
    counter_by_number: str
    #: A counter that cannot be named.
    some_counter: str
    some_office: str
