"""What every journal must do, whatever it is stored in; the fixtures say in what."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.ticketing.hall.given import START
from tests.ticketing.journal.samples import (
    CLOSES_AT,
    DAY,
    NEXT_DAY,
    batch,
    closed,
    entry,
    every_kind,
    extended,
    notice,
    notices,
    opened,
    row,
)
from tests.ticketing.journal.stores import Store
from ticketing.journal.base import DayRecord, Journal, JournalUnavailable, Mark, Outcome, Recorded

STORED, CONFLICT, UNKNOWN = Outcome.STORED, Outcome.CONFLICT, Outcome.UNKNOWN


async def texts(journal: Journal, office_id: str = "ward") -> list[str]:
    """What the notices in an office's journal say."""
    return [getattr(each.event, "text", "") for each in await journal.read(office_id, 0)]


# Appending


async def test_append_stores_events_directly_behind_the_last(journal: Journal) -> None:
    outcomes = [await journal.append([notices(0, "a", "b")]), await journal.append([notices(2, "c")])]

    assert outcomes == [[STORED], [STORED]]
    assert [each.event.seq for each in await journal.read("ward", 0)] == [1, 2, 3]
    assert await texts(journal) == ["a", "b", "c"]


@pytest.mark.parametrize("after_seq", [0, 1, 3])
async def test_append_decided_upon_another_head_is_a_conflict_and_stores_nothing(
    journal: Journal, after_seq: int
) -> None:
    await journal.append([notices(0, "a", "b")])

    outcomes = await journal.append([replace(notices(after_seq, "c"), tickets=[row()], audit=[entry()])])

    assert (outcomes, await texts(journal), await journal.tickets("ward", DAY)) == ([CONFLICT], ["a", "b"], [])


async def test_append_of_nothing_but_audit_needs_the_head_too(journal: Journal, store: Store) -> None:
    await journal.append([notices(0, "a")])

    outcomes = [await journal.append([batch(after_seq, audit=[entry()])]) for after_seq in (0, 1)]

    assert (outcomes, list(await store.audit())) == ([[CONFLICT], [STORED]], [entry()])


async def test_append_from_two_nodes_lets_one_through(store: Store) -> None:
    nodes = [await store.node(), await store.node()]

    outcomes = await asyncio.gather(*(node.append([notices(0, name)]) for name, node in zip("ab", nodes)))

    assert sorted(outcome.value for (outcome,) in outcomes) == ["conflict", "stored"]
    assert await texts(nodes[0]) == await texts(nodes[1]) == [("a", "b")[outcomes.index([STORED])]]


async def test_a_conflict_of_one_office_leaves_others_in_the_same_call_alone(journal: Journal) -> None:
    await journal.append([notices(0, "a")])

    outcomes = await journal.append(
        [notices(0, "b", office_id="north"), notices(0, "late"), notices(0, "c", office_id="south")]
    )

    assert outcomes == [STORED, CONFLICT, STORED]
    assert [await texts(journal, each) for each in ("north", "ward", "south")] == [["b"], ["a"], ["c"]]


async def test_a_conflict_of_one_office_leaves_others_in_concurrent_calls_alone(journal: Journal) -> None:
    await journal.append([notices(0, "a")])

    outcomes = await asyncio.gather(
        journal.append([notices(0, "b", office_id="north")]),
        journal.append([notices(0, "late")]),
        journal.append([notices(0, "c", office_id="south")]),
        journal.append([notices(1, "d")]),
    )

    assert outcomes == [[STORED], [CONFLICT], [STORED], [STORED]]
    assert [await texts(journal, each) for each in ("north", "ward", "south")] == [["b"], ["a", "d"], ["c"]]


async def test_a_command_stored_before_is_a_conflict_and_no_error(journal: Journal) -> None:
    await journal.append([notices(0, "a")])

    outcomes = await journal.append([notices(1, "b", "a")])

    assert (outcomes, await texts(journal)) == ([CONFLICT], ["a"])


async def test_a_command_stored_before_leaves_other_offices_in_the_same_call_alone(journal: Journal) -> None:
    await journal.append([notices(0, "a")])

    outcomes = await journal.append(
        [notices(0, "b", office_id="north"), notices(1, "a"), notices(0, "a", office_id="south")]
    )

    assert outcomes == [STORED, CONFLICT, STORED]
    assert [await texts(journal, each) for each in ("north", "ward", "south")] == [["b"], ["a"], ["a"]]


