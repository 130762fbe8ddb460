"""The `junban` command."""

import argparse
import sys
from collections.abc import Sequence

from ticketing import __version__
from ticketing.commands import audit, bench, check_config, device, erasures, purge, replay, report, serve, staff


def main(arguments: Sequence[str] | None = None) -> int:
    """Exits 0; 1 when it failed, with one sentence on standard error; 2 when it was called wrongly."""
    parser = argparse.ArgumentParser(prog="junban", description="Queue tickets and turn alerts for public counters.")
    parser.add_argument("--version", action="version", version=f"junban {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (serve, check_config, staff, device, purge, erasures, replay, report, audit, bench):
        command.add_parser(commands)
    args = parser.parse_args(arguments)
    code: int = args.run(args)
    return code


if __name__ == "__main__":
    sys.exit(main())
