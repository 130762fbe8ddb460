"""The command `junban bench`: the benchmarks, one JSON object a line."""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import uvloop

from bench.processes import ServerFailed
from bench.scale import FULL, PARTS, QUICK, Scale
from ticketing.commands.operation import failed, plain

#: Unlike the usual temporary directory it is on a disk, so that a commit costs what it costs in service.
ON_DISK = Path("/var/tmp")  # noqa: S108


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser("bench", help="measure this machine; prints one JSON object a line")
    parser.add_argument("--data", metavar="DIR", type=Path, help="where temporary files are made; choose the real disk")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="seconds instead of minutes, to see that it works")
    size.add_argument("--full", action="store_true", help="the largest sizes: forty minutes instead of six")
    parser.add_argument(
        "--only",
        type=_parts,
        default=PARTS,
        metavar="PART,…",
        help=f"parts to measure: {', '.join(PARTS)}; without it all",
    )
    parser.set_defaults(run=run)


def _parts(text: str) -> Sequence[str]:
    parts = tuple(part.strip() for part in text.split(","))
    if not set(parts) <= set(PARTS):
        raise argparse.ArgumentTypeError(f"the parts are {', '.join(PARTS)}")
    return parts


def run(args: argparse.Namespace) -> int:
    """Measures; 0 also when a target is missed, for that is a result."""
    parent: Path = args.data or (ON_DISK if ON_DISK.is_dir() else Path(tempfile.gettempdir()))
    scale = QUICK if args.quick else FULL if args.full else Scale()
    # Only now: the served process does without all that the benchmarks need.
    run_all = import_module("bench.run").run
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run_all(scale, parent, args.only))
    except BrokenPipeError:
        raise
    except (ServerFailed, OSError) as error:
        return failed(f"The benchmark could not be run: {plain(error)}.")
    return 0
