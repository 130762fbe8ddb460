"""What is logged, and how: one line an event, on standard error."""

import logging
import sys
import time


def set_up_logs(level: int = logging.INFO) -> None:
    """Times are UTC. Libraries speak up only when something is wrong; some of them would log addresses."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("ticketing", "notifier", "purge_jobs"):
        logging.getLogger(name).setLevel(level)
