"""A mail server that fails on purpose."""

import re
import ssl
from dataclasses import dataclass

from notifier.drill.behaviours import Behaviour
from notifier.drill.sockets import FaultServer, Hangup, Reader, Writer, go_on, hang, reset, send, trickle

NAME = "drill.example.org"
#: The right answers.
_ANSWERS = {
    "connect": f"220 {NAME} ESMTP drill",
    "starttls": "220 go ahead",
    "mail": "250 ok",
    "rcpt": "250 ok",
    "data": "354 go ahead",
    "end": "250 taken",
}
#: A friendly answer that does not belong there.
_WRONG = {"data": "250 ok", "connect": "250 ok", "starttls": "354 go ahead"}
_STAGE_OF = {
    b"EHLO": "ehlo",
    b"HELO": "ehlo",
    b"STARTTLS": "starttls",
    b"MAIL": "mail",
    b"RCPT": "rcpt",
    b"DATA": "data",
}
_PLAIN = {b"RSET": "250 ok", b"NOOP": "250 ok"}
_END = b"\r\n.\r\n"
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^@>\s]+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate that the senders trust, and one that they do not."""

    trusted: ssl.SSLContext
    stranger: ssl.SSLContext


class SmtpFaults(FaultServer):
    """Speaks enough of RFC 5321 for one message after the other; a message is known by what stands before the @ of its
    Message-ID. Without ``tls`` it never offers encryption.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, tls: Tls | None = None) -> None:
        super().__init__(host, port)
        self._tls = tls

    async def converse(self, reader: Reader, writer: Writer) -> None:
        is_encrypted = False
        await self._answer(writer, "connect")
        while True:
            verb = (await reader.readuntil(b"\r\n")).strip()[:8].upper().partition(b" ")[0].partition(b":")[0]
            stage = _STAGE_OF.get(verb)
            if verb == b"QUIT":
                await send(writer, b"221 goodbye\r\n")
                raise Hangup
            if stage is None:
                await send(writer, f"{_PLAIN.get(verb, '502 not here')}\r\n".encode())
            elif stage == "ehlo":
                await self._answer(writer, "ehlo", self._offer(is_encrypted))
            else:
                await self._answer(writer, stage)
            if stage == "starttls":
                is_encrypted = await self._encrypt(reader, writer)
            elif stage == "data":
                await self._take(reader, writer)

    def _offer(self, is_encrypted: bool) -> str:
        offers = [NAME, "8BITMIME"]
        if self._tls is not None and not is_encrypted and self.behaviour.kind != "tls-missing":
            offers.append("STARTTLS")
        return "".join(f"250-{offer}\r\n" for offer in offers) + "250 SIZE 1000000"

    async def _encrypt(self, reader: Reader, writer: Writer) -> bool:
        if self.behaviour.kind == "tls-broken" or self._tls is None:
            # Only then: senders throw away what comes before they begin to encrypt.
            await reader.read(1)
            await send(writer, b"this is not a handshake\r\n" * 4)
            await hang()
        assert self._tls is not None
        await writer.start_tls(self._tls.stranger if self.behaviour.kind == "tls-stranger" else self._tls.trusted)
        return True

    async def _take(self, reader: Reader, writer: Writer) -> None:
        content = await reader.readuntil(_END)
        found = _MESSAGE_ID.search(content)
        key = found[1].decode("ascii", "replace") if found else "?"
        self.note(key, is_right=not self.behaviour.strikes("end") or self.behaviour.kind == "noise")
        await self._answer(writer, "end")

    async def _answer(self, writer: Writer, stage: str, right: str = "") -> None:
        answer = f"{right or _ANSWERS[stage]}\r\n".encode()
        if self.behaviour.strikes(stage):
            await _misbehave(self.behaviour, writer, stage, answer)
        else:
            await send(writer, answer)


async def _misbehave(behaviour: Behaviour, writer: Writer, stage: str, right: bytes) -> None:
    match behaviour.kind:
        case "hang":
            await hang()
        case "close":
            raise Hangup
        case "reset":
            reset(writer)
        case "trickle":
            await trickle(writer, right)
        case "noise":
            await send(writer, right.replace(b"\r\n", b" \xff\xfe\x00 \xe9" + b"?" * 200 + b"\r\n"))
        case "garbage":
            await send(writer, b"\x00\x01\xfe\xff no answer at all\r\n")
        case "wrong-code":
            await send(writer, f"{_WRONG.get(stage, '354 go ahead')}\r\n".encode())
        case "endless":
            await send(writer, right[:3] + b"-")
            await go_on(writer)
        case "half":
            await send(writer, right[:2])
            raise Hangup
        case "tls-missing" | "tls-broken" | "tls-stranger":
            await send(writer, right)
        case code:
            await send(writer, f"{code} not now, not here\r\n".encode())
            if code == "421":
                raise Hangup
