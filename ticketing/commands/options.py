"""How every command is called: its options, and what it says when it was called wrongly."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn


def common_options() -> argparse.ArgumentParser:
    """A parent parser with ``--config FILE`` and ``--data DIR``, both None when not given."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--config", metavar="FILE", type=Path, help="configuration; without it, a demonstration office")
    parser.add_argument("--data", metavar="DIR", type=Path, help="data directory; goes before the configuration's own")
    return parser


def public_key_option() -> argparse.ArgumentParser:
    """A parent parser with ``--public-key FILE``, which may be given several times."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--public-key", metavar="FILE", type=Path, action="append", default=[], dest="public_keys",
        help="a public key whose signatures count (default: this installation's own)",
    )  # fmt: skip
    return parser


class Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong; the parsers of its subcommands do so too."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {' '.join(message.split())}.", file=sys.stderr)
        sys.exit(2)
