"""The section of the LINE account."""

import re
from collections.abc import Mapping, Sequence

from ticketing.config.checks import is_readable_on_the_way, need_approval, web_address
from ticketing.config.model import Line
from ticketing.config.table import Table
from ticketing.hall.office import Office
from ticketing.line_check import check_line_text
from ticketing.line_texts import LINE_TEXTS, LineTexts

_BASIC_ID = re.compile(r"@[A-Za-z0-9._-]{1,30}")
_LIFF_ID = re.compile(r"[0-9]{1,20}-[A-Za-z0-9]{1,40}")
_CHANNEL_ID = re.compile(r"[0-9]{1,20}")
#: Nothing in it can end a directive of a content security policy.
_SCRIPT = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[A-Za-z0-9._/-]+")


def read_line(table: Table, *, is_demo: bool) -> Line:
    default = Line()
    line = Line(
        channel_access_token=table.secret("channel_access_token"),
        channel_secret=table.secret("channel_secret"),
        next_channel_secret=table.secret("next_channel_secret"),
        relay_secret=table.secret("relay_secret"),
        liff_id=table.text("liff_id"),
        login_channel_id=table.text("login_channel_id"),
        liff_sdk_url=table.text("liff_sdk_url", default.liff_sdk_url),
        account=table.text("account"),
        api_url=web_address(table, "api_url", default.api_url),
        timeout_seconds=table.integer("timeout_seconds", default.timeout_seconds, 1, 60),
        approval=table.text("approval"),
        texts=_texts(table.table("texts")),
    )
    _check_ways_in(table, line)
    _check_liff(table, line)
    if line.is_on:
        _check_account(table, line)
        need_approval(table, line.approval, is_demo, "LINE")
    return line


def check_line_texts(table: Table, line: Line, offices: Sequence[Office]) -> None:
    """Refuses texts that would tell LINE who is where for what.

    A built-in text that happens to hold the name of a service is refused too, so that another one is written. Where
    LINE is off, nobody need bother.
    """
    for language, texts in line.texts.items():
        for kind, text in texts.items():
            is_checked = line.is_on or text != LINE_TEXTS[language][kind]
            problem = check_line_text(text, offices) if is_checked else None
            if problem is not None:
                table.refuse(f"texts.{language}.{kind}", problem)


def _check_ways_in(table: Table, line: Line) -> None:
    has_way_in = line.has_webhook or bool(line.liff_id or line.login_channel_id)
    if line.channel_access_token and not has_way_in:
        table.refuse("channel_secret", "LINE has no way in: it needs channel_secret, relay_secret or liff_id")
    if has_way_in and not line.channel_access_token:
        table.refuse("channel_access_token", "nothing can be sent to LINE without it; it is missing")
    if line.next_channel_secret and not line.channel_secret:
        table.refuse("next_channel_secret", "goes with channel_secret, which it will follow; that is missing")


def _check_liff(table: Table, line: Line) -> None:
    if bool(line.liff_id) != bool(line.login_channel_id):
        missing = "login_channel_id" if line.liff_id else "liff_id"
        table.refuse(missing, "liff_id and login_channel_id go together; this one is missing")
    if line.liff_id and not _LIFF_ID.fullmatch(line.liff_id):
        table.refuse("liff_id", "must be a LIFF id such as 1234567890-AbcdEfgh")
    if line.login_channel_id and not _CHANNEL_ID.fullmatch(line.login_channel_id):
        table.refuse("login_channel_id", "must be the number of the LINE Login channel, in quotes")
    if not _SCRIPT.fullmatch(line.liff_sdk_url):
        table.refuse("liff_sdk_url", "must be the https:// address of a script, without a query")
    elif is_readable_on_the_way(line.liff_sdk_url):
        table.refuse("liff_sdk_url", "must be https, or somebody on the way could change the script")


def _check_account(table: Table, line: Line) -> None:
    if not _BASIC_ID.fullmatch(line.account):
        table.refuse("account", "LINE is on, so visitors need its basic id, such as @sakura-city")
    if is_readable_on_the_way(line.api_url):
        table.refuse("api_url", "must be https, or the token would travel readable")


def _texts(table: Table) -> LineTexts:
    """The built-in texts, with those in their place that are written here."""
    return {language: _of_language(table.table(language), texts) for language, texts in LINE_TEXTS.items()}


def _of_language(table: Table, built_in: Mapping[str, str]) -> dict[str, str]:
    return {kind: _text(table, kind, default) for kind, default in built_in.items()}


def _text(table: Table, kind: str, default: str) -> str:
    value = table.value(kind)
    if value is None or isinstance(value, str):
        return default if value is None else value
    table.refuse(kind, "must be text in quotes")
    return default
