"""The verbs of the counter."""

from typing import Any

import httpx
import pytest

from tests.ticketing.web.edge import (
    NO_OFFICE,
    NOT_SIGNED_IN,
    NOW,
    Edge,
    code_of,
    config_in,
    counter_json,
    edge_of,
    needs,
    problem,
    ticket_json,
    with_rules,
)

WARD = "/api/v1/offices/ward"
VERBS: list[tuple[str, str, Any]] = [
    ("GET", "queue", None),
    ("POST", "counters/1/open", {}),
    ("POST", "counters/1/close", {}),
    ("POST", "counters/1/call-next", {}),
    ("POST", "counters/1/call", {"number": "A001"}),
    ("POST", "counters/1/recall", {}),
    ("POST", "counters/1/start", {}),
    ("POST", "counters/1/complete", {}),
    ("POST", "counters/1/no-show", {}),
    ("POST", "counters/1/hold", {}),
    ("POST", "counters/1/transfer", {"service": "tax"}),
    ("POST", "counters/1/undo", {}),
    ("POST", "tickets/A001/reinstate", {}),
    ("POST", "tickets/A001/cancel", {}),
    ("POST", "tickets/A001/arrive", {}),
    ("POST", "tickets/A001/resume", {"counter": "1"}),
]


class Counter:
    """A clerk at counter 1 (or another), and a kiosk beside it."""

    def __init__(self, edge: Edge, clerk: httpx.AsyncClient, kiosk: httpx.AsyncClient) -> None:
        self.edge, self.clerk, self.kiosk = edge, clerk, kiosk

    async def take(self, *services: str) -> list[str]:
        answers = [await self.kiosk.post(f"{WARD}/tickets", json={"service": service}) for service in services]
        return [each.json()["number"] for each in answers]

    async def does(self, verb: str, counter: str = "1", body: Any = None) -> httpx.Response:
        return await self.clerk.post(f"{WARD}/counters/{counter}/{verb}", json=body or {})

    async def to(self, number: str, verb: str, body: Any = None) -> httpx.Response:
        return await self.clerk.post(f"{WARD}/tickets/{number}/{verb}", json=body or {})


@pytest.fixture
async def counter(edge: Edge) -> Counter:
    counter = Counter(edge, await edge.staff("sato"), await edge.device())
    await counter.does("open")
    return counter


def called(number: str = "A001", **changes: Any) -> dict[str, Any]:
    """A ticket at counter 1 that was just called."""
    usual = {"state": "called", "position": None, "ahead": None, "counter": "1", "called_at": NOW, "call_count": 1}
    return ticket_json(number, **{**usual, **changes})


def answered(number: str = "A001", step: str | None = "call", **changes: Any) -> dict[str, Any]:
    """The same as the answer to a verb, with what can be taken back now; None: nothing."""
    undo = {"step": step, "number": number, "until": "2026-09-01T01:00:30.000Z"} if step else None
    return {**called(number, **changes), "undo": undo}


# Who may


@pytest.mark.parametrize(("method", "path", "body"), VERBS)
async def test_every_verb_is_for_clerks_of_the_office(edge: Edge, method: str, path: str, body: Any) -> None:
    stranger, device = edge.browser(), await edge.device("board")
    elsewhere = await edge.staff("mori", offices=["east"])
    admin = await edge.staff("root", "admin", "privacy")
    everywhere = await edge.staff("chief", "supervisor", offices=["*"])

    refused = [await each.request(method, f"{WARD}/{path}", json=body) for each in (stranger, device)]
    forbidden = [await each.request(method, f"{WARD}/{path}", json=body) for each in (elsewhere, admin)]
    nowhere = await everywhere.request(method, f"/api/v1/offices/nowhere/{path}", json=body)

    assert [(each.status_code, each.json()) for each in refused] == [(401, NOT_SIGNED_IN)] * 2
    assert [(each.status_code, each.json()) for each in forbidden] == [(403, needs("clerk"))] * 2
    assert (nowhere.status_code, nowhere.json()) == (404, NO_OFFICE)
    template = path.replace("counters/1", "counters/{counter}").replace("A001", "{number}")
    target = f"{method} /api/v1/offices/{{office}}/{template}"
    assert await edge.audit() == [
        ("staff:mori", "10.0.0.5", "access.refused", target, "ward", "not_allowed"),
        ("staff:root", "10.0.0.5", "access.refused", target, "ward", "not_allowed"),
    ]


