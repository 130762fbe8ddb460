"""Junban on a disk whose fsync takes 4 ms: the thread that writes the journal sleeps so long before every commit.

The interpreter lock is free meanwhile, as it is in fsync. ``python -m bench.slow_disk serve …``
"""

import sqlite3
import sys
import time

from ticketing.__main__ import main
from ticketing.storage.sqlite import SqliteFile

FSYNC_SECONDS = 0.004


def sleep_before_commits() -> None:
    """Every commit of this process from now on is that of the slow disk."""
    commit_on = SqliteFile._commit_on

    def slowly(self: SqliteFile, connection: sqlite3.Connection) -> None:
        time.sleep(FSYNC_SECONDS)
        commit_on(self, connection)

    SqliteFile._commit_on = slowly  # type: ignore[method-assign]


if __name__ == "__main__":
    sleep_before_commits()
    sys.exit(main(sys.argv[1:]))
