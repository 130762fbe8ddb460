"""What the served process costs: memory when it has nothing to do, and the time from its start to its first answer."""

import asyncio
from pathlib import Path
from statistics import median

from bench.figures import Line, Targets, judged
from bench.processes import free_port, junban, module, serving
from bench.scale import Scale

TARGETS: Targets = {"resident_mib": ("at most", 150), "start_seconds": ("at most", 2)}
#: After the first answer, until what the start left to do is done.
SETTLE_SECONDS = 1.0


async def measure(scale: Scale, folder: Path) -> Line:
    """`junban serve` without a configuration, each time on a new data directory, and the plain endpoint."""
    ours, references = [], []
    for place in range(scale.starts):
        port = free_port()
        references.append(await _start(module("bench.plain", port), port, folder))
        port = free_port()
        ours.append(await _start(junban(port, "--data", str(folder / f"start{place}")), port, folder))
    line: Line = {
        "bench": "process",
        "starts": scale.starts,
        "resident_mib": round(median(memory for memory, _ in ours) / 2**20, 1),
        "start_seconds": round(median(seconds for _, seconds in ours), 2),
        "reference_resident_mib": round(median(memory for memory, _ in references) / 2**20, 1),
        "reference_start_seconds": round(median(seconds for _, seconds in references), 2),
    }
    return judged(line, TARGETS)


async def _start(command: list[str], port: int, folder: Path) -> tuple[int, float]:
    async with serving(command, port, folder / "start.log") as server:
        await asyncio.sleep(SETTLE_SECONDS)
        return server.resident_bytes(), server.start_seconds
