"""A process that waits to be woken: prints how long each wake-up took, from the time that it bears to its arrival."""

import asyncio
import json
import sys
import time

import asyncpg
import uvloop

from bench.client import HOST

CHANNEL = "junban_bench"


async def postgres(url: str, wake_ups: int) -> list[float]:
    """LISTEN."""
    times: list[float] = []
    done = asyncio.Event()

    def heard(connection: object, pid: int, channel: str, payload: str) -> None:
        times.append(time.perf_counter() - float(payload))
        if len(times) == wake_ups:
            done.set()

    connection = await asyncpg.connect(url)
    await connection.add_listener(CHANNEL, heard)
    print("ready", flush=True)
    await done.wait()
    await connection.close()
    return times


async def redis(port: int, wake_ups: int) -> list[float]:
    """SUBSCRIBE."""
    times: list[float] = []
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(f"SUBSCRIBE {CHANNEL}\r\n".encode())
    # An array of three: "subscribe", the channel, and how many.
    for _ in range(6):
        await reader.readline()
    print("ready", flush=True)
    while len(times) < wake_ups:
        # "message", the channel, and the payload, each with its length before it.
        lines = [await reader.readline() for _ in range(7)]
        times.append(time.perf_counter() - float(lines[-1]))
    writer.close()
    return times


if __name__ == "__main__":
    kind, where, many = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        heard = runner.run(postgres(where, many) if kind == "postgres" else redis(int(where), many))
    print(json.dumps(heard), flush=True)
