"""A file that a command writes for somebody; never over another one unless told to."""

import os
from pathlib import Path
from typing import BinaryIO

from ticketing.hall.refusals import Refusal


class FileExists(Refusal):
    """There is a file of that name already; name another one, or replace it with --force."""

    code = "file_exists"


class FileNotMade(Refusal):
    """The file cannot be written there."""

    code = "file_not_written"


def new_file(path: Path, *, force: bool) -> BinaryIO:
    """The file, open for writing, readable by its owner and group only. Raises FileExists and FileNotMade."""
    way = os.O_TRUNC if force else os.O_EXCL
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | way, 0o640), "wb")
    except FileExistsError:
        raise FileExists from None
    except OSError:
        raise FileNotMade from None
