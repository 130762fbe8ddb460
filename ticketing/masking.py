"""What no log may hold, and how it is taken out of one: addresses, numbers, ids and secrets of visitors."""

import logging
import re

#: Characters that end a run in which a mail address may stand.
_BREAK = r"\s@＠<>\"(),:;\[\]"
_RUN_BEGINS = rf"(?<![^{_BREAK}])"
_LOCAL = rf'(?:\\*"[^"\n]{{1,70}}"|{_RUN_BEGINS}[^{_BREAK}]++)'
_ADDRESS = re.compile(rf"{_LOCAL}(?:[@＠]\[?[^{_BREAK}'\\/]+)+")
_WRITTEN_AT = ("%40", "\\x40", "\\u0040")
#: The same with the ``@`` written otherwise, as in a form, in bytes or in JSON: the run as a whole.
_ENCODED_ADDRESS = re.compile(rf"{_RUN_BEGINS}(?=[^{_BREAK}]*?(?:%40|\\x40|\\u0040))[^{_BREAK}]++")
_PLUS = r"(?:[+＋]|%2[Bb]|\\x2b|\\u002b)"
_PHONE = re.compile(rf"{_PLUS}[1-9１-９](?:[ .()\-]{{0,3}}\d){{6,14}}")
#: A mobile number without its plus or in the form used at home.
_MOBILE = re.compile(r"(?<!\d)(?:81[5789]0|0[5789]0)[ \-]?\d{4}[ \-]?\d{4}(?!\d)")
_LINE_ID = re.compile(r"[UCR][0-9a-f]{32}")
_DAY_OF_SECRET = re.compile(r"\.\d{8}\.")
_SECRET = re.compile(r"(?<![a-z0-9-])[a-z0-9-]*+\.\d{8}\.[A-Z]{0,3}\d{1,9}\.[A-Za-z0-9_-]+")
_ERASURE = re.compile(r"(/|%2[Ff])u(/|%2[Ff])[A-Za-z0-9_%~-]+")
_BEARER = re.compile(r"([Bb]earer )[^\s'\",]+")
_COOKIE = re.compile(r"(junban_[a-z]+=)[^\s;'\",]+")

_FORMATTER = logging.Formatter()


def mask(text: str) -> str:
    """The text without anything that names or admits a visitor. A text without any comes back as it is."""
    if "@" in text or "＠" in text:
        text = _ADDRESS.sub("[mail]", text)
    if any(each in text for each in _WRITTEN_AT):
        text = _ENCODED_ADDRESS.sub("[mail]", text)
    if "+" in text or "＋" in text or "%2" in text or "2b" in text:
        text = _PHONE.sub("[phone]", text)
    if _DAY_OF_SECRET.search(text):
        text = _SECRET.sub("[secret]", text)
    if "u/" in text or "u%2" in text:
        text = _ERASURE.sub(r"\1u\2*", text)
    if "earer " in text:
        text = _BEARER.sub(r"\1[secret]", text)
    if "junban_" in text:
        text = _COOKIE.sub(r"\1[secret]", text)
    return _LINE_ID.sub("[line]", _MOBILE.sub("[phone]", text))


class Masking(logging.Filter):
    """Lets every record through, masked: its message with its arguments, its traceback and its stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            _mask_record(record)
        except Exception as error:
            # Logging must neither fail nor show what it could not look through.
            record.msg, record.args = "a message that could not be masked (%s)", (type(error).__name__,)
            record.exc_info = record.exc_text = record.stack_info = None
        return True


def _mask_record(record: logging.LogRecord) -> None:
    said = _message(record)
    masked = mask(said)
    if masked != said:
        record.msg, record.args = masked, None
    if record.exc_info or record.exc_text:
        traced = record.exc_text or _FORMATTER.formatException(record.exc_info)  # type: ignore[arg-type]
        # Formatters take the text when it is there.
        record.exc_text = mask(traced)
        record.exc_info = record.exc_info if record.exc_text == traced else None
    if record.stack_info:
        record.stack_info = mask(record.stack_info)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # Arguments that do not fit: logging itself would print them as they are.
        record.msg, record.args = f"{record.msg!s} {record.args!r}", None
        return record.getMessage()
