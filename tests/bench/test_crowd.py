import asyncio
import base64
import json
import select
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bench.crowd import Client, Crowd
from bench.crowds import CALL_MARKS, TICKET_MARKS, Group, client_frame, crowd, live
from ticketing.live_protocol import text_frame

CALL = text_frame(b'{"type":"change","seq":7,"calls":[{"seq":7,"number":"A1"}]}')
LONG_CALL = text_frame(b'{"type":"change","seq":8,"calls":[{"seq":8,"number":"A2"}],"absent":' + b"[]" * 40_000 + b"}")
OTHERS = [
    text_frame(b'{"type":"snapshot","calls":[{"seq":1}]}'),
    text_frame(b'{"type":"change","seq":6,"calls":[]}'),
    text_frame(b'{"type":"pulse","seq":7}'),
]
WELCOME = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


class _Told:
    """A crowd without sockets, and what it said."""

    def __init__(self, marks: tuple[str, ...], clients: int, welcomes: tuple[str, ...] = ("\r\n\r\n",)) -> None:
        self.lines: list[dict[str, Any]] = []
        self.crowd = Crowd(self.lines.append)
        self.crowd._marks = tuple(mark.encode() for mark in marks)
        self.crowd._welcomes = tuple(each.encode() for each in welcomes)
        self.clients = [Client(0, [b"hello"]) for _ in range(clients)]
        self.crowd._clients = dict(enumerate(self.clients))

    def rounds(self) -> list[tuple[int, bytes]]:
        return [(line["round"], base64.b64decode(line["frame"])) for line in self.lines if "round" in line]


@pytest.mark.parametrize("piece", [1, 7, 1000, 200_000])
def test_client_tells_calls_from_all_other_frames(piece: int) -> None:
    told = _Told(CALL_MARKS, 1)
    stream = WELCOME + OTHERS[0] + CALL + OTHERS[1] + LONG_CALL + OTHERS[2]

    for start in range(0, len(stream), piece):
        told.crowd.feed(told.clients[0], stream[start : start + piece], 0.0)

    assert told.clients[0].is_ready
    assert told.rounds() == [(1, CALL), (2, LONG_CALL)]


def test_client_answers_pings_or_the_server_would_let_it_go() -> None:
    told = _Told(CALL_MARKS, 1)
    ours, servers = socket.socketpair()
    told.clients[0].socket = ours

    with ours, servers:
        told.crowd.feed(told.clients[0], WELCOME + b"\x89\x04ping" + CALL, 0.0)

        assert servers.recv(100) == b"\x8a\x84\0\0\0\0ping"
    assert told.rounds() == [(1, CALL)]


def test_round_is_over_with_the_last_client() -> None:
    told = _Told(CALL_MARKS, 3)
    for client in told.clients:
        told.crowd.feed(client, WELCOME, 0.0)

    for at, client in enumerate(told.clients[:2]):
        told.crowd.feed(client, CALL, float(at))
    before = told.rounds()
    told.crowd.feed(told.clients[2], CALL, 5.0)

    assert before == []
    assert [(line["first"], line["last"]) for line in told.lines] == [(0.0, 5.0)]


def _ticket(position: int | None) -> bytes:
    return text_frame(b'{"type":"ticket","position":' + json.dumps(position).encode() + b',"ahead":1}')


def test_deliveries_are_counted_from_each_call_to_the_last_visitor_who_waited() -> None:
    told = _Told(TICKET_MARKS, 2)
    for place, client in enumerate(told.clients, start=1):
        told.crowd.feed(client, WELCOME + _ticket(place), 0.0)
    first, second = told.clients
    told.crowd.feed(first, _ticket(None), 10.1)
    told.crowd.feed(second, _ticket(1), 10.3)
    # The second call comes, and its frame is late.
    told.crowd.feed(second, _ticket(1) + _ticket(None), 11.5)

    deliveries = told.crowd._deliveries([[10.0, 11.0]])

    assert deliveries["lasts"] == pytest.approx([0.3, 0.5])
    assert (deliveries["told"], deliveries["never"]) == (3, 0)


def test_visitor_who_is_never_told_is_starved() -> None:
    told = _Told(TICKET_MARKS, 1)
    told.crowd.feed(told.clients[0], WELCOME + _ticket(3), 0.0)
    told.crowd.feed(told.clients[0], _ticket(2), 1.2)

    deliveries = told.crowd._deliveries([[1.0, 2.0]])

    assert (deliveries["told"], deliveries["never"]) == (1, 1)


def test_frame_that_tells_of_two_calls_counts_for_both() -> None:
    told = _Told(TICKET_MARKS, 1)
    told.crowd.feed(told.clients[0], WELCOME + _ticket(3), 0.0)
    told.crowd.feed(told.clients[0], _ticket(1), 2.5)

    assert told.crowd._deliveries([[1.0, 2.0]])["every"]["p100"] == pytest.approx(1.5)


@pytest.fixture
def feed() -> Iterator[tuple[int, list[socket.socket]]]:
    """A server that welcomes whoever greets it, and then waits to be told what to send."""
    server, taken = socket.create_server(("127.0.0.1", 0)), []

    def welcome() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            client.recv(4096)
            client.sendall(WELCOME)
            taken.append(client)

    thread = threading.Thread(target=welcome, daemon=True)
    thread.start()
    yield server.getsockname()[1], taken
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    for client in taken:
        client.close()
    thread.join(5)


async def test_crowd_in_a_process_of_its_own_says_when_all_have_a_frame(feed: tuple[int, list[socket.socket]]) -> None:
    port, taken = feed
    async with crowd() as boards:
        await boards.connect(port, [Group((live("b01"),), 5)])
        round_ = asyncio.create_task(boards.round())
        for client in taken:
            await asyncio.to_thread(client.sendall, OTHERS[1] + CALL)
        shown = await asyncio.wait_for(round_, 10)
        await boards.close()

    assert shown.frame == CALL
    assert shown.first <= shown.p99 <= shown.last
    # All have gone away.
    assert all(select.select([client], [], [], 5)[0] and client.recv(100) == b"" for client in taken)


def test_client_frame_is_masked_and_of_the_right_length() -> None:
    assert client_frame(b"ab") == b"\x81\x82\0\0\0\0ab"
    assert client_frame(b"a" * 200, is_text=False) == b"\x82\xfe\x00\xc8\0\0\0\0" + b"a" * 200
