"""The `junban` command."""

import os
import sys
from collections.abc import Sequence

from ticketing import __version__
from ticketing.commands import (
    audit,
    backup,
    bench,
    check_config,
    data_map,
    device,
    drill,
    erasures,
    handling_report,
    keys,
    migrate_to,
    purge,
    replay,
    report,
    serve,
    staff,
)
from ticketing.commands.operation import failed, plain
from ticketing.commands.options import Parser

#: In the order in which the help lists them.
_COMMANDS = (
    serve, check_config, staff, device, purge, erasures, keys, backup, migrate_to, replay, report, audit,
    handling_report, data_map, drill, bench,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Exits 0; 1 when it failed, with one sentence on standard error; 2 when it was called wrongly.

    Who stops reading the output has seen enough; that is no failure.
    """
    args = _parser().parse_args(arguments)
    code = 0
    try:
        code = args.run(args)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        _drop_output()
        return failed(f"Junban cannot go on: {plain(error)}.")
    return code


def _parser() -> Parser:
    parser = Parser(prog="junban", description="Queue tickets and turn alerts for public counters.")
    parser.add_argument("--version", action="version", version=f"junban {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def _drop_output() -> None:
    # What is still held back would be tried once more at exit.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
