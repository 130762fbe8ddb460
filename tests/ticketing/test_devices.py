import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.databases import open_again, written
from ticketing.audit import Audit, Entry
from ticketing.devices import Device, Devices, UnknownDevice, WrongDevice
from ticketing.storage.database import Database

NOW = datetime(2026, 9, 3, 1, 0, tzinfo=UTC)


@pytest.fixture
def file(main_part: Database) -> Database:
    return main_part


@pytest.fixture
def devices(file: Database) -> Devices:
    return Devices(file)


def after(**passed: float) -> datetime:
    return NOW + timedelta(**passed)


async def enrolled(devices: Devices, office_id: str = "ward", kind: str = "kiosk") -> tuple[Device, str]:
    result = await devices.enrol(await devices.invite(office_id, kind, "entrance", NOW), NOW)
    assert result is not None
    return result


async def test_enrol_makes_a_device_of_the_invited_office_and_kind(devices: Devices) -> None:
    code = await devices.invite("ward", "board", "entrance", NOW)

    result = await devices.enrol(code, after(hours=1))

    assert result is not None
    device, token = result
    assert device == Device(device.id, "ward", "board", "entrance", enrolled_at=after(hours=1))
    assert await devices.find(token, after(hours=1)) == device


async def test_enrol_works_once(devices: Devices) -> None:
    code = await devices.invite("ward", "kiosk", "", NOW)
    first = await devices.enrol(code, NOW)

    second = await devices.enrol(code, NOW)

    assert (first is None, second) == (False, None)


async def test_enrol_by_two_browsers_at_once_gives_one_device(file: Database) -> None:
    other_file = await open_again(file)
    one, other = Devices(file), Devices(other_file)
    code = await one.invite("ward", "kiosk", "", NOW)

    results = await asyncio.gather(*(devices.enrol(code, NOW) for devices in (one, other) for _ in range(5)))
    await other_file.close()

    assert (len([result for result in results if result]), len(await one.list())) == (1, 1)


async def test_enrol_is_possible_for_24_hours(devices: Devices) -> None:
    codes = [await devices.invite("ward", "kiosk", "", NOW) for _ in range(2)]

    late = await devices.enrol(codes[0], after(hours=24))
    in_time = await devices.enrol(codes[1], after(hours=24, milliseconds=-1))

    assert (late, in_time is None) == (None, False)


@pytest.mark.parametrize("code", ["", "A" * 22, "é" * 22, "A" * 100_000])
async def test_enrol_with_an_unknown_code_is_none(devices: Devices, code: str) -> None:
    await devices.invite("ward", "kiosk", "", NOW)

    assert await devices.enrol(code, NOW) is None


async def test_invite_and_enrol_store_neither_code_nor_token(devices: Devices, file: Database) -> None:
    code = await devices.invite("ward", "kiosk", "", NOW)
    result = await devices.enrol(code, NOW)
    assert result is not None

    stored = await written(file)

    found = [text.encode() in stored for text in (result[0].id, code, result[1])]
    assert found == [True, False, False]


@pytest.mark.parametrize(("kind", "label"), [("printer", ""), ("", ""), ("kiosk", "x" * 65)])
async def test_invite_of_something_else_is_refused(devices: Devices, kind: str, label: str) -> None:
    with pytest.raises(WrongDevice):
        await devices.invite("ward", kind, label, NOW)


async def test_invite_removes_what_ran_out(devices: Devices) -> None:
    await devices.invite("ward", "kiosk", "old", NOW)

    await devices.invite("ward", "kiosk", "new", after(hours=24))

    assert [device.label for device in await devices.list()] == ["new"]


@pytest.mark.parametrize("token", ["", "A" * 43, "é" * 43])
async def test_find_of_an_unknown_token_is_none(devices: Devices, token: str) -> None:
    await enrolled(devices)

    assert await devices.find(token, NOW) is None


async def test_devices_outlive_a_restart(file: Database) -> None:
    device, token = await enrolled(Devices(file))

    assert await Devices(file).find(token, NOW) == device


async def test_revoke_shuts_the_device_out_at_once(devices: Devices) -> None:
    (gone, gone_token), (kept, kept_token) = await enrolled(devices), await enrolled(devices)
    await devices.find(gone_token, NOW)

    await devices.revoke(gone.id, after(hours=1))

    found = [await devices.find(token, NOW) for token in (gone_token, kept_token)]
    assert found == [None, kept]
    assert set(await devices.list()) == {replace(gone, revoked_at=after(hours=1)), kept}


async def test_revoke_by_another_process_is_seen_within_the_seconds(file: Database) -> None:
    here, elsewhere = Devices(file, cache_seconds=3), Devices(file)
    device, token = await enrolled(here)
    await here.find(token, NOW)

    await elsewhere.revoke(device.id, NOW)

    assert [await here.find(token, after(seconds=second)) for second in (2.9, 3)] == [device, None]


async def test_revoke_withdraws_an_invitation(devices: Devices) -> None:
    code = await devices.invite("ward", "kiosk", "", NOW)
    (invited,) = await devices.list()

    await devices.revoke(invited.id, NOW)

    assert (await devices.enrol(code, NOW), await devices.list()) == (None, ())


async def test_revoke_of_an_unknown_or_revoked_device_is_refused(devices: Devices) -> None:
    device, _ = await enrolled(devices)
    await devices.revoke(device.id, NOW)

    for device_id in (device.id, "unknown"):
        with pytest.raises(UnknownDevice):
            await devices.revoke(device_id, NOW)


async def test_list_shows_devices_by_office_and_then_invitations(devices: Devices) -> None:
    await devices.invite("airport", "board", "hall", NOW)
    ward, _ = await enrolled(devices, "ward")
    branch, _ = await enrolled(devices, "branch", "board")

    listed = await devices.list()

    invited = Device(listed[-1].id, "airport", "board", "hall")
    assert listed == (branch, ward, invited)


async def test_changes_are_recorded_with_the_device(devices: Devices, file: Database) -> None:
    def entry(what: str, target: str | None = None, office_id: str | None = None) -> Entry:
        return Entry(at=NOW, who="cli:root", what=what, target=target, office_id=office_id)

    code = await devices.invite("ward", "kiosk", "", NOW, entry("device.invite"))
    result = await devices.enrol(code, NOW, entry("device.enrol"))
    assert result is not None
    device_id = result[0].id
    await devices.revoke(device_id, NOW, entry("device.revoke", device_id))

    assert [row.entry for row in await Audit(file).list()] == [
        entry("device.invite", device_id, "ward"),
        entry("device.enrol", device_id, "ward"),
        entry("device.revoke", device_id),
    ]
