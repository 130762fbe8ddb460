"""A served installation for a benchmark that wants one of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import drive, post
from bench.installation import Installation, install, issue, open_hall
from bench.processes import Server, free_port, junban, module, serving

#: Connections that fill queues.
FILLING_CLIENTS = 32


@dataclass(frozen=True, slots=True)
class Hall:
    """All offices, their clerks seated and kiosks enrolled."""

    installation: Installation
    server: Server
    #: Of each office's kiosk.
    cookies: dict[str, str]

    async def issue(self, office_id: str, service: str, tickets: int) -> None:
        """Lets so many visitors queue up."""
        request = issue(office_id, service, self.cookies[office_id])
        shared = iter([request] * tickets)
        run = await drive(self.server.port, [shared] * min(FILLING_CLIENTS, tickets), seconds=600)
        assert set(run.statuses) <= {201}, run.statuses


@asynccontextmanager
async def hall(
    folder: Path, more: str = "", command: Callable[..., list[str]] = junban, installation: Installation | None = None
) -> AsyncIterator[Hall]:
    """A new installation, or one that is there, served by a command."""
    if installation is None:
        folder.mkdir(exist_ok=True)
        installation = await install(folder, more)
    port = free_port()
    async with serving(command(port, *installation.arguments()), port, installation.log) as server:
        yield Hall(installation, server, await open_hall(installation, port))


@asynccontextmanager
async def plain(folder: Path) -> AsyncIterator[Server]:
    """The reference for HTTP: one plain endpoint."""
    port = free_port()
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(serving(module("bench.plain", port), port, folder / "plain.log"))


def plain_request(cookie: str) -> bytes:
    """As long as a kiosk's."""
    return post("/tickets", {"service": "s1"}, cookie)