async def test_a_command_id_is_free_again_on_another_day(journal: Journal) -> None:
    await journal.append([notices(0, "a")])

    outcomes = await journal.append([batch(1, notice(2, mark=Mark("a"), day=NEXT_DAY))])

    assert outcomes == [STORED]


@pytest.mark.parametrize(("scope", "key", "outcome"), [("k1", "x", CONFLICT), ("k2", "x", STORED), ("k1", "y", STORED)])
async def test_an_idempotency_key_is_stored_once_a_day_for_each_scope(
    journal: Journal, scope: str, key: str, outcome: Outcome
) -> None:
    await journal.append([batch(0, notice(1, mark=Mark("a", "k1", "x", b"mac", b"{}")))])

    assert await journal.append([batch(1, notice(2, mark=Mark("b", scope, key, b"mac", b"{}")))]) == [outcome]


async def test_an_idempotency_key_is_free_again_on_another_day(journal: Journal) -> None:
    await journal.append([batch(0, notice(1, mark=Mark("a", "k1", "x", b"mac", b"{}")))])

    outcomes = await journal.append([batch(1, notice(2, mark=Mark("b", "k1", "x", b"mac", b"{}"), day=NEXT_DAY))])

    assert outcomes == [STORED]


async def test_a_batch_is_one_transaction(journal: Journal, store: Store) -> None:
    many = notices(0, *(f"command {place}" for place in range(200)))

    await journal.append([replace(many, tickets=[row(), row("A002")], audit=[entry(), entry()])])

    assert await store.transactions() == 1
    assert (await journal.head("ward"), len(await store.audit())) == (200, 2)


async def test_what_cannot_be_stored_whole_is_not_stored_at_all(journal: Journal, store: Store) -> None:
    impossible = replace(notices(0, "a"), tickets=[row(), row("A002", state="lost")], audit=[entry()])

    with pytest.raises(JournalUnavailable):
        await journal.append([impossible])

    assert (await journal.head("ward"), await journal.tickets("ward", DAY), list(await store.audit())) == (0, [], [])


async def test_what_cannot_be_stored_leaves_other_offices_in_the_same_call_alone(journal: Journal) -> None:
    impossible = replace(notices(0, "a"), tickets=[row(state="lost")])

    outcomes = await journal.append(
        [notices(0, "b", office_id="north"), impossible, notices(0, "c", office_id="south")]
    )

    assert outcomes == [STORED, UNKNOWN, STORED]
    assert [await texts(journal, each) for each in ("north", "ward", "south")] == [["b"], [], ["c"]]


async def test_the_record_of_operations_is_written_with_the_events(journal: Journal, store: Store) -> None:
    await journal.append([replace(notices(0, "a"), audit=[entry("queue.one"), entry("queue.two")])])

    assert list(await store.audit()) == [entry("queue.one"), entry("queue.two")]


# Connections that get lost


async def test_a_reply_lost_after_the_commit_is_unknown_and_the_events_are_there(
    journal: Journal, store: Store
) -> None:
    store.lose_reply()

    outcomes = await journal.append([replace(notices(0, "a"), tickets=[row()], audit=[entry()])])

    assert (outcomes, await texts(journal), await journal.tickets("ward", DAY)) == ([UNKNOWN], ["a"], [row()])
    assert list(await store.audit()) == [entry()]


