"""What arrives at a provider's gateway, and what its answers mean."""

import asyncio
import base64
import json
import logging
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from notifier.channels.base import Message, SendError
from notifier.channels.phone import PhoneChannel
from tests.notifier.gateway import GatewayServer, gateway_server
from ticketing.config import Config, Gateway, Phone, Secret, read_config
from ticketing.contacts import Contact
from ticketing.keys import DayKeys
from ticketing.phone_costs import PhoneCosts
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile

ROOT = Path(__file__).parents[3]
DAY = date(2026, 9, 3)
NUMBER = "+819012345678"
CONTACT = Contact("minato", DAY, "A012", "phone", NUMBER, "ja", None, None, "token")
CALL = replace(CONTACT, address=f"voice:{NUMBER}")
MESSAGE = Message(text='A012 まもなくです。<&"{to}>', created_at=datetime(2026, 9, 3, tzinfo=UTC))
KEY = "6f1c2c56-0f6e-4a5e-9b57-2f6a6f0e7a11"
#: Seconds; enough to get the request through on a busy machine.
SHORT = 1.0
FORM = {"to": "{to}", "text": "{text}"}


@pytest.fixture
async def server() -> AsyncIterator[GatewayServer]:
    async with gateway_server(GatewayServer()) as server:
        yield server


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[SqliteFile]:
    file = await SqliteFile.open(tmp_path / "contacts.sqlite3", Schema("contacts"))
    yield file
    await file.close()


@pytest.fixture
def costs(file: SqliteFile, tmp_path: Path) -> PhoneCosts:
    keys = DayKeys(tmp_path / "keys", bytes(32))
    keys.key("minato", DAY)
    return PhoneCosts(file, keys, most_per_day=5, most_per_number=3)


def channel_of(costs: PhoneCosts, sms: Gateway, voice: Gateway | None = None) -> PhoneChannel:
    return PhoneChannel(Phone(enabled=True, sms=sms, voice=voice or Gateway()), costs)


async def send(channel: PhoneChannel, contact: Contact = CONTACT, key: str = KEY, deadline_seconds: float = 5) -> None:
    try:
        await channel.send(contact, MESSAGE, key, deadline_seconds)
    finally:
        await channel.close()


async def refused(
    channel: PhoneChannel, contact: Contact = CONTACT, key: str = KEY, deadline_seconds: float = 5
) -> tuple[str, bool]:
    with pytest.raises(SendError) as caught:
        await send(channel, contact, key, deadline_seconds)
    assert NUMBER[1:] not in f"{caught.value!r} {caught.value.__context__!r} {caught.value.__cause__!r}"
    return caught.value.message, caught.value.permanent


async def counted(costs: PhoneCosts) -> int:
    return sum((await costs.count(DAY)).values())


# What arrives


async def test_form_arrives_encoded_and_nothing_else_with_it(server: GatewayServer, costs: PhoneCosts) -> None:
    gateway = Gateway(
        url=f"{server.url}/send?v=1",
        sender="A&B=C",
        form={"to": "{to}", "n": "{to:national}", "text": "{text}", "from": "{sender}", "k": "{idempotency_key}"},
    )

    await send(channel_of(costs, gateway))

    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/send?v=1")
    assert asked.form == [
        ("to", NUMBER),
        ("n", "09012345678"),
        ("text", MESSAGE.text),
        ("from", "A&B=C"),
        ("k", KEY),
    ]
    assert asked.headers == {
        "Host": server.url.removeprefix("http://"),
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(asked.body)),
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": "Junban",
    }


async def test_json_arrives_encoded(server: GatewayServer, costs: PhoneCosts) -> None:
    gateway = Gateway(
        url=f"{server.url}/send",
        json={
            "to": ["{to:digits}"],
            "body": {"text": "{text}", "n": 1, "f": 0.5, "b": False},
            "l": "{language:region}",
        },
    )

    await send(channel_of(costs, gateway))

    (asked,) = server.asked
    assert asked.headers["Content-Type"] == "application/json"
    assert json.loads(asked.body) == {
        "to": ["819012345678"],
        "body": {"text": MESSAGE.text, "n": 1, "f": 0.5, "b": False},
        "l": "ja-JP",
    }


