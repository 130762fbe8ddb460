import asyncio
import base64
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from purge_jobs.erase_contacts import ErasureFailed
from purge_jobs.erasure_check import check_erasures
from purge_jobs.erasure_log import Erasure
from purge_jobs.proof import Proof
from purge_jobs.search import search_apart
from tests.purge_jobs.world import AT, DAY, DUE, MIDNIGHT, SIGNING_KEY, World
from ticketing.clock import rfc3339
from ticketing.contacts import Contacts
from ticketing.erased_days import DayErased
from ticketing.hall import events as ev
from ticketing.journal.base import Batch, Mark, Outcome, Recorded
from ticketing.keys import DayKeys
from ticketing.line_links import LineLinks, LinkRequest
from ticketing.notice import NewNotice
from ticketing.storage.migrations import Schema
from ticketing.storage.sqlite import SqliteFile
from ticketing.ticket_ref import TicketRef

MAIL = "visitor-known-bytes@example.jp"
LINE_USER = "U" + "0123456789abcdef" * 2
NEXT_DAY = DAY + timedelta(days=1)
NEAR = NewNotice(
    day=DAY, number="A001", kind="turn_near", occurrence="family", seq=5, channel="email", created_at=AT,
    useful_until=AT + timedelta(days=9),
)  # fmt: skip


async def fill(world: World) -> None:
    """A day with two contacts, a link code, a pending notice and a webhook event, closed at its end."""
    await world.open_day()
    await world.register(address=MAIL)
    await world.register("A002", "line", LINE_USER)
    links = LineLinks(world.file, world.keys)
    await links.create_code(TicketRef("minato", DAY, "A003"), "ja", None, None, AT)
    await world.notices.add("minato", NEAR)
    await links.settle(LinkRequest(TicketRef("minato", DAY, "A004"), "ja", None, None, AT), "01H", AT)
    world.clock.set(MIDNIGHT)
    await world.close_day()
    world.clock.set(DUE)


def traces(folder: Path, *secrets: bytes) -> list[str]:
    """The files below a folder in which one of these stands, as it is, in base64 at any offset, or in UTF-16."""
    forms = {form for secret in secrets for form in _forms(secret)}
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(form in path.read_bytes() for form in forms)]


def _forms(secret: bytes) -> set[bytes]:
    text = secret.decode("latin-1")
    whole = {secret, secret.hex().encode(), text.encode("utf-16-le"), text.encode("utf-16-be")}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret)
        # Without the characters at both ends that depend on the neighbours.
        inner = encoded[4 if offset else 0 : -4]
        whole |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return whole


async def test_due_day_is_erased_and_recorded(world: World) -> None:
    await fill(world)
    fingerprint = world.keys.fingerprint("minato", DAY)

    (erasure,) = await world.purge.purge()

    assert erasure == Erasure(
        office_id="minato", day=DAY, counts={"email": 1, "line": 1, "phone": 0}, key_fingerprint=fingerprint,
        started_at=DUE, finished_at=DUE, as_of=DUE, is_future=False, version="1.2.3", responsible="市民課長",
        handlers=("市民課", "情報政策課"),
        proof=Proof(canary="closed", searched_for=("key", "row", "text"), files=files_of(world), unread=0),
    )  # fmt: skip
    assert [record.erasure for record in await world.erasures.list()] == [erasure]


async def test_nothing_of_an_erased_day_is_left(file_world: World) -> None:
    await fill(file_world)
    row = await file_world.file.fetch_one("SELECT sealed, address_index FROM contacts WHERE channel = 'email'")
    assert row is not None
    assert traces(file_world.folder, bytes(row["sealed"])) != []

    await file_world.purge.purge()

    looked_for = (MAIL.encode(), LINE_USER.encode(), bytes(row["sealed"]), bytes(row["address_index"]))
    assert traces(file_world.folder, *looked_for) == []
    for table in ("contacts", "link_codes", "webhook_events"):
        assert await file_world.file.fetch_all(f"SELECT * FROM {table}") == []
    assert (file_world.keys.days(), await file_world.contacts.days()) == ([], [])
    assert [report.state for report in await file_world.notices.for_ticket("minato", DAY, "A001")] == ["dropped"]


async def copied(world: World, copy: Path) -> None:
    assert isinstance(world.file, SqliteFile)
    async with world.file.outside_transaction() as connection:
        await connection.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(world.file.path, copy)


