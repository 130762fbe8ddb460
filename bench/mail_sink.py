"""A real mail server (aiosmtpd) that takes everything, and writes down at its end how many messages there were."""

import asyncio
import json
import logging
import re
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import cast

from aiosmtpd.smtp import SMTP, Envelope, Session

from ticketing.clock import SystemClock
from ticketing.demo.certificate import make_tls

HOST = "127.0.0.1"
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Taker:
    """Counts messages by their Message-ID."""

    def __init__(self) -> None:
        self.taken: Counter[bytes] = Counter()

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:
        found = _MESSAGE_ID.search(cast(bytes, envelope.content))
        self.taken[found[1] if found else b""] += 1
        return "250 OK"


async def serve(port: int, certificate: Path, ledger: Path) -> None:
    """Serves until it is told to end."""
    # The library logs senders and recipients, which costs as well.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
    tls, taker, told = make_tls(HOST, certificate, SystemClock().now()), Taker(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    server = await loop.create_server(
        lambda: SMTP(taker, hostname="mail.bench", tls_context=tls, require_starttls=True, loop=loop), HOST, port
    )
    await told.wait()
    server.close()
    ledger.write_text(json.dumps({"messages": len(taker.taken), "deliveries": taker.taken.total()}), "utf-8")


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