async def test_call_goes_to_its_own_gateway_in_the_language_of_the_words(
    server: GatewayServer, costs: PhoneCosts
) -> None:
    xml = '<Say language="{language:region}">{text:xml}</Say>'
    voice = Gateway(url=f"{server.url}/call", form={"to": "{to}", "x": xml})
    channel = channel_of(costs, Gateway(url=f"{server.url}/sms", form=FORM), voice)

    await channel.send(CALL, MESSAGE, KEY, 5)
    await send(channel, replace(CALL, language="en-GB"), "key 2")

    say = '<Say language="{}">A012 まもなくです。&lt;&amp;&quot;{{to}}&gt;</Say>'
    assert [(asked.path, asked.form) for asked in server.asked] == [
        ("/call", [("to", NUMBER), ("x", say.format("ja-JP"))]),
        ("/call", [("to", NUMBER), ("x", say.format("en-US"))]),
    ]
    assert await costs.count(DAY) == {"sms": 0, "voice": 2}


@pytest.mark.parametrize(
    ("account", "headers"),
    [
        ({"token": Secret("sesame")}, {"Authorization": "Bearer sesame"}),
        (
            {"username": "city", "password": Secret("sésame:1")},
            {"Authorization": f"Basic {base64.b64encode('city:sésame:1'.encode()).decode()}"},
        ),
        ({"token": Secret("sesame"), "headers": {"Authorization": "App {token}"}}, {"Authorization": "App sesame"}),
        ({"token": Secret("sesame"), "headers": {"X-Key": "{token}"}}, {"X-Key": "sesame"}),
        ({"headers": {"Idempotency-Key": "{idempotency_key}"}}, {"Idempotency-Key": KEY}),
        ({"headers": {"content-type": "text/x-form"}}, {"Content-Type": "text/x-form"}),
    ],
)
async def test_account_goes_where_the_provider_wants_it(
    server: GatewayServer, costs: PhoneCosts, account: dict[str, object], headers: dict[str, str]
) -> None:
    await send(channel_of(costs, Gateway(url=server.url, form=FORM, **account)))  # type: ignore[arg-type]

    names = {"authorization", "x-key", "idempotency-key"} | {name.lower() for name in headers}
    assert {name: value for name, value in server.asked[0].headers.items() if name.lower() in names} == headers


async def test_account_in_the_form_is_in_no_header(server: GatewayServer, costs: PhoneCosts) -> None:
    form = {**FORM, "user": "{username}", "pass": "{password}"}

    await send(channel_of(costs, Gateway(url=server.url, form=form, username="u", password=Secret("p"))))

    assert server.asked[0].form[2:] == [("user", "u"), ("pass", "p")]
    assert "Authorization" not in server.asked[0].headers


# What the answers mean


@pytest.mark.parametrize(
    ("status", "is_permanent", "needs_operations", "is_counted"),
    [
        (400, True, False, False),
        (401, True, True, False),
        (402, True, True, False),
        (403, True, True, False),
        (404, True, True, False),
        (408, False, False, False),
        (422, True, False, False),
        (429, False, False, False),
        (302, True, True, False),
        (503, False, False, False),
        (500, True, False, True),
        (502, True, False, True),
        (504, True, False, True),
    ],
)
async def test_refusal_by_its_status(
    server: GatewayServer,
    costs: PhoneCosts,
    status: int,
    is_permanent: bool,
    needs_operations: bool,
    is_counted: bool,
) -> None:
    server.status, server.headers = status, {"Location": "/elsewhere"}

    with pytest.raises(SendError) as caught:
        await send(channel_of(costs, Gateway(url=server.url, form=FORM)))

    error = caught.value
    assert (error.message, error.permanent, error.needs_operations) == (
        f"phone_{status}",
        is_permanent,
        needs_operations,
    )
    assert (await counted(costs), len(server.asked)) == (is_counted, 1)


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [(429, "30", 30.0), (503, "999999", 3600.0), (429, "soon", None), (429, "-1", None), (400, "30", None)],
)
async def test_gateway_may_say_when_to_come_again(
    server: GatewayServer, costs: PhoneCosts, status: int, retry_after: str, seconds: float | None
) -> None:
    server.status, server.headers = status, {"Retry-After": retry_after}

    with pytest.raises(SendError) as caught:
        await send(channel_of(costs, Gateway(url=server.url, form=FORM)))

    assert (caught.value.retry_after_seconds, caught.value.is_outage) == (seconds, status != 400)


