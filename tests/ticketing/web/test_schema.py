"""Thousands of requests made up from the description: no answer that it does not tell of, and never a 5xx."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.processes import OFFICE, ROOT, Installation, free_port

CONFIG = Path(__file__).with_name("schemathesis.toml")
SETTINGS = """
[server]
public_url = "http://127.0.0.1:{port}"
[mail]
host = "127.0.0.1"
port = 9
tls = "off"
sender = "junban@city.example.jp"
approval = "2026-1"
[line]
channel_access_token = "token"
channel_secret = "secret"
account = "@minato"
api_url = "http://127.0.0.1:9"
approval = "2026-2"
[privacy]
responsible = "Citizens' Affairs"
[security]
tickets_per_address_hour = 10000
tickets_per_browser_hour = 10000
sign_in_attempts_minute = 10000
"""
REASON = """
[[office.reason]]
code = "papers"
name = { ja = "書類", en = "Papers are missing" }
"""


async def schemathesis(url: str, *arguments: str, numbers: str = "A001") -> str:
    """Runs it against a server; what it reported, after it was content."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{url}/openapi.json",
        "--checks", "all",
        # What is well-formed may still be refused: a key used twice, a consent not given, a code that is wrong.
        "--exclude-checks", "positive_data_acceptance",
        "--phases", "coverage,fuzzing", "--seed", "20260901", "--continue-on-failure", "--no-color",
        "--suppress-health-check", "all", "--generation-database", "none", *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {
            "SCHEMATHESIS_HOOKS": "tests.ticketing.web.schema_hooks", "PYTHONPATH": str(ROOT),
            "JUNBAN_NUMBERS": numbers,
        },
    )  # fmt: skip
    output = (await process.communicate())[0].decode()
    assert process.returncode == 0, output.partition("FAILURES")[2][:6000]
    return output


def generated(report: str) -> int:
    (count,) = re.findall(r"(\d+) generated", report)
    return int(count)


@pytest.fixture
async def installation(tmp_path: Path) -> tuple[Installation, int]:
    port = free_port()
    made = Installation.make(tmp_path, SETTINGS.format(port=port), OFFICE + REASON)
    await made.add_staff("sato", "clerk,supervisor,privacy")
    return made, port


async def test_every_answer_is_as_described(installation: tuple[Installation, int]) -> None:
    made, port = installation
    code = await made.invite("kiosk")
    async with made.serving(port) as server:
        staff, kiosk = await server.signed_in("sato"), await server.enrolled(code)
        tickets = "/api/v1/offices/minato/tickets"
        given = [(await kiosk.post(tickets, json={"service": "family"})).json() for _ in range(12)]
        for counter in ("c1", "c2"):
            await staff.post(f"/api/v1/offices/minato/counters/{counter}/open")
        cookies = [f"{name}={value}" for client in (staff, kiosk) for name, value in client.cookies.items()]
        credentials = ["-H", f"Cookie: {'; '.join(cookies)}", "-H", f"Authorization: Bearer {given[-1]['secret']}"]
        numbers = ",".join(each["number"] for each in given)

        # What ends the work would leave little to try for all that follows; so it comes last.
        ends = [f"post_api_v1_offices_office_{verb}" for verb in ("counters_counter_close", "day_close")]
        known = [*credentials, "--generation-with-security-parameters", "false"]
        left_out = [each for name in (*ends, "delete_api_v1_session") for each in ("--exclude-operation-id", name)]
        work = await schemathesis(server.url, *known, "-n", "15", *left_out, numbers=numbers)
        for name in ends:
            await schemathesis(server.url, *known, "-n", "10", "--include-operation-id", name)
        strangers = await schemathesis(server.url, "-n", "10")

        assert generated(work) > 1000
        assert generated(strangers) > 1000
        assert (await server.client().get("/readyz")).json() == {"status": "ok", "problems": []}
    log = made.log.read_text()
    assert "Traceback" not in log
    assert "ERROR" not in log
