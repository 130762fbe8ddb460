"""The comparison of HTTP servers: those that are here are measured, the others are named."""

from pathlib import Path

import pytest

from bench import servers


async def test_each_server_that_is_installed_is_measured_beside_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("CLIENTS", 4), ("ROUNDS", 1), ("SECONDS", 0.2), ("WARM_UP_SECONDS", 0.0)):
        monkeypatch.setattr(servers, name, value)
    known = servers.SERVERS["uvicorn, httptools, asyncio"]
    monkeypatch.setattr(servers, "SERVERS", {"known": known, "unknown": ("no_such_server", ("no_such_server",))})

    left_out, measured = await servers.measure(tmp_path)

    assert left_out == {"bench": "unknown", "left_out": "no_such_server is not installed"}
    assert (measured["server"], measured["other_answers"]) == ("known", 0)
    assert measured["per_second"] > 0
    assert measured["reference_per_second"] > 0