async def test_statuses_are_what_the_configuration_says(server: GatewayServer, costs: PhoneCosts) -> None:
    gateway = Gateway(url=server.url, form=FORM, accepted=("202",), again=("500-502",), final=("200", "429"))
    answers = {}
    for status in (200, 429, 501, 404):
        server.status = status
        answers[status] = await refused(channel_of(costs, gateway), key=str(status))

    server.status = 202
    await send(channel_of(costs, gateway), key="202")

    assert answers == {
        200: ("phone_200", True),
        429: ("phone_429", True),
        501: ("phone_501", False),
        404: ("phone_404", True),
    }


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"error": {"code": 21211, "to": "+819012345678"}}', "phone_400_21211"),
        (b'{"error": {"code": "no-route"}}', "phone_400_no-route"),
        (b'{"error": {"code": "+819012345678"}}', "phone_400_error"),
        (b'{"error": {"code": 819012345678}}', "phone_400_error"),
        (b'{"error": {"code": "a b"}}', "phone_400_error"),
        (b'{"error": {"code": ["x"]}}', "phone_400_error"),
        (b'{"error": "code"}', "phone_400"),
        (b"not JSON", "phone_400"),
        (b"\xff\xfe", "phone_400"),
        (b"[" * 60_000, "phone_400"),
        (b"", "phone_400"),
    ],
)
async def test_providers_code_is_noted_and_never_a_number(
    server: GatewayServer, costs: PhoneCosts, body: bytes, outcome: str
) -> None:
    server.status, server.body = 400, body

    assert await refused(channel_of(costs, Gateway(url=server.url, form=FORM, error_field="error.code"))) == (
        outcome,
        True,
    )


async def test_error_in_an_accepted_answer_is_a_refusal(server: GatewayServer, costs: PhoneCosts) -> None:
    gateway = Gateway(url=server.url, form=FORM, error_field="code")
    server.status, server.body = 200, b'{"code": 12}'

    assert await refused(channel_of(costs, gateway)) == ("phone_200_12", True)
    for number, body in enumerate([b'{"code": 0}', b'{"code": null}', b'{"code": "0"}']):
        server.body = body
        await send(channel_of(costs, gateway), key=str(number))

    assert await counted(costs) == 3


# When nothing, or not everything, is answered


@pytest.mark.parametrize("fault", ["silent", "cut"])
async def test_message_that_was_not_answered_is_not_repeated(
    server: GatewayServer, costs: PhoneCosts, fault: str
) -> None:
    server.fault = fault
    gateway = Gateway(url=server.url, form=FORM)

    first = await refused(channel_of(costs, gateway), deadline_seconds=SHORT)
    again = await refused(channel_of(costs, gateway))

    assert (first, again) == (("phone_no_answer", True), ("phone_unknown", True))
    assert (await counted(costs), len(server.asked)) == (1, 1)


async def test_provider_that_knows_repetitions_is_asked_again_for_one_price(
    server: GatewayServer, costs: PhoneCosts
) -> None:
    gateway = Gateway(url=server.url, form={**FORM, "key": "{idempotency_key}"}, retry_unknown=True)
    server.fault = "silent"
    silent = await refused(channel_of(costs, gateway), deadline_seconds=SHORT)
    server.fault, server.status = "", 500
    broken = await refused(channel_of(costs, gateway))
    server.status = 200

    await send(channel_of(costs, gateway))

    assert (silent, broken) == (("phone_no_answer", False), ("phone_500", False))
    assert [asked.form[2] for asked in server.asked] == [("key", KEY)] * 3
    assert await counted(costs) == 1


