"""The log of a process as it really is: another process is started and its standard error read."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SETS_UP = "import logging\nfrom ticketing.commands.logs import set_up_logs\nset_up_logs()\n"


def log_of(code: str) -> str:
    """What a process that sets up its logs and then runs the code writes on standard error."""
    done = subprocess.run([sys.executable, "-c", SETS_UP + code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    return done.stderr


def test_line_has_the_time_in_utc_the_level_and_where_it_comes_from() -> None:
    written = log_of("logging.getLogger('notifier.delivery').info('sent %d', 3)")

    time, rest = written[:24], written[24:]
    assert (time[10], time[-1], rest) == ("T", "Z", " INFO notifier.delivery: sent 3\n")


def test_libraries_speak_up_only_when_something_is_wrong_and_are_masked() -> None:
    written = log_of(
        "log = logging.getLogger('mail.log')\nlog.info('to sato@example.jp')\nlog.error('to %s', 'sato@example.jp')"
    )

    assert written[24:] == " ERROR mail.log: to [mail]\n"


@pytest.mark.parametrize(
    "code",
    [
        "raise RuntimeError('cannot write to sato@example.jp')",
        "import warnings\nwarnings.warn('no answer from sato@example.jp')",
        "import threading\ndef run(): raise RuntimeError('sato@example.jp')\n"
        "t = threading.Thread(target=run)\nt.start()\nt.join()",
        "class Odd:\n    def __del__(self): raise RuntimeError('sato@example.jp')\nOdd()",
        "import asyncio\nasync def run(): raise RuntimeError('sato@example.jp')\n"
        "async def main():\n    asyncio.create_task(run())\n    await asyncio.sleep(0)\n    await asyncio.sleep(0)\n"
        "asyncio.run(main())\nimport gc\ngc.collect()",
        "logging.getLogger('x').error('%d', 'sato@example.jp')",
    ],
    ids=["uncaught", "warning", "thread", "unraisable", "task", "arguments"],
)
def test_what_nobody_caught_is_logged_and_masked(code: str) -> None:
    written = log_of(code)

    assert ("sato" in written, "[mail]" in written) == (False, True)


def test_interruption_from_the_keyboard_is_not_an_error() -> None:
    assert "CRITICAL" not in log_of("raise KeyboardInterrupt")
