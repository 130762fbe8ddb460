"""The options that every command takes."""

import argparse
from pathlib import Path


def common_options() -> argparse.ArgumentParser:
    """A parent parser with ``--config FILE`` and ``--data DIR``, both None when not given."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--config", metavar="FILE", type=Path, help="configuration; without it, a demonstration office")
    parser.add_argument("--data", metavar="DIR", type=Path, help="data directory; goes before the configuration's own")
    return parser
