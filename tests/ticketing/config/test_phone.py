"""The section on the phone: what it takes, and every mistake with its place."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from ticketing.config import Config, Gateway, Phone, Secret
from ticketing.config.show import show

Read = Callable[[str], Config]
Problems = Callable[[str], list[str]]

ON = """
[privacy]
responsible = "X"
[phone]
enabled = true
provider = "Example Telecom"
approval = "2026-17"
"""
SMS = """
[phone.sms]
url = "https://sms.provider.example/v1/send"
form = { to = "{to}", text = "{text}" }
"""


def sms(line: str) -> str:
    """The gateway with one more line, or with one line in place of its own."""
    key = line.partition(" =")[0]
    kept = re.sub(rf"^{re.escape(key)} = .*\n", "", SMS, flags=re.MULTILINE)
    return ON + kept + line + "\n"


def test_phone_is_off_without_a_word_about_it(read: Read, office: str) -> None:
    assert (read(office).phone, read(office).phone.is_on) == (Phone(), False)


def test_phone_takes_every_key(read: Read, office: str) -> None:
    config = read(
        ON
        + """
        countries = ["JP", "TW"]
        most_per_day = 50
        most_per_number = 3
        registrations_per_address_hour = 5
        timeout_seconds = 8
        [phone.sms]
        url = "http://127.0.0.1:9000/send?v=1"
        sender = "SAKURA"
        username = "city"
        password = "sesame"
        accepted = ["200", "202"]
        again = ["429"]
        final = ["400-499"]
        retry_unknown = true
        error_field = "error.code"
        headers = { Idempotency-Key = "{idempotency_key}" }
        form = { to = "{to:national}", text = "{text}" }
        [phone.voice]
        url = "https://voice.provider.example/calls"
        token = "sesame"
        [phone.voice.json]
        messages = [{ to = "{to}", say = "{text}", loop = 2, slow = 0.5, save = false }]
        """.replace("        ", "")
        + office
    )

    assert config.phone == Phone(
        enabled=True,
        provider="Example Telecom",
        approval="2026-17",
        countries=("JP", "TW"),
        most_per_day=50,
        most_per_number=3,
        registrations_per_address_hour=5,
        timeout_seconds=8,
        sms=Gateway(
            url="http://127.0.0.1:9000/send?v=1",
            sender="SAKURA",
            username="city",
            password=Secret("sesame"),
            accepted=("200", "202"),
            again=("429",),
            final=("400-499",),
            retry_unknown=True,
            error_field="error.code",
            headers={"Idempotency-Key": "{idempotency_key}"},
            form={"to": "{to:national}", "text": "{text}"},
        ),
        voice=Gateway(
            url="https://voice.provider.example/calls",
            token=Secret("sesame"),
            json={"messages": [{"to": "{to}", "say": "{text}", "loop": 2, "slow": 0.5, "save": False}]},
        ),
    )
    assert config.phone.is_on


def test_phone_is_shown_as_it_can_be_read_again_and_without_its_secrets(read: Read, office: str) -> None:
    more = 'password = "sesame"\nusername = "u"\nheaders = { "X Y" = "1" }'.replace('"X Y"', '"X-Y"')
    voice = """
