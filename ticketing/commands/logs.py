"""What is logged, and how: one line an event, on standard error, with nothing in it that names a visitor."""

import logging
import sys
import threading
import time
from types import TracebackType

from ticketing.masking import Masking

_log = logging.getLogger(__name__)


def set_up_logs(level: int = logging.INFO) -> None:
    """Times are UTC. Libraries speak up only when something is wrong; some of them would log addresses.

    Warnings of the interpreter and errors that nobody caught go the same way, so that they are masked too.
    """
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    handler.addFilter(Masking())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("ticketing", "notifier", "purge_jobs"):
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        _log.critical("the process ends with an error that nobody caught", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is not None and not isinstance(what.exc_value, SystemExit):
        _log.error("a thread ended", exc_info=(what.exc_type, what.exc_value, what.exc_traceback))


def _log_unraisable(what: "sys.UnraisableHookArgs") -> None:
    if what.exc_value is not None:
        _log.error("an error while tidying up", exc_info=(what.exc_type, what.exc_value, what.exc_traceback))
