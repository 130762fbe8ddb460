"""The `junban` command."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from ticketing import __version__
from ticketing.commands.operation import failed, plain
from ticketing.commands.options import Parser

#: In the order in which the help lists them, and the module that each is in.
COMMANDS = {
    "serve": "serve", "check-config": "check_config", "staff": "staff", "device": "device", "purge": "purge",
    "erasures": "erasures", "keys": "keys", "backup": "backup", "restore": "backup", "migrate-to": "migrate_to",
    "replay": "replay", "report": "report", "audit": "audit", "handling-report": "handling_report",
    "data-map": "data_map", "drill": "drill", "bench": "bench",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Exits 0; 1 when it failed, with one sentence on standard error; 2 when it was called wrongly.

    Who stops reading the output has seen enough; that is no failure.
    """
    words = sys.argv[1:] if arguments is None else arguments
    args = parser_for(words).parse_args(words)
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


def parser_for(words: Sequence[str]) -> Parser:
    """Of the command that the words begin with, or else of all."""
    # To load all that Junban can do takes a second; one command needs a part of it.
    wanted = [COMMANDS[words[0]]] if words and words[0] in COMMANDS else dict.fromkeys(COMMANDS.values())
    parser = Parser(prog="junban", description="Queue tickets and turn alerts for public counters.")
    parser.add_argument("--version", action="version", version=f"junban {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in wanted:
        import_module(f"ticketing.commands.{module}").add_parser(commands)
    return parser


def _drop_output() -> None:
    # What is still held back would be tried once more at exit.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
