"""The command `junban data-map`: every stored field, its purpose, who sees it, how long, under which key."""

import argparse
from typing import Any

from ticketing.commands.options import common_options
from ticketing.data_map.show import as_json, as_markdown


def add_parser(subparsers: Any) -> None:
    """Adds the command to the parsers of ``junban``."""
    parser = subparsers.add_parser(
        "data-map", parents=[common_options()], help="print every stored field: purpose, who sees it, how long"
    )
    parser.add_argument("--format", choices=("markdown", "json"), default="markdown", help="default: markdown")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints it; it is the same for every installation, so nothing is opened and nothing recorded."""
    print(as_json() if args.format == "json" else as_markdown())
    return 0
