import asyncio

import pytest

from bench.boards import Board, Gathering
from ticketing.live_protocol import text_frame

CALL = text_frame(b'{"type":"change","seq":7,"calls":[{"seq":7,"number":"A1"}]}')
LONG_CALL = text_frame(b'{"type":"change","seq":8,"calls":[{"seq":8,"number":"A2"}],"absent":' + b"[]" * 40_000 + b"}")
OTHERS = [
    text_frame(b'{"type":"snapshot","calls":[{"seq":1}]}'),
    text_frame(b'{"type":"change","seq":6,"calls":[]}'),
    text_frame(b'{"type":"pulse","seq":7}'),
]


@pytest.mark.parametrize("piece", [1, 7, 1000, 200_000])
async def test_board_tells_calls_from_all_other_frames(piece: int) -> None:
    gathering = Gathering()
    board = Board(b"", b"\r\n\r\n", gathering)
    done = gathering.expect(2)
    stream = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + OTHERS[0] + CALL + OTHERS[1] + LONG_CALL + OTHERS[2]

    for start in range(0, len(stream), piece):
        board.data_received(stream[start : start + piece])

    assert board.ready.done()
    assert done.done()
    assert gathering.frame == LONG_CALL


async def test_gathering_is_over_with_the_last_board() -> None:
    gathering = Gathering()
    done = gathering.expect(2)

    gathering.had(CALL)
    before = done.done()
    gathering.had(CALL)

    assert (before, await asyncio.wait_for(done, 1) > 0) == (False, True)