[phone.voice]
url = "https://voice.provider.example/calls"
[phone.voice.json]
"to whom" = "{to}"
say = [{ text = "{text}", "how.fast" = 0.5 }]
"""
    config = read(sms(more) + voice + office)

    lines = show(config)
    again = read("\n".join(lines))

    assert not [line for line in lines if "sesame" in line]
    assert again.phone == replace(config.phone, sms=replace(config.phone.sms, password=Secret("***")))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "[privacy]\nresponsible = 'X'\n[phone]\nenabled = true\n",
            [
                "phone.enabled: the phone needs a gateway: the url of [phone.sms], of [phone.voice], or both",
                "phone.provider: the consent names who receives the numbers, so name the provider",
                "phone.approval: the provider receives contacts, so name the approval under which it may",
            ],
        ),
        (
            (ON + SMS).replace('[privacy]\nresponsible = "X"\n', ""),
            ["privacy.responsible: contacts are collected (mail, LINE or phone is on), so name who is responsible"],
        ),
        (
            "[phone]\ncountries = ['JP', 'jp', '日本']\n",
            [
                "phone.countries[1]: 'jp' is not a country's two letters, such as 'JP'",
                "phone.countries[2]: '日本' is not a country's two letters, such as 'JP'",
            ],
        ),
        (
            "[phone]\ncountries = []\n",
            ["phone.countries: must name at least one country, or no number could be taken"],
        ),
        ("[phone]\nmost_per_day = 0\n", ["phone.most_per_day: 0 must be from 1 to 1000000"]),
        ("[phone]\nmost_per_number = 0\n", ["phone.most_per_number: 0 must be from 1 to 1000"]),
        ("[phone]\nenabeld = true\n", ["phone.enabeld: there is no such key; is it enabled?"]),
        ("[phone.sms]\nfrom = 'X'\n", ["phone.sms.from: there is no such key; is it form?"]),
    ],
)
def test_phone_that_could_not_or_must_not_be_used_is_refused(
    problems: Problems, office: str, text: str, found: list[str]
) -> None:
    assert problems(text + office) == found


_PLAIN = "must be a whole web address in ASCII, such as https://api.provider.example/messages"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://sms.provider.example/send", "must be https, or numbers and account would travel readable"),
        (
            "https://sms.provider.example/send/{to}",
            "takes no placeholders: numbers and words in addresses end up in other people's logs",
        ),
        (
            "https://sms.provider.example/send?to={to}",
            "takes no placeholders: numbers and words in addresses end up in other people's logs",
        ),
        ("https://user:pw@sms.provider.example/", "must not hold an account; use username and password"),
        ("ftp://sms.provider.example/", _PLAIN),
        ("sms.provider.example", _PLAIN),
        ("https://", _PLAIN),
        ("https://sms.provider.example/#a", _PLAIN),
        ("https://sms.provider.example/a b", _PLAIN),
        ("https://例え.example/", _PLAIN),
        ("https://[::1", "is not a web address"),
        ("https://sms.provider.example:99999/", "is not a web address"),
    ],
)
def test_url_that_is_none_or_gives_numbers_away_is_refused(
    problems: Problems, office: str, url: str, problem: str
) -> None:
    assert problems(sms(f'url = "{url}"') + office) == [f"phone.sms.url: {problem}"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("form = {}", ["phone.sms.form: the gateway needs either form or json, with what it is sent"]),
        (
            'json = { to = "{to}", text = "{text}" }',
            ["phone.sms.form: the gateway needs either form or json, with what it is sent"],
        ),
        (
            'form = { text = "x" }',
            [
                "phone.sms.form: must have {to} in it, or nobody is reached with any words",
                "phone.sms.form: must have {text} in it, or nobody is reached with any words",
            ],
        ),
        ('form = "{to}{text}"', [
            "phone.sms.form: must be a table of texts",
            "phone.sms.form: the gateway needs either form or json, with what it is sent",
        ]),
        ('form = { to = "{to}", text = "{text}", n = 1 }', ["phone.sms.form.n: must be text in quotes"]),
        (
            'form = { to = "{to}", text = "<Say>{text}</Say>" }',
            ["phone.sms.form.text: inside of XML write {text:xml}, or a message could change it"],
        ),
        (
            'form = { to = "{to}", text = "{text}", from = "{sender}" }',
            ["phone.sms.sender: is missing: the template has {sender} in it"],
        ),
        (
            'form = { to = "{to}", text = "{text}", key = "{token}" }',
            ["phone.sms.token: is missing: the template has {token} in it"],
        ),
        (
            'headers = { X-To = "{to}" }',
            ["phone.sms.headers.X-To: numbers and words belong into form or json, not into headers"],
        ),
        ('headers = { Host = "a" }', ["phone.sms.headers.Host: is not a header that may be set here"]),
        ('headers = { "A B" = "a" }', ["phone.sms.headers.A B: is not a header that may be set here"]),
        ('headers = { A = "a\\nb" }', [
            "phone.sms.headers.A: must be on one line, without control characters",
            "phone.sms.headers.A: must be of visible ASCII characters",
        ]),
        ('headers = { A = "ü" }', ["phone.sms.headers.A: must be of visible ASCII characters"]),
        (
            'headers = { X-API-Key = "sesame" }',
            [
                "phone.sms.headers.X-API-Key: would be shown with the configuration; give token_file, and write "
                "{token} here"
            ],
        ),
        ('username = "u"', ["phone.sms.username: username and password go together; one of them is missing"]),
        (
            'username = "u"\npassword = "p"\ntoken = "t"',
            ["phone.sms.token: there is a username as well; give one of the two"],
        ),
        (
            'accepted = ["2xx", "299-200", "600"]',
            [
                'phone.sms.accepted[0]: \'2xx\' is not a status such as "200", or a range such as "200-299"',
                'phone.sms.accepted[1]: \'299-200\' is not a status such as "200", or a range such as "200-299"',
                'phone.sms.accepted[2]: \'600\' is not a status such as "200", or a range such as "200-299"',
            ],
        ),
        (
            'error_field = "error[0]"',
            ["phone.sms.error_field: must be the names on the way to the field, joined by dots, such as error.code"],
        ),
    ],
)  # fmt: skip
def test_gateway_that_could_not_be_asked_is_refused(
    problems: Problems, office: str, line: str, found: list[str]
) -> None:
    assert problems(sms(line) + office) == found


def test_json_that_has_no_form_in_json_is_refused_at_its_place(problems: Problems, office: str) -> None:
    text = sms("form = {}") + (
        "[phone.sms.json]\n"
        'to = ["{to}", "{number}"]\n'
        "deep = { text = '{text}', at = 2026-09-03, not = nan }\n"
        f"level = {'[' * 9 + ']' * 9}\n"
    )

    found = [each.partition("; there are")[0] for each in problems(text.replace("form = {}\n", "") + office)]

    assert found == [
        "phone.sms.json.to[1]: there is no {number}",
        "phone.sms.json.deep.at: has no form in JSON; write it as text in quotes",
        "phone.sms.json.deep.not: has no form in JSON; write it as text in quotes",
        f"phone.sms.json.level{'[0]' * 8}: has more than 8 levels",
    ]


def test_account_may_stand_in_the_templates(read: Read, office: str) -> None:
    line = 'form = { to = "{to}", text = "{text}", key = "{token}" }\ntoken = "sesame"'

    assert read(sms(line) + office).phone.sms.token == Secret("sesame")


def test_secret_may_lie_in_a_file(read: Read, office: str, tmp_path: object) -> None:
    (tmp_path / "token").write_text("sesame\n")  # type: ignore[operator]

    assert read(sms('token_file = "token"') + office).phone.sms.token == Secret("sesame")