async def test_a_commit_lost_on_its_way_is_unknown_and_the_events_are_not_there(
    journal: Journal, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.lose_commit()

    outcomes = await journal.append([replace(notices(0, "a"), tickets=[row()], audit=[entry()])])

    assert (outcomes, await texts(journal), await journal.tickets("ward", DAY)) == ([UNKNOWN], [], [])
    assert list(await store.audit()) == []
    assert "commit" in caplog.text


async def test_a_conflict_stores_nothing_although_the_reply_was_lost(journal: Journal, store: Store) -> None:
    await journal.append([notices(0, "a")])
    store.lose_reply()

    outcomes = await journal.append([notices(0, "late"), notices(0, "b", office_id="north")])

    # Where the server judges, the judgement is lost with the reply.
    assert (outcomes[0] in {CONFLICT, UNKNOWN}, outcomes[1]) == (True, UNKNOWN)
    assert (await texts(journal), await texts(journal, "north")) == (["a"], ["b"])


@pytest.mark.parametrize("fault", ["lose_reply", "lose_commit"])
async def test_a_journal_goes_on_after_a_lost_connection(journal: Journal, store: Store, fault: str) -> None:
    getattr(store, fault)()
    await journal.append([notices(0, "a")])

    outcomes = await journal.append([notices(await journal.head("ward"), "b")])

    assert (outcomes, (await texts(journal))[-1]) == ([STORED], "b")


async def test_a_journal_that_cannot_be_written_is_unavailable_and_stores_nothing(
    journal: Journal, store: Store
) -> None:
    await store.lock_out()

    with pytest.raises(JournalUnavailable):
        await journal.append([notices(0, "a"), notices(0, "b", office_id="north")])

    await store.let_in()
    assert (await journal.head("ward"), await journal.append([notices(0, "a")])) == (0, [STORED])


async def test_every_caller_is_told_that_the_journal_cannot_be_written(journal: Journal, store: Store) -> None:
    await store.lock_out()

    told = await asyncio.gather(
        *(journal.append([notices(0, "a", office_id=each)]) for each in ("north", "ward", "south")),
        return_exceptions=True,
    )

    assert [type(each) for each in told] == [JournalUnavailable] * 3


async def test_a_journal_out_of_reach_is_unavailable(journal: Journal, store: Store) -> None:
    await store.cut()

    for attempt in (
        journal.append([notices(0, "a")]),
        journal.read("ward", 0),
        journal.head("ward"),
        journal.heads(["ward", "north"]),
        journal.day("ward", DAY),
        journal.latest_day("ward"),
        journal.tickets("ward", DAY),
        journal.listen(["ward"], lambda office_id, seq: None),
    ):
        with pytest.raises(JournalUnavailable):
            await attempt


# Reading


async def test_read_begins_behind_a_seq_and_takes_no_more_than_asked_for(journal: Journal) -> None:
    await journal.append([notices(0, "a", "b", "c", "d"), notices(0, "x", office_id="north")])

    found = [each.event.seq for each in await journal.read("ward", 1, 2)]

    assert (found, await journal.read("ward", 4), await journal.read("south", 0)) == ([2, 3], [], [])


async def test_head_is_the_seq_of_an_offices_last_event(journal: Journal) -> None:
    await journal.append([notices(0, "a", "b"), notices(0, "x", office_id="north")])

    offices = ("ward", "north", "south")
    assert [await journal.head(each) for each in offices] == [2, 1, 0]
    assert await journal.heads(offices) == {"ward": 2, "north": 1, "south": 0}


async def test_every_kind_of_event_comes_back_as_it_went(journal: Journal) -> None:
    recorded = [Recorded(DAY, event) for event in every_kind()]

    await journal.append([batch(0, *recorded)])

    assert await journal.read("ward", 0) == recorded


async def test_a_mark_comes_back_as_it_went(journal: Journal) -> None:
    recorded = [
        notice(1, mark=Mark("a")),
        notice(2),
        notice(3, mark=Mark("b", "staff:sato", "key", b"\x00\xffmac", '{"number":"Ａ001"}'.encode())),
        notice(4, mark=Mark("c", "web", "key", b"mac", b"null")),
    ]

    await journal.append([batch(0, *recorded)])

    assert await journal.read("ward", 0) == recorded


async def test_another_node_reads_what_was_stored(store: Store) -> None:
    one, other = await store.node(), await store.node()

    await one.append([replace(notices(0, "a"), tickets=[row()])])

    assert (await texts(other), await other.tickets("ward", DAY)) == (["a"], [row()])


async def test_tickets_come_back_as_they_went_in_the_order_of_issue(journal: Journal) -> None:
    at = [START + timedelta(minutes=minute, milliseconds=minute) for minute in range(6)]
    full = row(
        "A001", state="completed", issue_seq=9, wait_low_at_issue=0, wait_high_at_issue=600, arrived_at=at[1],
        first_called_at=at[2], called_at=at[3], call_count=2, serving_at=at[4], served_seconds=61.5, counter="1",
        deferrals=1, reason="papers", ended_at=at[5], ended_by="staff:sato",
    )  # fmt: skip

    await journal.append([replace(notices(0, "a"), tickets=[full, row("A002")])])

    assert await journal.tickets("ward", DAY) == [row("A002"), full]
    assert (await journal.tickets("ward", NEXT_DAY), await journal.tickets("north", DAY)) == ([], [])


async def test_a_ticket_stored_again_replaces_its_row(journal: Journal) -> None:
    await journal.append([replace(notices(0, "a"), tickets=[row(), row("A002")])])

    await journal.append([replace(notices(1, "b"), tickets=[row(state="called", counter="1", call_count=1)])])

    assert await journal.tickets("ward", DAY) == [row(state="called", counter="1", call_count=1), row("A002")]


# Days


async def test_a_day_that_never_opened_is_unknown(journal: Journal) -> None:
    await journal.append([notices(0, "a")])

    assert (await journal.day("ward", DAY), await journal.latest_day("ward")) == (None, None)


async def test_a_day_that_is_open_has_its_planned_end(journal: Journal) -> None:
    await journal.append([batch(0, opened(1), notice(2)), batch(0, opened(1, NEXT_DAY), office_id="north")])

    expected = DayRecord(DAY, 1, CLOSES_AT, None)
    assert (await journal.day("ward", DAY), await journal.latest_day("ward")) == (expected, expected)


async def test_a_day_that_was_extended_ends_later(journal: Journal) -> None:
    until = CLOSES_AT + timedelta(hours=2)
    await journal.append([batch(0, opened(1), extended(2, until - timedelta(hours=1)), extended(3, until))])

    assert await journal.day("ward", DAY) == DayRecord(DAY, 1, until, None)


async def test_a_day_that_was_closed_says_when(journal: Journal) -> None:
    await journal.append([batch(0, opened(1), closed(2, at=START + timedelta(hours=1)))])

    assert await journal.day("ward", DAY) == DayRecord(DAY, 1, CLOSES_AT, START + timedelta(hours=1))


async def test_a_day_that_was_closed_and_extended_is_open_again(journal: Journal) -> None:
    until = CLOSES_AT + timedelta(hours=2)
    await journal.append([batch(0, opened(1), closed(2), extended(3, until))])

    assert await journal.day("ward", DAY) == DayRecord(DAY, 1, until, None)


async def test_a_day_that_was_reopened_and_closed_again_says_when_last(journal: Journal) -> None:
    until, end = CLOSES_AT + timedelta(hours=2), CLOSES_AT + timedelta(hours=1)
    await journal.append([batch(0, opened(1), closed(2), extended(3, until), closed(4, at=end))])

    assert await journal.day("ward", DAY) == DayRecord(DAY, 1, until, end)


async def test_the_latest_day_is_the_one_that_opened_last(journal: Journal) -> None:
    later = datetime(2026, 9, 2, 15, 0, tzinfo=UTC)
    await journal.append([batch(0, opened(1), closed(2), opened(3, NEXT_DAY, later), notice(4, day=NEXT_DAY))])

    assert (
        await journal.latest_day("ward") == await journal.day("ward", NEXT_DAY) == DayRecord(NEXT_DAY, 3, later, None)
    )
    assert await journal.day("ward", DAY) == DayRecord(DAY, 1, CLOSES_AT, START)


async def test_a_day_opens_once(journal: Journal) -> None:
    await journal.append([batch(0, opened(1))])

    assert await journal.append([batch(1, opened(2))]) == [CONFLICT]


# Nodes


async def test_listen_hears_another_node(store: Store) -> None:
    one, other = await store.node(), await store.node()
    heard: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
    listening = asyncio.create_task(one.listen(["ward", "north"], lambda *what: heard.put_nowait(what)))
    await _until(heard, ("north", 0))

    await other.append([notices(0, "a", "b")])

    await _until(heard, ("ward", 2))
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def _until(heard: "asyncio.Queue[tuple[str, int]]", expected: tuple[str, int]) -> None:
    async with asyncio.timeout(5):
        while await heard.get() != expected:
            pass


async def test_the_clock_of_this_machine_is_the_stores_own(journal: Journal) -> None:
    assert abs(await journal.clock_skew(datetime.now(UTC))) < 1
