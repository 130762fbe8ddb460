"""The notifier in a process of its own, as an operator runs it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from notifier.drill.office import DrillOffice

#: How long it may take to stop; what is under way then is finished first.
STOP_SECONDS = 15.0


class NotifierEnded(Exception):
    """The notifier ended by itself; the message holds its last words."""


@dataclass(slots=True)
class NotifierProcess:
    """`junban serve --roles notifier`."""

    process: asyncio.subprocess.Process
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def check(self) -> None:
        """Raises NotifierEnded."""
        if self.process.returncode is not None:
            raise NotifierEnded(self.log.read_text("utf-8", "replace")[-2000:] or "The notifier ended without a word.")

    async def kill(self) -> None:
        """SIGKILL: it gets to do nothing more."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """SIGTERM, and SIGKILL when that takes too long."""
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.process.wait()
        except TimeoutError:
            await self.kill()


@asynccontextmanager
async def notifying(office: DrillOffice, log: Path) -> AsyncIterator[NotifierProcess]:
    """Runs it for as long as the context lasts; its log is added to ``log``."""
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ticketing", "serve", "--roles", "notifier", "--port", "0",
            "--config", str(office.config_file), "--data", str(office.config.data_dir), stdout=output, stderr=output,
        )  # fmt: skip
    running = NotifierProcess(process, log)
    try:
        yield running
    finally:
        await running.stop()
