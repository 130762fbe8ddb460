"""The command `junban drill`: mail servers and gateways that fail on purpose, and whether alerts survive them."""

import argparse
import asyncio
import logging
import random
import re
import signal
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from notifier.drill.behaviours import HTTP_KINDS, SMTP_KINDS, STAGES, Behaviour, Protocol, WrongBehaviour
from notifier.drill.faults import EVERY, USUAL, Fault
from notifier.drill.http_server import HttpFaults
from notifier.drill.kills import try_kills
from notifier.drill.process import NotifierEnded
from notifier.drill.smtp_server import SmtpFaults, Tls
from notifier.drill.sockets import FaultServer
from notifier.drill.start import starting
from notifier.drill.table import kill_line, line, markdown
from notifier.drill.trial import Drill, try_fault
from ticketing.clock import SystemClock
from ticketing.commands.operation import failed, plain
from ticketing.config import ConfigError
from ticketing.demo.certificate import make_tls

HOST = "127.0.0.1"
PENDING = 1_000
MOST_PENDING = 10_000
KILLS = 10
MOST_KILLS = 1_000
MOST_PORT = 65_535
#: On a disk, unlike the usual temporary directory, so that a commit costs what it costs in service.
ON_DISK = Path("/var/tmp")  # noqa: S108
_EXPLANATION = """\
Without an action: makes a made-up office in a temporary directory, lets notices wait on every channel, and runs the
real notifier against servers of its own that fail in one way after the other. It reads no configuration of yours and
sends nothing to anybody. With smtp, line or phone: one such server alone, which does nothing until an installation is
configured to send to it.
"""
#: What must never stand in a log: the drill's own addresses.
_ADDRESSES = re.compile(r"@example\.org|U0{20}|\+?81900000")


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser(
        "drill", help="let providers fail on purpose, and see what becomes of alerts", description=_EXPLANATION
    )
    parser.add_argument(
        "--pending",
        type=_count,
        default=PENDING,
        metavar="N",
        help=f"notices for the failing provider, and as many for the others ({PENDING})",
    )
    parser.add_argument("--only", type=_words, metavar="WORD,…", help="faults whose name has one of these words in it")
    parser.add_argument("--every", action="store_true", help="every fault, not only the usual ones")
    parser.add_argument(
        "--kills", type=_kills, default=KILLS, metavar="N", help=f"SIGKILLs at the end ({KILLS}); 0: none"
    )
    parser.add_argument("--table", action="store_true", help="print the results as a table once more")
    parser.add_argument("--data", metavar="DIR", type=Path, help="where temporary files are made; choose the real disk")
    parser.set_defaults(run=run)
    actions = parser.add_subparsers(metavar="ACTION")
    _add_server(actions, "smtp", "one mail server alone", SMTP_KINDS)
    _add_server(actions, "line", "one LINE endpoint alone ([line] api_url)", HTTP_KINDS)
    _add_server(actions, "phone", "one gateway for text messages alone ([phone.sms] url)", HTTP_KINDS)


def _add_server(actions: Any, name: str, help_text: str, kinds: dict[str, str]) -> None:
    protocol: Protocol = "smtp" if name == "smtp" else "http"
    parser = actions.add_parser(
        name,
        help=help_text,
        description=_kinds(protocol, kinds),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--behaviour", type=_behaviour(protocol), default=Behaviour(), metavar="KIND", help="see above (ok)"
    )
    parser.add_argument("--host", default=HOST, help=f"address to listen on ({HOST})")
    parser.add_argument("--port", type=_port, default=0, help="port to listen on (any free one)")
    if name == "smtp":
        parser.add_argument(
            "--certificate", metavar="FILE", type=Path,
            help="write a new certificate there, for [mail] ca_file, and offer encryption; without it none is offered",
        )  # fmt: skip
    parser.set_defaults(run=run_server, server=name)


def _kinds(protocol: Protocol, kinds: dict[str, str]) -> str:
    lines = [f"  {kind:13} {words}" for kind, words in kinds.items()]
    lines.append("  400 to 599    that answer")
    if protocol == "smtp":
        lines.append(f"\nKIND@STAGE strikes there: {', '.join(STAGES)}.")
    lines.append("KIND+taken takes the message without saying so.")
    return "Kinds of behaviour:\n" + "\n".join(lines)


def _behaviour(protocol: Protocol) -> Any:
    def read(text: str) -> Behaviour:
        try:
            return Behaviour.read(text, protocol)
        except WrongBehaviour as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return read


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_PENDING):
        raise argparse.ArgumentTypeError(f"so many can wait: 1 to {MOST_PENDING}")
    return int(text)