async def test_message_under_way_at_a_crash_is_not_repeated(server: GatewayServer, costs: PhoneCosts) -> None:
    server.fault = "silent"
    gateway = Gateway(url=server.url, form=FORM)
    task = asyncio.create_task(send(channel_of(costs, gateway)))
    while not server.asked:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    server.fault = ""

    assert await refused(channel_of(costs, gateway)) == ("phone_unknown", True)
    assert len(server.asked) == 1


async def test_gateway_that_is_not_there_costs_nothing_and_is_tried_again(costs: PhoneCosts) -> None:
    with pytest.raises(SendError) as caught:
        await send(channel_of(costs, Gateway(url="http://127.0.0.1:9", form=FORM)))

    error = caught.value
    assert (error.message, error.permanent, error.is_outage) == ("phone_connection", False, True)
    assert await counted(costs) == 0


async def test_gateway_that_hangs_before_the_request_costs_nothing(costs: PhoneCosts) -> None:
    ended = asyncio.Event()

    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    # It never answers the handshake of TLS.
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    answer = await refused(channel_of(costs, Gateway(url=url, form=FORM)), deadline_seconds=SHORT)

    ended.set()
    server.close()
    assert (answer, await counted(costs)) == (("phone_connection", False), 0)


@pytest.mark.parametrize(("fault", "deadline_seconds"), [("unfinished", SHORT), ("endless", 100)])
async def test_accepted_message_is_sent_whatever_its_answer_holds(
    server: GatewayServer, costs: PhoneCosts, fault: str, deadline_seconds: float
) -> None:
    server.fault = fault

    # Of an answer without an end only the beginning is read.
    async with asyncio.timeout(10):
        await send(
            channel_of(costs, Gateway(url=server.url, form=FORM, error_field="code")), deadline_seconds=deadline_seconds
        )

    assert await counted(costs) == 1


async def test_redirect_is_not_followed(server: GatewayServer, costs: PhoneCosts) -> None:
    server.status, server.headers = 307, {"Location": f"{server.url}/elsewhere"}

    assert await refused(channel_of(costs, Gateway(url=f"{server.url}/a", form=FORM))) == ("phone_307", True)
    assert [asked.path for asked in server.asked] == ["/a"]


# Costs


async def test_limits_end_the_sending(server: GatewayServer, costs: PhoneCosts) -> None:
    gateway = Gateway(url=server.url, form=FORM)
    for key in "123":
        await send(channel_of(costs, gateway), key=key)
    number_limit = await refused(channel_of(costs, gateway), key="4")
    for key in "56":
        await send(channel_of(costs, gateway), replace(CONTACT, address=f"+81901111222{key}"), key)
    with pytest.raises(SendError) as day_limit:
        await send(channel_of(costs, gateway), replace(CONTACT, address="+819011112227"), "7")

    error = day_limit.value
    assert number_limit == ("phone_number_limit", True)
    assert (error.message, error.permanent, error.needs_operations) == ("phone_day_limit", True, True)
    assert len(server.asked) == 5


async def test_erased_day_is_sent_nothing(server: GatewayServer, costs: PhoneCosts, tmp_path: Path) -> None:
    DayKeys(tmp_path / "keys", bytes(32)).destroy("minato", DAY)

    assert await refused(channel_of(costs, Gateway(url=server.url, form=FORM))) == ("phone_erased", True)
    assert server.asked == []


async def test_way_without_a_gateway_is_off(server: GatewayServer, costs: PhoneCosts) -> None:
    assert await refused(channel_of(costs, Gateway(url=server.url, form=FORM)), CALL) == ("phone_off", True)
    assert (server.asked, await counted(costs)) == ([], 0)


