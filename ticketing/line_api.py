"""What is asked of LINE's HTTP interface, and how much of an answer is read."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import ClientResponse

PUSH_PATH = "/v2/bot/message/push"
#: Says whose ID token it is, if it is genuine.
VERIFY_PATH = "/oauth2/v2.1/verify"
#: LINE answers with a few hundred bytes.
MOST_ANSWER_BYTES = 16 * 1024


async def read_answer(response: "ClientResponse") -> bytes:
    """The answer's body, or its first ``MOST_ANSWER_BYTES`` when there are more."""
    body = b""
    async for chunk in response.content.iter_chunked(MOST_ANSWER_BYTES):
        body += chunk
        if len(body) >= MOST_ANSWER_BYTES:
            break
    return body[:MOST_ANSWER_BYTES]