def _kills(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_KILLS):
        raise argparse.ArgumentTypeError(f"a number from 0 to {MOST_KILLS}")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_PORT):
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {MOST_PORT}")
    return int(text)


def _words(text: str) -> Sequence[str]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def run(args: argparse.Namespace) -> int:
    """Tries the faults; 0 when everything that is promised held, else 1."""
    faults = _chosen(args)
    if (not faults and not args.kills) or not _are_known(args.only or ()):
        return failed("No fault has such a word in its name.", 2)
    parent: Path = args.data or (ON_DISK if ON_DISK.is_dir() else Path(tempfile.gettempdir()))
    try:
        with tempfile.TemporaryDirectory(prefix="junban-drill-", dir=parent) as folder:
            return asyncio.run(_drill(Path(folder), faults, args))
    except BrokenPipeError:
        raise
    except (ConfigError, NotifierEnded, OSError, sqlite3.Error) as error:
        return failed(f"The drill could not be carried out: {plain(error)}.")


def _chosen(args: argparse.Namespace) -> list[Fault]:
    if args.only is not None:
        return [fault for fault in EVERY if any(word in fault.name for word in args.only)]
    return [fault for fault in EVERY if args.every or fault.name in USUAL]


def _are_known(words: Sequence[str]) -> bool:
    return all(any(word in fault.name for fault in EVERY) for word in words)


async def _drill(folder: Path, faults: Sequence[Fault], args: argparse.Namespace) -> int:
    certificate = folder / "certificate.pem"
    # Up to Python 3.11 a connection forgets that it was upgraded to TLS, and warns when the other side ends it.
    logging.getLogger("asyncio").addFilter(lambda record: "eof_received" not in record.getMessage())
    async with starting(folder, _tls(certificate, folder / "stranger.pem"), certificate) as drill:
        print(f"{args.pending} made-up notices for the failing provider, {args.pending} for the others.", flush=True)
        for channel in drill.servers:
            await drill.office.register(channel, args.pending)
        await drill.office.register("line", args.pending, second=True)
        is_good = await _try(drill, faults, args)
        print(_about_log(drill.log), flush=True)
        return 0 if is_good and not _ADDRESSES.search(drill.log.read_text("utf-8", "replace")) else 1


async def _try(drill: Drill, faults: Sequence[Fault], args: argparse.Namespace) -> bool:
    results = []
    for fault in faults:
        results.append(await try_fault(drill, fault, args.pending))
        print(line(results[-1]), flush=True)
    problems = [problem for result in results for problem in result.problems()]
    if args.kills:
        killed = await try_kills(drill, args.kills, args.pending, random.Random())  # noqa: S311
        print(kill_line(killed), flush=True)
        problems += killed.problems()
    if args.table:
        print(f"\n{markdown(results)}\n", flush=True)
    return not problems


def _about_log(log: Path) -> str:
    text = log.read_text("utf-8", "replace")
    errors = [each for each in text.splitlines() if "Traceback" in each or " ERROR " in each]
    has_address = _ADDRESSES.search(text) is not None
    found = "AN ADDRESS" if has_address else "no address"
    first = "" if has_address or not errors else f" The first error: {errors[0]}"
    return f"The notifier's log has {len(text.splitlines())} lines, {len(errors)} errors and {found}.{first}"


def _tls(certificate: Path, stranger: Path) -> Tls:
    now = SystemClock().now()
    return Tls(make_tls(HOST, certificate, now), make_tls(HOST, stranger, now))


def run_server(args: argparse.Namespace) -> int:
    """Serves one fault server until SIGTERM or SIGINT; then says what it was given."""
    try:
        asyncio.run(_serve(_server(args), args.behaviour))
    except OSError as error:
        return failed(f"Cannot listen on {args.host}, port {args.port}: {plain(error)}.")
    return 0


def _server(args: argparse.Namespace) -> FaultServer:
    if args.server != "smtp":
        return HttpFaults(args.host, args.port, knows_repetitions=args.server == "line")
    if args.certificate is None:
        return SmtpFaults(args.host, args.port)
    with tempfile.NamedTemporaryFile(suffix=".pem") as stranger:
        return SmtpFaults(args.host, args.port, _tls(args.certificate, Path(stranger.name)))


async def _serve(server: FaultServer, behaviour: Behaviour) -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with server.running():
        await server.behave(behaviour)
        print(f"{server.host}:{server.port} {behaviour} · Ctrl-C ends it", flush=True)
        await told.wait()
    print(server.ledger.summary(), flush=True)
