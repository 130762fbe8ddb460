"""The access log holds no token and no address, and one line for each request."""

import re
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from ticketing.web.access_log import AccessLog, keep_access_log


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})


async def ask(path: str, **more: object) -> None:
    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        return None

    scope = {"type": "http", "method": "POST", "path": path, "client": ("203.0.113.9", 1), "query_string": b"a=b"}
    await AccessLog(answer)({**scope, **more}, receive, send)


async def test_access_log_keeps_neither_tokens_nor_addresses_nor_queries(tmp_path: Path) -> None:
    keep_access_log(tmp_path, days=3)

    await ask("/u/abcdef")
    await ask("/api/v1/offices/minato/tickets", path_params={"office": "minato"})
    await ask("/x\nforged line")
    await ask("/t/minato.20260903.A012.abcdefghijklmnopqrstuv")
    await ask("/t/sato@example.jp")
    await ask("/t/sato＠example.jp")
    await ask("/t/+819012345678")

    lines = (tmp_path / "access.log").read_text("utf-8").splitlines()
    assert [re.sub(r"^\S+Z | [\d.]+$", "", line) for line in lines] == [
        "POST /u/* 204",
        "POST /api/v1/offices/minato/tickets 204",
        "POST /x\\u000aforged\\u0020line 204",
        "POST /t/[secret] 204",
        "POST [mail] 204",
        "POST [mail] 204",
        "POST /t/[phone] 204",
    ]