async def test_copy_of_the_file_made_before_cannot_be_read_afterwards(
    file_world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    await fill(file_world)
    copy = tmp_path_factory.mktemp("copy") / "contacts.sqlite3"
    await copied(file_world, copy)

    await file_world.purge.purge()

    file = await SqliteFile.open(copy, Schema("contacts"))
    contacts = Contacts(file, DayKeys(file_world.folder / "keys", bytes(32)))
    found = (await contacts.count("minato", DAY), await contacts.get("minato", DAY, "A001"))
    await file.close()
    assert found == (2, [])
    assert traces(copy.parent, MAIL.encode(), LINE_USER.encode()) == []


async def test_copy_that_lies_in_the_data_directory_is_found_and_named(file_world: World) -> None:
    await fill(file_world)
    copy = file_world.folder / "contacts.bak"
    await copied(file_world, copy)

    with pytest.raises(ErasureFailed) as failed:
        await file_world.purge.purge()
    records = await file_world.erasures.list()
    copy.unlink()
    (erasure,) = await file_world.purge.purge()

    assert str(failed.value) == f"Not erased: minato 2026-09-03: something of the day is still in {copy}"
    assert (records, file_world.keys.days(), await file_world.retention.is_overdue(DUE)) == ((), [], False)
    # The key went with the first attempt, so only the row could be looked for by then.
    assert erasure.proof == Proof(canary="closed", searched_for=("row",), files=files_of(file_world), unread=0)


def files_of(world: World) -> int:
    return sum(path.is_file() for path in world.folder.rglob("*"))


async def test_day_is_not_erased_before_its_time(world: World) -> None:
    await fill(world)
    world.clock.set(DUE - timedelta(milliseconds=1))

    assert await world.purge.purge() == []
    assert await world.contacts.count("minato", DAY) == 2


async def test_other_days_are_not_touched(world: World) -> None:
    await fill(world)
    await world.open_day(NEXT_DAY, DUE, DUE + timedelta(days=1))
    await world.register(address=MAIL, day=NEXT_DAY)

    await world.purge.purge()

    (contact,) = await world.contacts.get("minato", NEXT_DAY, "A001")
    assert contact.address == MAIL


async def test_journal_keeps_what_was_done_and_forgets_who_asked(world: World) -> None:
    await fill(world)
    mark = Mark("c-1", "browser:0123456789abcdef0123456789abcdef", "typed by somebody", b"m" * 32, b'{"number":"A001"}')
    seq = await world.journal.head("minato") + 1
    for office_day, command in ((DAY, "c-1"), (NEXT_DAY, "c-2")):
        event = ev.NoticeSet(seq=seq, at=DUE, by="staff:sato", text=None)
        stored = Recorded(office_day, event, replace(mark, command_id=command))
        assert await world.journal.append([Batch("minato", seq - 1, [stored])]) == [Outcome.STORED]
        seq += 1

    await world.purge.purge()

    erased, kept = await world.journal.read("minato", seq - 3)
    assert (erased.mark, kept.mark) == (Mark("c-1", None, None, None, None), replace(mark, command_id="c-2"))
    assert erased.event == replace(kept.event, seq=seq - 2)


async def test_webhook_events_go_even_when_no_day_is_due(world: World) -> None:
    async with world.file.transaction() as connection:
        for event_id, days in (("old", -3), ("new", -1), ("of a clock that was wrong", 3)):
            await connection.execute(
                "INSERT INTO webhook_events (event_id, seen_at) VALUES (?, ?)",
                (event_id, rfc3339(AT + timedelta(days=days))),
            )

    await world.purge.purge()

    assert [tuple(row) for row in await world.file.fetch_all("SELECT event_id FROM webhook_events")] == [("new",)]


async def test_contact_withdrawn_by_its_visitor_is_gone_at_once(file_world: World) -> None:
    await fill(file_world)
    row = await file_world.file.fetch_one(
        "SELECT sealed, address_index, token_hash FROM contacts WHERE channel = 'email'"
    )
    assert row is not None
    known = [bytes(each) for each in row]
    assert (await search_apart([file_world.folder], known)).found != ()

    await file_world.contacts.remove("minato", DAY, "A001")

    assert (await search_apart([file_world.folder], known)).found == ()


async def test_clock_set_back_erases_nothing_and_lets_nobody_register(world: World) -> None:
    await fill(world)
    world.clock.set(AT - timedelta(days=400))

    erased = await world.purge.purge()

    now = world.clock.now()
    assert (erased, await world.contacts.count("minato", DAY)) == ([], 2)
    assert await world.retention.ahead_of(now) == [("minato", DAY)]
    assert await world.retention.is_overdue(now)
    assert not await world.retention.is_overdue(AT)


@pytest.mark.parametrize(("days", "is_ahead"), [(1, False), (2, True)])
async def test_day_may_lie_one_date_ahead_of_the_clock_and_no_more(world: World, days: int, is_ahead: bool) -> None:
    await fill(world)

    ahead = await world.retention.ahead_of(datetime.combine(DAY, time(12), UTC) - timedelta(days=days))

    assert bool(ahead) == is_ahead


async def test_clock_set_forward_for_an_hour_erases_once_and_never_again(world: World) -> None:
    await fill(world)
    world.clock.set(DUE + timedelta(days=30))
    (erasure,) = await world.purge.purge()

    world.clock.set(DUE)
    again = await world.purge.purge()

    assert (erasure.started_at, again, len(await world.erasures.list())) == (DUE + timedelta(days=30), [], 1)
    with pytest.raises(DayErased):
        await world.register()


async def test_erased_day_takes_no_contacts_any_more(world: World) -> None:
    await fill(world)

    await world.purge.purge()

    with pytest.raises(DayErased):
        await world.register()
    assert await world.purge.purge() == []


async def test_day_that_is_still_open_is_closed_first(world: World) -> None:
    await world.open_day()
    await world.register()
    world.clock.set(DUE)

    await world.purge.purge()

    record = await world.journal.day("minato", DAY)
    assert record is not None
    assert record.closed_at == DUE


async def test_day_that_was_extended_is_due_after_its_later_end(world: World) -> None:
    await world.open_day(closes_at=MIDNIGHT + timedelta(hours=2))
    await world.register()

    world.clock.set(DUE)
    early = await world.purge.purge()
    world.clock.set(DUE + timedelta(days=1))

    assert (early, [erasure.day for erasure in await world.purge.purge()]) == ([], [DAY])


async def test_time_in_the_future_is_marked(world: World) -> None:
    await fill(world)
    world.clock.set(AT)

    (erasure,) = await world.purge.purge(DUE)

    assert (erasure.as_of, erasure.is_future, erasure.started_at) == (DUE, True, AT)


async def test_dry_run_only_says_what_would_be(world: World) -> None:
    await fill(world)

    (foreseen,) = await world.purge.purge(dry_run=True)

    assert (foreseen.counts, await world.contacts.count("minato", DAY)) == ({"email": 1, "line": 1, "phone": 0}, 2)
    assert (await world.erasures.list(), len(world.keys.days())) == ((), 1)


async def test_key_of_a_day_without_contacts_goes_too(world: World) -> None:
    world.keys.key("minato", DAY)
    world.clock.set(DUE)

    (erasure,) = await world.purge.purge()

    assert (sum(erasure.counts.values()), world.keys.days()) == (0, [])


async def test_office_that_is_no_longer_configured_is_erased_a_day_later(world: World) -> None:
    world.keys.key("closed-branch", date(2026, 9, 1))
    world.clock.set(AT)

    (erasure,) = await world.purge.purge()

    assert erasure.office_id == "closed-branch"


async def test_after_a_long_downtime_every_day_is_caught_up(world: World) -> None:
    for day in range(1, 5):
        world.keys.key("minato", date(2026, 8, day))

    erased = await world.purge.purge()

    assert [erasure.day.day for erasure in erased] == [1, 2, 3, 4]
    assert (await check_erasures(world.main, {SIGNING_KEY.public_key})).problems == ()


async def test_unreadable_key_does_not_keep_its_day(world: World) -> None:
    await fill(world)
    (world.folder / "keys" / "minato" / "2026-09-03.key").write_bytes(b"\0" * 40)

    (erasure,) = await world.purge.purge()

    assert (erasure.key_fingerprint, erasure.counts["email"], world.keys.days()) == ("unreadable", 1, [])


async def test_purges_of_two_processes_at_once_leave_one_record(world: World) -> None:
    await fill(world)

    async with world.beside() as other:
        erased = await asyncio.gather(world.purge.purge(), other.purge.purge())

    assert sorted(len(found) for found in erased) == [0, 1]
    assert len(await world.erasures.list()) == 1


async def test_purge_works_while_another_process_registers(world: World) -> None:
    await fill(world)
    await world.open_day(NEXT_DAY, DUE, DUE + timedelta(days=1))

    async with world.beside() as server:

        async def register() -> None:
            for number in range(200):
                await server.register(f"B{number:03}", address=f"b{number}@example.jp", day=NEXT_DAY)

        registering = asyncio.create_task(register())
        erased = await world.purge.purge()
        await registering

    assert ([erasure.day for erasure in erased], await world.contacts.count("minato", NEXT_DAY)) == ([DAY], 200)


@pytest.mark.parametrize("step", ["keys", "compact", "append", "note"])
async def test_erasure_cut_short_is_finished_with_what_it_had_removed(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(world)
    fingerprint = world.keys.fingerprint("minato", DAY)
    target = {
        "keys": "ticketing.keys.DayKeys.destroy",
        "compact": "purge_jobs.removal.compact",
        "append": "purge_jobs.erasure_log.ErasureLog.append",
        "note": "purge_jobs.removal.note_recorded",
    }[step]

    def break_off(*_: object) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(target, break_off)
        with pytest.raises(ErasureFailed, match="minato 2026-09-03: the power went"):
            await world.purge.purge()
    overdue = await world.retention.is_overdue(DUE + timedelta(minutes=11))
    world.clock.advance(seconds=3600)
    await world.purge.purge()

    (record,) = await world.erasures.list()
    assert overdue
    assert (record.erasure.counts["email"], record.erasure.key_fingerprint) == (1, fingerprint)
    assert record.erasure.started_at == DUE
    assert not await world.retention.is_overdue(DUE + timedelta(days=1))


async def test_erasure_counts_as_overdue_ten_minutes_after_its_time(world: World) -> None:
    await fill(world)

    overdue = [await world.retention.is_overdue(DUE + timedelta(minutes=minutes)) for minutes in (0, 9, 10)]

    assert overdue == [False, False, True]


async def test_old_settled_notices_are_forgotten(world: World) -> None:
    await fill(world)
    await world.purge.purge()

    world.clock.advance(seconds=401 * 24 * 3600)
    await world.purge.purge()

    assert await world.notices.for_ticket("minato", DAY, "A001") == []
