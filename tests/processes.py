"""Real processes of Junban for tests: a configuration, the commands, and a server that is waited for."""

import asyncio
import os
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
#: What any client believes. Made once, for reading the world's certificates takes longer than most questions.
WORLD = ssl.create_default_context()
#: A server closes an idle connection after 5 seconds; a client that lets go earlier never asks on a closed one.
LIMITS = httpx.Limits(keepalive_expiry=2)
PASSWORD = "correct horse battery staple"

OFFICE = """
[[office]]
id = "minato"
name = { ja = "みなと市役所", en = "Minato City Hall" }
hours = "always"

[[office.series]]
id = "a"
prefix = "A"

[[office.series]]
id = "b"
prefix = "B"

[[office.service]]
id = "family"
name = { ja = "戸籍", en = "Family register" }
public_name = { ja = "一番窓口", en = "Window group one" }
series = "a"
web = {}

[[office.service]]
id = "tax"
name = { ja = "税証明", en = "Tax certificates" }
series = "b"
web = {}

[[office.counter]]
id = "c1"
label = "1"
services = ["family", "tax"]

[[office.counter]]
id = "c2"
label = "2"
services = ["family", "tax"]
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def junban(*arguments: str, given: str = "") -> tuple[int, str, str]:
    """Runs a command as an operator does; exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ticketing",
        *arguments,
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(given.encode())
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


@dataclass
class Installation:
    """A configuration and a data directory, and how to run Junban on them."""

    config: Path
    data: Path
    log: Path

    @classmethod
    def make(cls, folder: Path, more: str = "", office: str = OFFICE) -> "Installation":
        """``more`` goes before the office."""
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "junban.toml"
        config.write_text(more + office, "utf-8")
        return cls(config, folder / "data", folder / "server.log")

    async def run(self, *arguments: str, given: str = "") -> str:
        """A command that must succeed; its output."""
        code, output, errors = await junban(
            *arguments, "--config", str(self.config), "--data", str(self.data), given=given
        )
        assert code == 0, errors
        return output

    async def add_staff(self, name: str, roles: str, office: str = "minato") -> None:
        await self.run(
            "staff", "add", name, "--role", roles, "--office", office, "--password-stdin", given=PASSWORD + "\n"
        )

    async def invite(self, kind: str, office: str = "minato") -> str:
        """The code of a new device's link."""
        link = await self.run("device", "add", "--office", office, "--kind", kind)
        return link.strip().partition("#")[2]

    @asynccontextmanager
    async def serving(self, port: int | None = None) -> AsyncIterator["Server"]:
        """A server that answers; it is asked to stop afterwards."""
        port = port or free_port()
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "ticketing", "serve", "--config", str(self.config), "--data", str(self.data),
                "--port", str(port), cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
        server = Server(process, f"http://127.0.0.1:{port}")
        try:
            await server.wait_until_ready()
            yield server
        finally:
            for client in server.clients:
                await client.aclose()
            await server.stop()


@dataclass
class Server:
    """A server process."""

    process: asyncio.subprocess.Process
    url: str
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    #: Whose certificates its clients believe.
    trust: ssl.SSLContext = WORLD

    def client(self) -> httpx.AsyncClient:
        """A browser: it keeps its cookies, and is closed with the server."""
        client = httpx.AsyncClient(
            base_url=self.url, headers={"Origin": self.url}, timeout=30, limits=LIMITS, verify=self.trust
        )
        self.clients.append(client)
        return client

    async def wait_until_ready(self) -> None:
        async with asyncio.timeout(60):
            client = self.client()
            while True:
                assert self.process.returncode is None, "the server ended while it started"
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    async def signed_in(self, name: str) -> httpx.AsyncClient:
        client = self.client()
        answer = await client.post("/api/v1/session", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        return client

    async def enrolled(self, code: str) -> httpx.AsyncClient:
        client = self.client()
        answer = await client.post("/api/v1/devices", json={"code": code})
        assert answer.status_code == 201, answer.text
        return client

    async def stop(self) -> int:
        """Asks it to stop, and says with what it exited."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()
