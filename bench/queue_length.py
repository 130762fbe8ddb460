"""What a command costs with few and with many who wait."""

from itertools import islice, repeat
from pathlib import Path

from bench.client import drive
from bench.figures import Line
from bench.halls import Hall, hall
from bench.installation import SERVICES, Console, issue
from bench.scale import Scale

CLIENTS = 13
#: Commands of each measurement; the queue is longer by so many at most.
COMMANDS = 13 * 20


async def measure(scale: Scale, folder: Path) -> list[Line]:
    """Processor time of issuing and of calling, in offices whose queues are of different lengths."""
    lines: list[Line] = []
    async with hall(folder) as our_hall:
        offices = [each for each in our_hall.installation.consoles if each.counter == "c1"]
        # What the first commands of all cost is nobody's length.
        await _costs(our_hall, offices[-1])
        for console, waiting in zip(offices, scale.queues):
            await our_hall.issue(console.office, SERVICES[0], waiting)
            issuing, calling = await _costs(our_hall, console)
            first = lines[0] if lines else None
            lines.append(
                {
                    "bench": "queue-length",
                    "waiting": waiting,
                    "issue_cpu_us": round(issuing * 1e6),
                    "call_next_cpu_us": round(calling * 1e6),
                    "issue_ratio": round(issuing * 1e6 / first["issue_cpu_us"], 2) if first else 1.0,
                    "call_next_ratio": round(calling * 1e6 / first["call_next_cpu_us"], 2) if first else 1.0,
                }
            )
    return lines


async def _costs(our_hall: Hall, console: Console) -> tuple[float, float]:
    request = issue(console.office, SERVICES[0], our_hall.cookies[console.office])
    everybody = [each for each in our_hall.installation.consoles if each.office == console.office]
    issuing = await _cost(our_hall, [request] * CLIENTS)
    return issuing, await _cost(our_hall, [each.call_next() for each in everybody[:CLIENTS]])


async def _cost(our_hall: Hall, requests: list[bytes]) -> float:
    cpu = our_hall.server.cpu_seconds()
    each = [islice(repeat(request), COMMANDS // len(requests)) for request in requests]
    run = await drive(our_hall.server.port, each, seconds=120)
    return (our_hall.server.cpu_seconds() - cpu) / run.statuses.total()
