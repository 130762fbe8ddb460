"""A real nginx with the configuration that docs/nginx.conf gives, in front of nodes that the tests started."""

import asyncio
import os
import re
import shutil
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from tests.processes import ROOT, Server, free_port

PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

#: Marks a test that needs nginx; in CI a missing one is a failure, elsewhere it is said loudly.
behind_nginx = pytest.mark.skipif(
    PROGRAM is None and os.environ.get("CI") != "true",
    reason="nginx is not installed (on Debian: apt-get install nginx-light), so docs/nginx.conf was not tried",
)

CONFIGURATION = (ROOT / "docs" / "nginx.conf").read_text("utf-8")
#: How long a node is left alone that failed once (seconds).
LEFT_ALONE = int(re.findall(r"fail_timeout=(\d+)s", CONFIGURATION)[0])

_AROUND = """
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/junban.conf;
}}
"""


@asynccontextmanager
async def nginx(folder: Path, nodes: Sequence[str], port: int) -> AsyncIterator[Server]:
    """nginx on this port, for nodes at these addresses (``127.0.0.1:8001``), with a certificate of its own."""
    assert PROGRAM is not None, "nginx is not installed"
    trust = _set_up(folder, nodes, port)
    with (folder / "output").open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf"), stdout=output, stderr=output
        )
    front = Server(process, f"https://localhost:{port}", trust=trust)
    try:
        await front.wait_until_ready()
        yield front
    finally:
        for client in front.clients:
            await client.aclose()
        await front.stop()


def _set_up(folder: Path, nodes: Sequence[str], port: int) -> ssl.SSLContext:
    """Writes the files, and says whom clients are to believe."""
    folder.mkdir()
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    (folder / "junban.conf").write_text(_configuration(folder, nodes, port))
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user))
    return trust


def _configuration(folder: Path, nodes: Sequence[str], port: int) -> str:
    """The one in docs/, with this machine's places in it and nothing else changed."""
    text = CONFIGURATION
    first, second = nodes
    for old, new in (
        ("10.0.0.11:8000", first),
        ("10.0.0.12:8000", second),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen [::]:80;", ""),
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("listen [::]:443 ssl http2;", ""),
        ("queue.city.example;", "localhost;"),
        ("/etc/ssl/queue.city.example.pem", f"{folder}/tls.pem"),
        ("/etc/ssl/private/queue.city.example.key", f"{folder}/tls.pem"),
        ("/var/cache/nginx/junban", f"{folder}/cache"),
        ("/var/log/nginx/junban.error.log", f"{folder}/junban.error.log"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return text
