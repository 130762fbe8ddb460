import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ticketing.keys import DayKeys
from ticketing.ticket_secrets import ARRIVAL_CODE_SECONDS, TicketRef, TicketSecrets

DAY = date(2026, 9, 3)
NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> DayKeys:
    return DayKeys(tmp_path / "keys", b"m" * 32)


@pytest.fixture
def secrets(keys: DayKeys) -> TicketSecrets:
    return TicketSecrets(keys)


def test_a_secret_names_its_ticket_and_carries_a_mac_of_128_bits(secrets: TicketSecrets) -> None:
    secret = secrets.make("sakura-2", DAY, "A012")

    assert re.fullmatch(r"sakura-2\.20260903\.A012\.[\w-]{22}", secret, re.ASCII)
    assert secrets.read(secret) == TicketRef("sakura-2", DAY, "A012")


def test_a_secret_is_the_same_in_every_process(secrets: TicketSecrets, tmp_path: Path) -> None:
    other = TicketSecrets(DayKeys(tmp_path / "keys", b"m" * 32))

    assert other.make("sakura", DAY, "A012") == secrets.make("sakura", DAY, "A012")


def test_a_secret_fits_no_other_ticket_office_or_day(secrets: TicketSecrets) -> None:
    secret = secrets.make("sakura", DAY, "A012")
    for office_id, day in (("north", DAY), ("sakura", DAY + timedelta(days=1))):
        secrets.make(office_id, day, "A012")

    altered = [
        secret.replace("A012", "A013"),
        secret.replace("sakura", "north"),
        secret.replace("20260903", "20260904"),
        secret[:-1] + ("A" if secret[-1] != "A" else "B"),
    ]

    assert [secrets.read(each) for each in altered] == [None] * 4


def test_a_secret_dies_with_its_days_key(secrets: TicketSecrets, keys: DayKeys) -> None:
    secret = secrets.make("sakura", DAY, "A012")

    keys.destroy("sakura", DAY)

    assert (secrets.read(secret), keys.days()) == (None, [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sakura",
        "sakura.20260903.A012",
        "sakura.20260903.A012.",
        "sakura.20261303.A012." + "A" * 22,
        "sakura.20260903.a012." + "A" * 22,
        "../keys.20260903.A012." + "A" * 22,
        "sakura.20260903.A012." + "A" * 23,
        "sakura.20260903.A012." + "A" * 22 + "\n",
        "sakura.20260903.A012." + "あ" * 22,
        # Digits, to Python, but not those that a secret is made of.
        "sakura.２０２６０９０３.A012." + "A" * 22,
        "sakura.20260903.A０１２." + "A" * 22,
        "sakura.20260903.A٠١٢." + "A" * 22,
    ],
)
def test_whatever_a_stranger_sends_is_no_secret(secrets: TicketSecrets, keys: DayKeys, text: str) -> None:
    secrets.make("sakura", DAY, "A012")

    assert (secrets.read(text), keys.days()) == (None, [("sakura", DAY)])


def test_a_body_has_another_mac_on_another_day_and_in_another_office(secrets: TicketSecrets) -> None:
    macs = [
        secrets.body_mac(office_id, day, body, may_make=True)
        for office_id, day, body in (
            ("sakura", DAY, b"{}"), ("sakura", DAY, b"{} "), ("north", DAY, b"{}"), ("sakura", date(2026, 9, 4), b"{}")
        )
    ]  # fmt: skip

    assert len(set(macs)) == 4
    assert secrets.body_mac("sakura", DAY, b"{}", may_make=False) == macs[0]


def test_a_body_has_no_mac_where_the_day_has_no_key_and_gets_none(secrets: TicketSecrets, keys: DayKeys) -> None:
    assert secrets.body_mac("sakura", DAY, b"{}", may_make=False) is None
    assert keys.days() == []


def test_an_arrival_code_is_four_digits_and_changes_every_few_minutes(secrets: TicketSecrets) -> None:
    shown = [secrets.arrival_code("sakura", DAY, NOW + timedelta(seconds=passed)) for passed in (0, 299, 300)]

    assert [seconds for _, seconds in shown] == [300, 1, 300]
    assert shown[0][0] == shown[1][0] != shown[2][0]
    assert all(re.fullmatch(r"[0-9]{4}", code) for code, _ in shown)


def test_an_arrival_code_is_taken_while_it_is_shown_and_once_as_long_again(secrets: TicketSecrets) -> None:
    code, _ = secrets.arrival_code("sakura", DAY, NOW)

    taken = [
        secrets.is_arrival_code("sakura", DAY, NOW + timedelta(seconds=passed), code)
        for passed in (-1, 0, ARRIVAL_CODE_SECONDS, 2 * ARRIVAL_CODE_SECONDS - 1, 2 * ARRIVAL_CODE_SECONDS)
    ]

    assert taken == [False, True, True, True, False]


@pytest.mark.parametrize("code", ["", "12345", "１２３４", "abcd"])
def test_what_is_no_arrival_code_is_not_taken(secrets: TicketSecrets, code: str) -> None:
    assert not secrets.is_arrival_code("sakura", DAY, NOW, code)
