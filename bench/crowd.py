"""Many WebSocket clients in a process of their own, as cheap as they can be: one epoll loop, plain sockets.

Told by lines of JSON on standard input, answers by lines of JSON on standard output (see bench/crowds.py). Times are
``time.perf_counter()``, which all processes of a Linux machine share.
"""

import base64
import gc
import json
import os
import select
import socket
import sys
import time
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

HOST = "127.0.0.1"
#: Clients that connect before their welcomes are read.
TOGETHER = 100
PATIENCE_SECONDS = 60.0
_TICKET = b'"type":"ticket"'
_POSITION = b'"position":'
#: First bytes of frames; the server lets clients go that leave its pings unanswered.
_PING, _PONG, _MASKED = 0x89, 0x8A, 0x80


def end_of_frame(received: bytes | bytearray) -> int:
    """The length of the first frame of a server, which may not be there yet."""
    if len(received) < 4:
        return 4
    match received[1]:
        case 126:
            return 4 + int.from_bytes(received[2:4])
        case 127:
            return 10 + int.from_bytes(received[2:10])
        case length:
            return 2 + length


def _pong(ping: bytes) -> bytes:
    # Clients must mask what they send; with zeros it stays as it is.
    return bytes((_PONG, _MASKED | ping[1])) + bytes(4) + ping[2:]


class Client:
    """One connection: it greets, is welcomed, and from then on only listens."""

    __slots__ = ("first", "greetings", "had", "is_ready", "moves", "office", "rest", "socket", "welcomes")

    def __init__(self, office: int, greetings: Sequence[bytes]) -> None:
        self.office = office
        #: What it says: the first at once, each other one after a welcome.
        self.greetings = greetings
        self.welcomes = 0
        self.is_ready = False
        self.rest = b""
        #: Frames of the kind that is counted.
        self.had = 0
        #: A visitor's first position, and when it changed to what.
        self.first = 0
        self.moves: list[tuple[float, int]] = []

    def connect(self, port: int) -> None:
        self.socket = socket.create_connection((HOST, port))
        self.socket.sendall(self.greetings[0])
        self.socket.setblocking(False)


