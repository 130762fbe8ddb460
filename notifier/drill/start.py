"""Starts what a drill needs: the fault servers, and an installation that sends to them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from notifier.drill.http_server import HttpFaults
from notifier.drill.office import Providers, furnish
from notifier.drill.smtp_server import SmtpFaults, Tls
from notifier.drill.sockets import FaultServer
from notifier.drill.trial import Drill
from ticketing.addresses import ContactChannel


@asynccontextmanager
async def starting(folder: Path, tls: Tls, certificate: Path, *, has_phone: bool = True) -> AsyncIterator[Drill]:
    """Servers on free ports of this machine, and an installation in ``folder``, for as long as the context lasts.

    ``certificate`` is the one that ``tls.trusted`` shows.
    """
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(SmtpFaults(tls=tls).running())
        line = await stack.enter_async_context(HttpFaults().running())
        servers: dict[ContactChannel, FaultServer] = {"email": mail, "line": line}
        providers = Providers(mail.port, certificate, line.url)
        if has_phone:
            phone = await stack.enter_async_context(HttpFaults(knows_repetitions=False).running())
            servers["phone"] = phone
            providers = Providers(mail.port, certificate, line.url, phone.url)
        office = await stack.enter_async_context(furnish(folder, providers))
        yield Drill(office, servers, folder / "notifier.log")
