"""The command `junban serve`: runs a node."""

import argparse
import asyncio
import signal
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette

from ticketing.commands.assembly import open_node
from ticketing.commands.logs import set_up_logs
from ticketing.commands.operation import failed, plain
from ticketing.commands.options import common_options
from ticketing.commands.running import ROLES, running
from ticketing.config import Config, ConfigError, read_config
from ticketing.demo.start import start_demo
from ticketing.journal.base import JournalUnavailable
from ticketing.keys import KeyFileError
from ticketing.storage.database import NewerDatabase
from ticketing.web.app import make_app
from ticketing.web.protocols import HttpProtocol, SocketProtocol

#: A message on a WebSocket may have 1 KiB; a little more is read so that the answer can say so.
MOST_WEBSOCKET_BYTES = 64 * 1024
#: Connections that wait to be accepted, for the moment when a thousand boards come back at once.
BACKLOG = 4096
STOP_SECONDS = 20
MOST_PORT = 65535


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser("serve", parents=[common_options()], help="run the service")
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", type=_port, help="port to listen on; 0: any free one")
    parser.add_argument(
        "--roles", type=_roles, default=ROLES, metavar="ROLE,…", help=f"parts to run: {', '.join(ROLES)} (all)"
    )
    parser.add_argument("--crowd", action="store_true", help="made-up visitors and clerks (demonstration only)")
    parser.set_defaults(run=run)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_PORT):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {MOST_PORT}")
    return int(text)


def _roles(text: str) -> Sequence[str]:
    roles = tuple(role.strip() for role in text.split(",") if role.strip())
    unknown = [role for role in roles if role not in ROLES]
    if unknown or not roles:
        raise argparse.ArgumentTypeError(f"the roles are {', '.join(ROLES)}")
    return roles


def run(args: argparse.Namespace) -> int:
    """Serves until SIGTERM or SIGINT; what was accepted is answered first."""
    set_up_logs()
    try:
        config = _config(args)
    except ConfigError as error:
        return failed(str(error))
    if args.crowd and not config.is_demo:
        return failed("--crowd makes up visitors; it is for the demonstration only.", 2)
    try:
        listening = _listen(config.server.host, config.server.port)
    except OSError as error:
        return failed(f"Cannot listen on {config.server.host}, port {config.server.port}: {error.strerror}.")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(_with_links(config, listening), listening, args))
    except (NewerDatabase, KeyFileError, JournalUnavailable, OSError, sqlite3.Error) as error:
        return failed(f"Junban cannot run: {plain(error)}.")
    return 0


def _config(args: argparse.Namespace) -> Config:
    config = read_config(args.config, args.data)
    server = config.server
    server = replace(server, host=args.host or server.host, port=server.port if args.port is None else args.port)
    return replace(config, server=server)


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _with_links(config: Config, listening: socket.socket) -> Config:
    """The demonstration's links lead to where it really listens."""
    if not config.is_demo:
        return config
    host, port = listening.getsockname()[:2]
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return replace(config, server=replace(config.server, port=port, public_url=url))


async def _serve(config: Config, listening: socket.socket, args: argparse.Namespace) -> None:
    async with AsyncExitStack() as stack:
        demo = await stack.enter_async_context(start_demo(config)) if config.is_demo else None
        node = await stack.enter_async_context(open_node(demo.config if demo else config))
        await stack.enter_async_context(running(node, args.roles))
        if demo is not None:
            print(await demo.furnish(node.site), flush=True)
            if args.crowd:
                await stack.enter_async_context(demo.crowd(node.site))
        if "web" in args.roles:
            await _serve_web(make_app(node.site, demo.routes(node.site) if demo else ()), listening)
        else:
            listening.close()
            await _until_told()


def web_server(app: Starlette) -> "WebServer":
    """The server as it is run; nothing listens yet."""
    return WebServer(
        uvicorn.Config(
            app,
            http=HttpProtocol,
            ws=SocketProtocol,
            ws_max_size=MOST_WEBSOCKET_BYTES,
            ws_per_message_deflate=False,
            lifespan="off",
            # Proxies are ours to trust, and access is not logged: paths hold tokens.
            server_header=False,
            proxy_headers=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


async def _serve_web(app: Starlette, listening: socket.socket) -> None:
    server = web_server(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await server.serve(sockets=[listening])


class WebServer(uvicorn.Server):
    """uvicorn without its signal handlers: they would end the process before the desks have finished."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """Stop gracefully; when told twice, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True


async def _until_told() -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()