class Crowd:
    """All clients of this process."""

    def __init__(self, tell: Callable[[dict[str, Any]], None]) -> None:
        self._tell = tell
        self._poller = select.epoll()
        self._clients: dict[int, Client] = {}
        self._buffer = bytearray(1 << 18)
        self._received = memoryview(self._buffer)
        self._marks: tuple[bytes, ...] = ()
        #: What ends each welcome.
        self._welcomes: tuple[bytes, ...] = ()
        self._ready = 0
        self._lost = 0
        #: By how often a client had a frame: when each client had it.
        self._rounds: dict[int, list[float]] = {}

    def run(self) -> None:
        """Until standard input ends."""
        self._poller.register(0, select.EPOLLIN)
        said = b""
        while True:
            for descriptor, _ in self._poller.poll():
                if descriptor != 0:
                    self._receive(descriptor)
                    continue
                data = os.read(0, 1 << 20)
                if not data:
                    return
                *lines, said = (said + data).split(b"\n")
                for line in lines:
                    self._do(json.loads(line))

    def _do(self, order: dict[str, Any]) -> None:
        match order["do"]:
            case "connect":
                self._connect(order)
            case "deliveries":
                self._tell(self._deliveries(order["calls"]))
            case "close":
                self._close()

    def _connect(self, order: dict[str, Any]) -> None:
        begin = time.perf_counter()
        self._marks = tuple(mark.encode() for mark in order["marks"])
        self._welcomes = tuple(welcome.encode() for welcome in order["welcomes"])
        self._ready = self._lost = 0
        pending: list[Client] = []
        for office, greetings, clients in order["clients"]:
            said = [base64.b64decode(each) for each in greetings]
            pending += [Client(office, said) for _ in range(clients)]
        count = len(pending)
        pending.reverse()
        while pending:
            some = [pending.pop() for _ in range(min(TOGETHER, len(pending)))]
            for client in some:
                client.connect(order["port"])
                self._clients[client.socket.fileno()] = client
                self._poller.register(client.socket.fileno(), select.EPOLLIN)
            self._await(count - len(pending), begin)
        self._tell({"ready": self._ready, "seconds": time.perf_counter() - begin})

    def _await(self, ready: int, begin: float) -> None:
        while self._ready < ready and not self._lost:
            if time.perf_counter() - begin > PATIENCE_SECONDS:
                sys.exit(f"only {self._ready} of {ready} clients were welcomed")
            for descriptor, _ in self._poller.poll(1.0):
                if descriptor != 0:
                    self._receive(descriptor)
        if self._lost:
            sys.exit(f"{self._lost} clients were not welcomed")

    def _receive(self, descriptor: int) -> None:
        client = self._clients.get(descriptor)
        if client is None:
            return
        try:
            count = client.socket.recv_into(self._received)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if count == 0:
            self._lose(descriptor)
            return
        self.feed(client, bytes(self._received[:count]), time.perf_counter())

    def _lose(self, descriptor: int) -> None:
        client = self._clients.pop(descriptor)
        self._poller.unregister(descriptor)
        client.socket.close()
        self._lost += 1

    def feed(self, client: Client, data: bytes, now: float) -> None:
        """What a client received."""
        received = client.rest + data if client.rest else data
        while client.welcomes < len(self._welcomes):
            _, found, after = received.partition(self._welcomes[client.welcomes])
            if not found:
                client.rest = received
                return
            received = after
            self._welcomed(client)
        while (end := end_of_frame(received)) <= len(received):
            frame, received = received[:end], received[end:]
            if frame[0] == _PING:
                client.socket.send(_pong(frame))
            else:
                self._had(client, frame, now)
        client.rest = received

    def _welcomed(self, client: Client) -> None:
        client.welcomes += 1
        if client.welcomes < len(client.greetings):
            client.socket.send(client.greetings[client.welcomes])
        # A visitor's last welcome is the ticket.
        if client.welcomes == len(self._welcomes) and self._marks[0] != _TICKET:
            self._is_ready(client)

    def _is_ready(self, client: Client) -> None:
        client.is_ready = True
        self._ready += 1

    def _had(self, client: Client, frame: bytes, now: float) -> None:
        for mark in self._marks:
            if mark not in frame:
                return
        if self._marks[0] == _TICKET:
            self._moved(client, frame, now)
            return
        client.had += 1
        times = self._rounds.setdefault(client.had, [])
        times.append(now)
        if len(times) == len(self._clients):
            del self._rounds[client.had]
            self._tell(
                {
                    "round": client.had,
                    "first": times[0],
                    "middle": times[len(times) // 2],
                    "p99": times[max(0, ceil(0.99 * len(times)) - 1)],
                    "last": times[-1],
                    "frame": base64.b64encode(frame).decode(),
                }
            )

    def _moved(self, client: Client, frame: bytes, now: float) -> None:
        position = _position(frame)
        if not client.is_ready:
            self._is_ready(client)
            client.first = position
            client.moves = [(now, position)]
        elif position != client.moves[-1][1]:
            client.moves.append((now, position))

    def _deliveries(self, calls: list[list[float]]) -> dict[str, Any]:
        """How long after each call everybody who waited in its office knew of it; ``calls``: times by office."""
        lasts: list[float] = []
        every: list[float] = []
        never = 0
        of_office: dict[int, list[Client]] = {}
        for client in self._clients.values():
            of_office.setdefault(client.office, []).append(client)
        for office, times in enumerate(calls):
            worst = [0.0] * len(times)
            for client in of_office.get(office, []):
                moves = iter(client.moves)
                at, position = next(moves)
                for place, called_at in enumerate(times[: client.first]):
                    wanted = client.first - place - 1
                    while position > wanted and (move := next(moves, None)) is not None:
                        at, position = move
                    if position > wanted:
                        never += 1
                        continue
                    every.append(at - called_at)
                    worst[place] = max(worst[place], at - called_at)
            lasts += worst
        return {"lasts": lasts, "every": _parts(every), "never": never, "lost": self._lost, "told": len(every)}

    def _close(self) -> None:
        for descriptor in list(self._clients):
            self._lose(descriptor)
        self._rounds.clear()
        self._tell({"closed": True})


def _position(frame: bytes) -> int:
    """0: not in the queue any more."""
    at = frame.find(_POSITION) + len(_POSITION)
    end = frame.find(b",", at)
    text = frame[at:end]
    return int(text) if text.isdigit() else 0


def _parts(values: list[float]) -> dict[str, float]:
    values.sort()
    return {f"p{part * 100:g}": values[max(0, ceil(part * len(values)) - 1)] for part in (0.5, 0.99, 1.0) if values}


def main() -> None:
    # It makes no circles, and a collection would look like a slow server.
    gc.disable()
    Crowd(lambda line: print(json.dumps(line), flush=True)).run()


if __name__ == "__main__":
    main()
