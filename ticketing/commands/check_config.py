"""The command `junban check-config`: prints the effective configuration, or every mistake in it."""

import argparse
import sys
from typing import Any

from ticketing.commands.options import common_options
from ticketing.config import ConfigError, read_config
from ticketing.config.show import show


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser(
        "check-config",
        parents=[common_options()],
        help="print the effective configuration, or every mistake in it",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 and the configuration on standard output; or 1 and one line a mistake on standard error."""
    try:
        config = read_config(args.config, args.data)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(show(config)))
    return 0
