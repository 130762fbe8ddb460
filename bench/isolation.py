"""How soon LINE's notices leave while the mail server is stuck."""

from pathlib import Path

from bench.figures import Line, Targets, judged
from bench.scale import Scale
from notifier.drill.behaviours import Behaviour
from notifier.drill.faults import Fault
from notifier.drill.smtp_server import Tls
from notifier.drill.start import starting
from notifier.drill.trial import try_fault
from ticketing.clock import SystemClock
from ticketing.demo.certificate import make_tls

TARGETS: Targets = {"others_seconds": ("at most", 5)}
FAULT = Fault("email", Behaviour("hang", "mail"), "later")
#: Stands for "never", which JSON has no number for.
NEVER_SECONDS = 9_999.0


async def measure(scale: Scale, folder: Path) -> Line:
    """The drill's own trial, mail and LINE, with the notifier in a process of its own."""
    folder.mkdir()
    now, certificate = SystemClock().now(), folder / "certificate.pem"
    tls = Tls(make_tls("127.0.0.1", certificate, now), make_tls("127.0.0.1", folder / "stranger.pem", now))
    async with starting(folder, tls, certificate, has_phone=False) as drill:
        for channel in drill.servers:
            await drill.office.register(channel, scale.pending)
        result = await try_fault(drill, FAULT, scale.pending)
    line: Line = {
        "bench": "isolation",
        "pending": scale.pending,
        "others_seconds": round(NEVER_SECONDS if result.others_seconds is None else result.others_seconds, 2),
        "stuck_meanwhile": result.during.open,
        "sent_in_the_end": result.after.sent + result.others.sent,
        "lost": result.lost,
        "doubled": result.doubled + result.others_doubled,
    }
    return judged(line, TARGETS)
