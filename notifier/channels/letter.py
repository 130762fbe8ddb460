"""One mail as bytes: seven-bit, its lines short, the same on every attempt."""

import base64
import re
import unicodedata
from email.utils import format_datetime

from notifier.channels.base import Message
from ticketing.addresses import has_loose_dots

#: A line with encoded words holds at most this many characters (RFC 2047, section 2).
MOST_ON_A_LINE = 76
#: Characters around the content of an encoded word.
_FRAME = len("=?utf-8?B??=")
#: What stands in a bare mail address; nothing else gets into a command or a header.
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}", re.ASCII)
_LINK = re.compile(r"https?://[!-;=?-~]{1,900}", re.ASCII)
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9 ,.:;!-]*", re.ASCII)
#: Controls, lone surrogates, line and paragraph separators.
_NEVER_SHOWN = frozenset({"Cc", "Cs", "Zl", "Zp"})


class BadLetter(ValueError):
    """The address or the link cannot stand in a mail. The message says no more, because it may be logged."""


def compose(sender: str, sender_name: str, address: str, message: Message, retry_key: str) -> bytes:
    """The whole letter with CRLF line ends.

    The standard library's headers are not used: some of its versions read an encoded word in a name or a subject and
    write the line break that was hidden in it. Raises BadLetter.
    """
    headers = [
        ("From", _mailbox(sender_name, checked(sender))),
        ("To", quoted(checked(address)) if has_loose_dots(address) else checked(address)),
        ("Subject", words(message.subject, len("Subject: "))),
        ("Date", format_datetime(message.created_at)),
        ("Message-ID", f"<{retry_key}@{sender.rpartition('@')[2]}>"),
        ("Auto-Submitted", "auto-generated"),
        *_ways_out(message.unsubscribe_url),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "base64"),
    ]
    lines = [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", *_body(message.text), ""]).encode("ascii")


def checked(address: str) -> str:
    """The address, if it is one that may stand in a command and in a header. Raises BadLetter."""
    if not _ADDRESS.fullmatch(address):
        raise BadLetter("the address cannot stand in a mail")
    return address


def quoted(address: str) -> str:
    """The address with the part before the ``@`` in quotes, as the rules want it for dots side by side."""
    local, _, domain = address.rpartition("@")
    return f'"{local}"@{domain}'


def words(text: str, used: int) -> str:
    """A text for a header, on lines of its own where needed; ``used``: characters before it on the first line.

    Anything but letters, digits and plain marks becomes encoded words, so that nothing in it has a meaning of its own.
    """
    plain = one_line(text)
    if _PLAIN_WORDS.fullmatch(plain) and used + len(plain) <= MOST_ON_A_LINE:
        return plain
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(piece).decode()}?=" for piece in _pieces(plain, used))


def one_line(text: str) -> str:
    """The text with a blank in place of each character that could end a line, or is none."""
    return "".join(" " if unicodedata.category(each) in _NEVER_SHOWN else each for each in text).strip()


def _pieces(text: str, used: int) -> list[bytes]:
    """The text in UTF-8, cut between characters so that each piece fits on its line."""
    pieces = [b""]
    for each in text:
        # Four characters of base64 for three bytes; a line after the first begins with one blank.
        before = used if len(pieces) == 1 else 1
        most = (MOST_ON_A_LINE - before - _FRAME) // 4 * 3
        if len(pieces[-1]) + len(each.encode()) > most:
            pieces.append(b"")
        pieces[-1] += each.encode()
    return pieces


def _mailbox(name: str, address: str) -> str:
    if not one_line(name):
        return address
    written = words(name, len("From: "))
    if written.startswith("=?"):
        return f"{written}\r\n <{address}>"
    return f'"{written}" <{address}>'


def _ways_out(url: str | None) -> list[tuple[str, str]]:
    """One line each, however long: some signers and readers trip over a folded link."""
    if url is None:
        return []
    if not _LINK.fullmatch(url):
        raise BadLetter("the link cannot stand in a mail")
    return [("List-Unsubscribe", f"<{url}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]


def _body(text: str) -> list[str]:
    lines = (one_line(line) for line in text.splitlines())
    # Base64: no relay has a reason to change a byte of it, which would break the relay's own signature.
    encoded = base64.b64encode("".join(f"{line}\r\n" for line in lines).encode()).decode()
    return [encoded[at : at + MOST_ON_A_LINE] for at in range(0, len(encoded), MOST_ON_A_LINE)]