async def test_log_holds_no_number(server: GatewayServer, costs: PhoneCosts, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.status, server.body = 400, f'{{"message": "{NUMBER} is wrong"}}'.encode()

    await refused(channel_of(costs, Gateway(url=server.url, form=FORM)))
    await refused(channel_of(costs, Gateway(url="http://127.0.0.1:9", form=FORM)), key="2")

    assert NUMBER[1:] not in caplog.text


def test_client_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, notifier.worker, notifier.channels.phone; print('aiohttp' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


# The worked examples


def worked_examples(text: str) -> list[str]:
    """The blocks that are indented behind a ``#`` in the section on the phone."""
    section = text.partition("\n[phone]\n")[2].partition("\n[notices]\n")[0]
    blocks = re.findall(r"(?:^#(?:     .*)?\n)+", section, re.MULTILINE)
    plain = [re.sub(r"^#(?:     )?", "", block, flags=re.MULTILINE).strip() for block in blocks]
    return [block for block in plain if block]


def configured(tmp_path: Path, *texts: str) -> Config:
    """The configuration of an example, with its secrets in a file."""
    (tmp_path / "secret").write_text("sesame\n")
    office = (ROOT / "config.example.toml").read_text("utf-8").partition("\n[[office]]")[2]
    head = '[privacy]\nresponsible = "X"\n\n'
    file = tmp_path / "junban.toml"
    file.write_text(
        re.sub(r'"/etc/junban/[a-z-]+"', '"secret"', head + "\n".join(texts)) + "\n\n[[office]]" + office, "utf-8"
    )
    return read_config(file, tmp_path / "data", today=date(2026, 9, 3))


def moved(gateway: Gateway, server: GatewayServer) -> Gateway:
    """The gateway with its host on this machine."""
    return replace(gateway, url=re.sub(r"^https://[^/]+", server.url, gateway.url))


async def test_example_for_twilio_sends_and_calls(server: GatewayServer, costs: PhoneCosts, tmp_path: Path) -> None:
    twilio, _ = worked_examples((ROOT / "config.example.toml").read_text("utf-8"))
    phone = configured(tmp_path, twilio).phone
    channel = channel_of(costs, moved(phone.sms, server), moved(phone.voice, server))
    server.body = b'{"sid": "SM1", "status": "queued", "error_code": null}'

    await channel.send(CONTACT, MESSAGE, KEY, 5)
    await channel.send(CALL, MESSAGE, "key 2", 5)
    server.status, server.body = 400, b'{"code": 21211, "message": "Invalid \'To\': +819012345678", "status": 400}'
    wrong = await refused(channel, key="key 3")

    account = "/2010-04-01/Accounts/AC00000000000000000000000000000000"
    say = "A012 まもなくです。&lt;&amp;&quot;{to}&gt;"
    basic = base64.b64encode(b"AC00000000000000000000000000000000:sesame").decode()
    assert (phone.provider, phone.approval, wrong) == ("Twilio", "2026-17", ("phone_400_21211", True))
    assert [(asked.path, asked.form) for asked in server.asked[:2]] == [
        (f"{account}/Messages.json", [("To", NUMBER), ("From", "+12025550123"), ("Body", MESSAGE.text)]),
        (
            f"{account}/Calls.json",
            [
                ("To", NUMBER),
                ("From", "+12025550123"),
                ("Twiml", f'<Response><Say language="ja-JP">{say}</Say></Response>'),
            ],
        ),
    ]
    assert {asked.headers["Authorization"] for asked in server.asked} == {f"Basic {basic}"}


async def test_example_in_json_sends_and_repeats(server: GatewayServer, costs: PhoneCosts, tmp_path: Path) -> None:
    twilio, generic = worked_examples((ROOT / "config.example.toml").read_text("utf-8"))
    phone = configured(tmp_path, twilio.partition("[phone.sms]")[0], generic).phone
    channel = channel_of(costs, moved(phone.sms, server))
    server.status = 500
    unknown = await refused(channel)
    server.status = 202

    await send(channel)

    (_, asked) = server.asked
    assert unknown == ("phone_500", False)
    assert (asked.path, json.loads(asked.body)) == (
        "/v2/messages",
        {
            "from": "SAKURA",
            "messages": [{"to": NUMBER, "content": {"type": "text", "text": MESSAGE.text}, "track": False}],
        },
    )
    assert (asked.headers["Authorization"], asked.headers["Idempotency-Key"]) == ("Bearer sesame", KEY)


def test_documentation_shows_the_same_examples() -> None:
    documented = re.findall(r"```toml\n(.+?)\n```", (ROOT / "docs" / "phone.md").read_text("utf-8"), re.DOTALL)

    assert documented == worked_examples((ROOT / "config.example.toml").read_text("utf-8"))