async def test_supervisor_is_a_clerk(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")

    answer = await chief.post(f"{WARD}/counters/1/open")

    assert (answer.status_code, answer.json()) == (200, counter_json(open=True, staff="chief"))


@pytest.mark.parametrize(("method", "path", "body"), [each for each in VERBS if "counters" in each[1]])
async def test_unknown_counter_in_the_path_is_404(edge: Edge, method: str, path: str, body: Any) -> None:
    clerk = await edge.staff("sato")

    unknown = await clerk.request(method, f"{WARD}/{path.replace('/1/', '/99/')}", json=body)
    no_id = await clerk.request(method, f"{WARD}/{path.replace('/1/', '/Hanako%20Sato/')}", json=body)

    detail = "There is no such counter in this office."
    assert (unknown.status_code, unknown.json()) == (404, problem(404, "unknown_counter", detail, counter="99"))
    assert (no_id.status_code, no_id.json()) == (404, problem(404, "unknown_counter", detail))
    # What no counter is called is no target: somebody may have typed anything there.
    assert [entry[3] for entry in await edge.audit()] == ["A001" if "number" in body else "99"]


@pytest.mark.parametrize("verb", ["reinstate", "cancel", "arrive", "resume"])
async def test_unknown_number_in_the_path_is_404(counter: Counter, verb: str) -> None:
    body = {"counter": "1"} if verb == "resume" else {}

    unknown = await counter.to("A999", verb, body)
    no_number = await counter.to("hanako@example.jp", verb, body)

    detail = "No ticket with this number was issued today."
    assert (unknown.status_code, unknown.json()) == (404, problem(404, "unknown_ticket", detail, number="A999"))
    assert (no_number.status_code, no_number.json()) == (404, problem(404, "unknown_ticket", detail))


async def test_unknown_ids_in_the_body_are_422(counter: Counter) -> None:
    await counter.take("family")
    await counter.does("call-next")
    await counter.does("hold")

    answers = [
        await counter.does("call", body={"number": "A999"}),
        await counter.to("A001", "resume", {"counter": "99"}),
        await counter.does("call-next", body={"services": ["fishing"]}),
    ]
    await counter.to("A001", "resume", {"counter": "1"})
    answers += [
        await counter.does("transfer", body={"service": "fishing"}),
        await counter.does("hold", body={"reason": "lunch"}),
    ]

    assert [code_of(each) for each in answers] == [
        (422, "unknown_ticket"), (422, "unknown_counter"), (422, "unknown_service"), (422, "unknown_service"),
        (422, "unknown_reason"),
    ]  # fmt: skip


# Guards and breaks


async def test_verb_for_another_ticket_than_is_there_is_409(counter: Counter) -> None:
    await counter.take("family", "family")
    await counter.does("call-next")

    bodies = {verb: {"number": "A002"} for verb in ("recall", "start", "complete", "no-show", "hold", "undo")}
    bodies["transfer"] = {"number": "A002", "service": "tax"}
    bodies["call-next"] = {"finish": "complete", "finish_number": "A002"}
    bodies["call"] = {"number": "A002", "finish": "complete", "finish_number": "A009"}
    answers = [await counter.does(verb, body=body) for verb, body in bodies.items()]

    assert {code_of(each) for each in answers} == {(409, "other_ticket")}
    assert (await counter.does("complete", body={"number": "A001"})).json()["state"] == "completed"


async def test_counter_closes_for_a_break(counter: Counter) -> None:
    answer = await counter.does("close", body={"reason": "break"})
    lunch = await counter.does("close", body={"reason": "lunch"})

    on_break = {"since": NOW, "staff": "sato"}
    assert (answer.status_code, answer.json()) == (200, counter_json(on_break=on_break))
    assert code_of(lunch) == (422, "wrong_field")


async def test_transfer_carries_a_reason_of_the_list(counter: Counter) -> None:
    await counter.take("family")
    await counter.does("call-next")

    wrong = await counter.does("transfer", body={"service": "residence", "reason": "rude"})
    right = await counter.does("transfer", body={"service": "residence", "reason": "papers"})
    queue = (await counter.clerk.get(f"{WARD}/queue")).json()

    assert (code_of(wrong), right.status_code) == ((422, "unknown_reason"), 200)
    [ticket] = queue["tickets"]
    assert (ticket["reason"], ticket["transferred_from"]) == ("papers", "family")


# The queue


async def test_queue_shows_open_tickets_in_call_order_and_the_counters(counter: Counter) -> None:
    await counter.take("family", "residence", "family")
    await counter.does("call-next")
    counter.edge.clock.advance(seconds=61)

    answer = await counter.clerk.get(f"{WARD}/queue?language=en")

    def row(number: str, **changes: Any) -> dict[str, Any]:
        usual = {
            "channel": "kiosk", "arrived_at": None, "first_called_at": None, "serving_at": None, "wait_seconds": 61,
            "overtakes": 0, "reason": None, "transferred_from": None, "call_order": None,
        }  # fmt: skip
        return {**ticket_json(number), **usual, **changes}

    def service(service_id: str, name: str, quota: int | None = None, longest: int | None = None) -> dict[str, Any]:
        return {
            "id": service_id, "name": name, "service": service_id, "closed": {}, "quota": quota, "web_issued": 0,
            "web_open": 0, "wait_target_seconds": 1800, "longest_wait_seconds": longest,
        }  # fmt: skip

    def counter(*given: Any, since: str | None = None, usual: int | None = None, **changes: Any) -> dict[str, Any]:
        return {**counter_json(*given, **changes), "since": since, "usual_seconds": usual}

    body = answer.json()
    waits = [(each.pop("wait_low"), each.pop("wait_high")) for each in body["tickets"]]
    expected = [
        row("A003", call_order=2),
        row("A002", service="residence", call_order=1),
        {**row("A001"), **called(), "first_called_at": NOW},
    ]
    for each in expected:
        del each["wait_low"], each["wait_high"]
    undo = None
    assert answer.status_code == 200
    assert waits[1:] == [(None, None), (None, None)]
    assert body == {
        "seq": 6,
        "now": "2026-09-01T01:01:01.000Z",
        "business_day": "2026-09-01",
        "closed": False,
        "call_number": "clerk",
        "notice_until": None,
        "tickets": expected,
        "counters": [
            counter(open=True, staff="sato", number="A001", state="called", undo=undo, since=NOW, usual=300),
            counter("2", ("family", "residence")),
            counter("3", ("tax",)),
        ],
        "services": [
            service("family", "Family register", 50, longest=61),
            service("residence", "Residence", longest=61),
            service("tax", "Tax"),
        ],
    }


async def test_looking_at_the_queue_is_on_record_once_in_a_while(edge: Edge) -> None:
    clerk, colleague = await edge.staff("sato"), await edge.staff("mori")

    for browser in (clerk, clerk, colleague):
        await browser.get(f"{WARD}/queue")
    edge.clock.advance(seconds=600)
    await clerk.get(f"{WARD}/queue")

    assert await edge.audit() == [
        ("staff:sato", "10.0.0.5", "queue.view", None, "ward", "ok"),
        ("staff:mori", "10.0.0.5", "queue.view", None, "ward", "ok"),
        ("staff:sato", "10.0.0.5", "queue.view", None, "ward", "ok"),
    ]


# At the counter


async def test_counter_opens_and_closes(edge: Edge) -> None:
    clerk, colleague = await edge.staff("sato"), await edge.staff("mori")

    opened = await clerk.post(f"{WARD}/counters/1/open")
    again = await clerk.post(f"{WARD}/counters/1/open")
    taken = await colleague.post(f"{WARD}/counters/1/open")
    not_mine = await colleague.post(f"{WARD}/counters/1/close")
    second = await clerk.post(f"{WARD}/counters/2/open")
    closed = await clerk.post(f"{WARD}/counters/1/close")

    assert (opened.status_code, opened.json()) == (200, counter_json(open=True, staff="sato"))
    assert again.json() == opened.json()
    detail = "A colleague sits at this counter."
    assert [(each.status_code, each.json()) for each in (taken, not_mine)] == [
        (409, problem(409, "counter_taken", detail, counter="1"))
    ] * 2
    assert second.json() == counter_json("2", ("family", "residence"), open=True, staff="sato")
    assert (closed.status_code, closed.json()) == (200, counter_json())


async def test_supervisor_closes_a_colleagues_counter(counter: Counter) -> None:
    chief = await counter.edge.staff("chief", "supervisor")

    answer = await chief.post(f"{WARD}/counters/1/close")

    assert (answer.status_code, answer.json()) == (200, counter_json())


async def test_counter_with_a_visitor_does_not_close(counter: Counter) -> None:
    await counter.take("family")
    await counter.does("call-next")

    answer = await counter.does("close")

    detail = "A visitor is still at this counter."
    assert (answer.status_code, answer.json()) == (
        409, problem(409, "counter_busy", detail, counter="1", number="A001"),
    )  # fmt: skip


async def test_call_next_calls_the_first_or_nobody(counter: Counter) -> None:
    nobody = await counter.does("call-next")
    await counter.take("family")
    somebody = await counter.does("call-next")

    assert (nobody.status_code, nobody.content) == (204, b"")
    assert (somebody.status_code, somebody.json()) == (200, answered())


async def test_call_next_finishes_the_last_visitor_in_the_same_step(counter: Counter) -> None:
    await counter.take("family", "family", "family")
    await counter.does("call-next")

    busy = await counter.does("call-next")
    completed = await counter.does("call-next", body={"finish": "complete"})
    absent = await counter.does("call-next", body={"finish": "no_show"})
    last = await counter.does("call-next", body={"finish": "complete"})

    assert code_of(busy) == (409, "counter_busy")
    assert completed.json() == answered("A002")
    assert absent.json() == answered("A003")
    assert (last.status_code, last.content) == (204, b"")
    tickets = (await counter.clerk.get(f"{WARD}/queue")).json()["tickets"]
    assert [(each["number"], each["state"]) for each in tickets] == [("A002", "absent")]


async def test_call_next_of_chosen_services(counter: Counter) -> None:
    await counter.does("open", "2")
    await counter.take("family", "residence")

    answer = await counter.does("call-next", "2", {"services": ["residence"]})
    not_here = await counter.does("call-next", "1", {"services": ["residence"]})
    none = await counter.does("call-next", "1", {"services": []})

    assert answer.json() == answered("A002", service="residence", counter="2")
    detail = "This counter does not take that service."
    assert not_here.json() == problem(409, "not_served_here", detail, service="residence")
    assert code_of(none) == (422, "wrong_field")


async def test_closed_counter_calls_nobody(counter: Counter) -> None:
    await counter.does("close")

    answers = [await counter.does(verb) for verb in ("call-next", "recall", "undo", "complete")]

    detail = "The counter is closed; open it first."
    assert [each.json() for each in answers] == [problem(409, "counter_closed", detail, counter="1")] * 4


async def test_empty_counter_has_nobody_to_serve(counter: Counter) -> None:
    answers = [await counter.does(verb) for verb in ("recall", "start", "complete", "no-show", "hold")]

    detail = "No ticket is at this counter."
    assert [(each.status_code, each.json()) for each in answers] == [
        (409, problem(409, "nobody_there", detail, counter="1"))
    ] * 5


async def test_visit_from_call_to_complete(counter: Counter) -> None:
    await counter.take("family", "family")

    chosen = await counter.does("call", body={"number": "A002"})
    recalled = await counter.does("recall")
    started = await counter.does("start")
    again = await counter.does("start")
    completed = await counter.does("complete")

    assert (chosen.status_code, chosen.json()) == (200, answered("A002"))
    assert (recalled.status_code, recalled.json()) == (200, answered("A002", call_count=2))
    assert (started.status_code, started.json()) == (200, answered("A002", None, call_count=2, state="serving"))
    detail = "The ticket is not in a state that allows this."
    assert (again.status_code, again.json()) == (
        409, problem(409, "wrong_state", detail, number="A002", state="serving"),
    )  # fmt: skip
    assert (completed.status_code, completed.json()) == (
        200,
        answered("A002", "complete", call_count=2, state="completed"),
    )


async def test_absent_visitor_is_reinstated_at_the_head(counter: Counter) -> None:
    await counter.take("family", "family")
    await counter.does("call-next")

    absent = await counter.does("no-show")
    back = await counter.to("A001", "reinstate")
    again = await counter.to("A001", "reinstate")

    assert (absent.status_code, absent.json()["state"]) == (200, "absent")
    body = back.json()
    assert (back.status_code, body["state"], body["position"], body["call_count"]) == (200, "waiting", 1, 0)
    assert code_of(again) == (409, "wrong_state")


async def test_hold_and_resume_at_another_counter(counter: Counter) -> None:
    await counter.does("open", "2")
    await counter.take("family")
    await counter.does("call-next")
    await counter.does("start")

    held = await counter.does("hold", body={"reason": "papers"})
    resumed = await counter.to("A001", "resume", {"counter": "2"})
    again = await counter.to("A001", "resume", {"counter": "2"})

    assert (held.status_code, held.json()["state"]) == (200, "held")
    assert (resumed.status_code, resumed.json()["state"], resumed.json()["counter"]) == (200, "serving", "2")
    assert code_of(again) == (409, "wrong_state")


async def test_transfer_keeps_the_number(counter: Counter) -> None:
    await counter.take("family")
    await counter.does("call-next")

    same = await counter.does("transfer", body={"service": "family"})
    moved = await counter.does("transfer", body={"service": "tax"})

    assert code_of(same) == (409, "same_service")
    body = moved.json()
    assert (moved.status_code, body["number"], body["service"], body["state"]) == (200, "A001", "tax", "waiting")


async def test_undo_takes_back_the_last_step_for_half_a_minute(counter: Counter) -> None:
    await counter.take("family")
    await counter.does("call-next")

    counter.edge.clock.advance(seconds=30)
    undone = await counter.does("undo")
    nothing = await counter.does("undo")
    await counter.does("call-next")
    counter.edge.clock.advance(seconds=31)
    late = await counter.does("undo")

    body = undone.json()
    assert (undone.status_code, body["state"], body["call_count"], body["called_at"]) == (200, "waiting", 0, None)
    detail = "There is nothing at this counter that can still be undone."
    assert [(each.status_code, each.json()) for each in (nothing, late)] == [
        (409, problem(409, "nothing_to_undo", detail, counter="1"))
    ] * 2


async def test_ticket_that_moved_on_cannot_be_undone(counter: Counter) -> None:
    await counter.does("open", "2")
    await counter.take("family")
    await counter.does("call-next")
    await counter.does("no-show")
    await counter.to("A001", "reinstate")
    await counter.does("call-next", "2")

    answer = await counter.does("undo")

    detail = "The ticket has moved on, so this can no longer be undone."
    assert (answer.status_code, answer.json()) == (409, problem(409, "moved_on", detail, number="A001"))


async def test_clerk_cancels_a_ticket(counter: Counter) -> None:
    await counter.take("family")

    cancelled = await counter.to("A001", "cancel")

    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")


async def test_recall_comes_before_no_show_where_the_office_wants_it(tmp_path: Any) -> None:
    async with edge_of(config_in(tmp_path / "data", offices=(with_rules(calls_before_no_show=2),))) as edge:
        counter = Counter(edge, await edge.staff("sato"), await edge.device())
        await counter.does("open")
        await counter.take("family")
        await counter.does("call-next")

        answer = await counter.does("no-show")

        detail = "Call the number again before marking the visitor absent."
        assert (answer.status_code, answer.json()) == (409, problem(409, "recall_first", detail, call_count=1))


async def test_double_press_of_the_one_key_calls_one_visitor(counter: Counter) -> None:
    await counter.take("family", "family")
    key = {"Idempotency-Key": "press-1"}
    path = f"{WARD}/counters/1/call-next"

    first = await counter.clerk.post(path, json={"finish": "complete"}, headers=key)
    again = await counter.clerk.post(path, json={"finish": "complete"}, headers=key)

    assert (first.json(), again.json()) == (answered(), answered())


async def test_nobody_waiting_is_decided_afresh(counter: Counter) -> None:
    key = {"Idempotency-Key": "press-1"}
    path = f"{WARD}/counters/1/call-next"

    nobody = await counter.clerk.post(path, json={}, headers=key)
    await counter.take("family")
    somebody = await counter.clerk.post(path, json={}, headers=key)

    assert (nobody.status_code, somebody.status_code) == (204, 200)


async def test_every_verb_leaves_its_line_in_the_record(counter: Counter) -> None:
    clerk = counter.clerk
    await counter.take("family", "family", "residence")
    await counter.does("call-next")
    for verb in ("recall", "start", "undo", "hold"):
        await counter.does(verb)
    await counter.to("A001", "resume", {"counter": "1"})
    await counter.does("transfer", body={"service": "residence"})
    await counter.does("call", body={"number": "A002"})
    await counter.does("no-show")
    await counter.to("A002", "reinstate")
    await counter.does("call-next", body={"finish": "complete"})
    await counter.does("complete")
    await counter.does("complete")
    await counter.to("A003", "cancel")
    await counter.does("close")
    await clerk.post(f"{WARD}/tickets", json={"service": "tax", "via": "staff"})

    lines = [
        ("open-counter", "1", "ok"),
        ("call-next", "1", "ok"),
        ("recall", "1", "ok"),
        ("start", "1", "ok"),
        ("undo", "1", "moved_on"),
        ("hold", "1", "ok"),
        ("resume", "A001", "ok"),
        ("transfer", "1", "ok"),
        ("call", "A002", "ok"),
        ("no-show", "1", "ok"),
        ("reinstate", "A002", "ok"),
        ("call-next", "1", "ok"),
        ("complete", "1", "ok"),
        ("complete", "1", "nobody_there"),
        ("cancel", "A003", "ok"),
        ("close-counter", "1", "ok"),
        ("issue", "tax", "ok"),
    ]
    assert await counter.edge.audit() == [
        ("staff:sato", "10.0.0.5", f"queue.{what}", target, "ward", result) for what, target, result in lines
    ]
