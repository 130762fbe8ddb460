"""Taking tickets and letting them arrive at the office."""

from dataclasses import replace
from pathlib import Path

from tests.ticketing.web.edge import (
    NO_OFFICE,
    NOT_SIGNED_IN,
    OFFICE,
    STRONG_KEY,
    URL,
    Edge,
    code_of,
    config_in,
    edge_of,
    needs,
    problem,
    ticket_json,
)
from ticketing import key_files

TICKETS = "/api/v1/offices/ward/tickets"


async def test_offices_are_listed_in_the_wanted_language(edge: Edge) -> None:
    browser = edge.browser()

    japanese = await browser.get("/api/v1/offices")
    english = await browser.get("/api/v1/offices?language=en")

    assert japanese.json() == {"offices": [{"id": "ward", "name": "みなと区役所"}, {"id": "east", "name": "東支所"}]}
    assert english.json() == {"offices": [{"id": "ward", "name": "Minato Ward"}, {"id": "east", "name": "East branch"}]}


async def test_office_shows_services_counters_and_contacts(edge: Edge) -> None:
    answer = await edge.browser().get("/api/v1/offices/ward?language=en")

    def service(service_id: str, name: str, **changes: object) -> dict[str, object]:
        usual = {
            "id": service_id,
            "name": name,
            "public_name": name,
            "open": True,
            "kiosk": True,
            "web": True,
            "on_web": True,
            "arrival_needed": True,
            "reason": None,
            "web_reason": None,
            "opens_at": None,
            "web_opens_at": None,
            "alert_ahead": 3,
            "alert_minutes": None,
            "icon": "",
            "waiting_count": 0,
            "wait_low": None,
            "wait_high": None,
        }
        return {**usual, **changes}

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "id": "ward",
            "name": "Minato Ward",
            "open": True,
            "languages": ["ja", "en"],
            "time_zone": "Asia/Tokyo",
            "business_day": "2026-09-01",
            "closes_at": "2026-09-01T15:00:00.000Z",
            "notice": None,
            "arrival": ["code", "kiosk", "staff"],
            "deferral": {"places": 3, "times": 2},
            "board": {
                "chime": True,
                "languages": ["ja", "en"],
                "silent": False,
                "voice": ["ja", "en"],
                "playlist": False,
                "directions": {},
                "groups": [],
            },
            "kiosk": {"groups": [], "prefixes": sorted({series.prefix for series in OFFICE.series})},
            "reasons": [{"code": "papers", "name": "Papers are missing"}],
            "services": [
                service("family", "Family register"),
                service(
                    "residence", "Residence", web=False, on_web=False, arrival_needed=False, web_reason="not_on_web"
                ),
                service("tax", "Tax", public_name="Papers", arrival_needed=False),
            ],
            "counters": [
                {"id": "1", "label": "1", "open": False, "services": ["family"]},
                {"id": "2", "label": "2", "open": False, "services": ["family", "residence"]},
                {"id": "3", "label": "3", "open": False, "services": ["tax"]},
            ],
            "contacts": {
                "email": True,
                "line": True,
                "phone": False,
                "sms": False,
                "voice": False,
                "phone_provider": None,
                "line_account": "@minato",
                "sender": "city.example.jp",
                "relay": "mail.invalid",
                "privacy": {"responsible": "Citizens' Affairs", "handlers": ["Example Systems Ltd."]},
            },
        },
    )


async def test_unknown_office_is_404(edge: Edge) -> None:
    browser = edge.browser()

    shown = await browser.get("/api/v1/offices/nowhere")
    taken = await browser.post("/api/v1/offices/nowhere/tickets", json={"service": "tax"})

    assert (shown.status_code, shown.json()) == (404, NO_OFFICE)
    assert (taken.status_code, taken.json()) == (404, NO_OFFICE)


async def test_web_ticket_is_expected_and_carries_its_secret(edge: Edge) -> None:
    answer = await edge.browser().post(TICKETS, json={"service": "family", "language": "en"})

    body = answer.json()
    secret = body.pop("secret")
    assert answer.status_code == 201
    assert secret.startswith("ward.20260901.A001.")
    assert body == ticket_json(state="expected", language="en", url=f"{URL}/t#{secret}")
    assert answer.headers["cache-control"] == "no-store"


async def test_kiosk_ticket_waits_at_once(edge: Edge) -> None:
    kiosk = await edge.device()

    answer = await kiosk.post(TICKETS, json={"service": "residence"})

    body = answer.json()
    secret = body.pop("secret")
    assert (answer.status_code, body) == (201, ticket_json(service="residence", url=f"{URL}/t#{secret}"))
    assert answer.headers.get_list("set-cookie") == []


async def test_staff_ticket_is_on_record_with_the_clerk(edge: Edge) -> None:
    clerk = await edge.staff("sato")

    answer = await clerk.post(TICKETS, json={"service": "residence", "via": "staff"})

    assert (answer.status_code, answer.json()["state"]) == (201, "waiting")
    assert await edge.audit() == [("staff:sato", "10.0.0.5", "queue.issue", "residence", "ward", "ok")]


async def test_browser_of_all_hats_chooses_one(edge: Edge) -> None:
    browser = await edge.staff("sato")
    kiosk = await edge.device()
    browser.cookies.set(edge.cookie("device"), kiosk.cookies[edge.cookie("device")])

    for via in (None, "kiosk", "staff", "web"):
        answer = await browser.post(TICKETS, json={"service": "family", "via": via})
        assert answer.status_code == 201

    queue = (await browser.get("/api/v1/offices/ward/queue")).json()["tickets"]
    assert {each["number"]: each["channel"] for each in queue} == {
        "A001": "kiosk", "A002": "kiosk", "A003": "staff", "A004": "web",
    }  # fmt: skip


async def test_hat_that_a_browser_does_not_have_is_refused(edge: Edge) -> None:
    stranger, colleague = edge.browser(), await edge.staff("mori", offices=["east"])

    as_kiosk = await stranger.post(TICKETS, json={"service": "tax", "via": "kiosk"})
    as_staff = await stranger.post(TICKETS, json={"service": "tax", "via": "staff"})
    elsewhere = await colleague.post(TICKETS, json={"service": "tax", "via": "staff"})
    unknown = await stranger.post(TICKETS, json={"service": "tax", "via": "tick"})

    detail = "This browser is not enrolled as a kiosk of this office."
    assert (as_kiosk.status_code, as_kiosk.json()) == (401, problem(401, "not_enrolled", detail))
    assert (as_staff.status_code, as_staff.json()) == (401, NOT_SIGNED_IN)
    assert (elsewhere.status_code, elsewhere.json()) == (403, needs("clerk"))
    assert code_of(unknown) == (422, "wrong_field")
    assert await edge.audit() == [
        ("staff:mori", "10.0.0.5", "access.refused", f"POST {TICKETS.replace('ward', '{office}')}", "ward",
         "not_allowed"),
    ]  # fmt: skip


async def test_kiosk_of_another_office_is_an_ordinary_browser(edge: Edge) -> None:
    kiosk = await edge.device(office="east")

    answer = await kiosk.post(TICKETS, json={"service": "family"})

    assert (answer.status_code, answer.json()["state"]) == (201, "expected")


async def test_board_takes_no_kiosk_tickets(edge: Edge) -> None:
    board = await edge.device("board")

    answer = await board.post(TICKETS, json={"service": "tax", "via": "kiosk"})

    assert code_of(answer) == (401, "not_enrolled")


async def test_refusals_of_issue_say_why(edge: Edge) -> None:
    browser, chief = edge.browser(), await edge.staff("chief", "supervisor")

    unknown = await browser.post(TICKETS, json={"service": "fishing"})
    language = await browser.post(TICKETS, json={"service": "tax", "language": "fr"})
    not_there = await browser.post(TICKETS, json={"service": "residence"})
    await chief.put("/api/v1/offices/ward/services/family/quota", json={"quota": 0})
    quota = await browser.post(TICKETS, json={"service": "family"})
    await chief.post("/api/v1/offices/ward/services/tax/close", json={"for": "web", "reason": "papers"})
    closed = await browser.post(TICKETS, json={"service": "tax"})
    await chief.post("/api/v1/offices/ward/day/close")
    ended = await browser.post(TICKETS, json={"service": "tax"})

    assert unknown.json() == problem(
        422, "unknown_service", "There is no such service in this office.", service="fishing"
    )
    assert language.json() == problem(
        422, "unknown_language", "The office does not offer this language.", language="fr"
    )
    detail = "Tickets for this service are taken at the office only."
    assert not_there.json() == problem(409, "not_on_web", detail, service="residence")
    detail = "All web tickets of the day are taken; the kiosk in the office still gives tickets."
    assert quota.json() == problem(409, "quota_reached", detail, service="family", quota=0)
    detail = "The service takes no tickets now."
    assert closed.json() == problem(409, "service_closed", detail, service="tax", reason="papers")
    assert ended.json() == problem(409, "day_closed", "The office has ended its day.")


# Idempotency


async def test_same_key_gives_the_same_ticket_and_an_identical_secret(edge: Edge) -> None:
    kiosk = await edge.device()
    key = {"Idempotency-Key": "press-1"}

    first = await kiosk.post(TICKETS, json={"service": "tax"}, headers=key)
    await kiosk.post(TICKETS, json={"service": "tax"})
    again = await kiosk.post(TICKETS, json={"service": "tax"}, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content


async def test_same_key_with_another_body_is_refused(edge: Edge) -> None:
    kiosk = await edge.device()
    key = {"Idempotency-Key": "press-1"}
    await kiosk.post(TICKETS, json={"service": "tax"}, headers=key)

    body = await kiosk.post(TICKETS, json={"service": "family"}, headers=key)
    path = await kiosk.post("/api/v1/offices/ward/tickets/B501/arrive", json={}, headers=key)

    detail = "This Idempotency-Key was used for a different request."
    assert (body.status_code, body.json()) == (422, problem(422, "idempotency_key_reused", detail))
    assert code_of(path) == (422, "idempotency_key_reused")


async def test_refusal_is_decided_afresh(edge: Edge) -> None:
    chief, kiosk = await edge.staff("chief", "supervisor"), await edge.device()
    key = {"Idempotency-Key": "press-1"}
    await chief.post("/api/v1/offices/ward/services/tax/close", json={"for": "both"})

    refused = await kiosk.post(TICKETS, json={"service": "tax"}, headers=key)
    await chief.post("/api/v1/offices/ward/services/tax/open", json={"for": "both"})
    taken = await kiosk.post(TICKETS, json={"service": "tax"}, headers=key)

    assert code_of(refused) == (409, "service_closed")
    assert taken.status_code == 201


async def test_keys_belong_to_their_owner(edge: Edge) -> None:
    key = {"Idempotency-Key": "1"}
    owners = [await edge.device(), await edge.device(), await edge.staff("sato"), await edge.staff("mori")]
    for _ in range(2):
        browser = edge.browser()
        await browser.get("/")
        owners.append(browser)

    answers = [await owner.post(TICKETS, json={"service": "tax"}, headers=key) for owner in owners]

    assert [each.json()["number"] for each in answers] == ["B501", "B502", "B503", "B504", "B505", "B506"]


async def test_key_without_a_cookie_must_not_be_guessable(edge: Edge) -> None:
    answers = [
        await edge.browser().post(TICKETS, json={"service": "tax"}, headers={"Idempotency-Key": key})
        for key in ("1", "a" * 31, "z" * 21, "z" * 22, STRONG_KEY)
    ]

    detail = "Without a cookie an Idempotency-Key needs 128 random bits."
    assert [each.status_code for each in answers] == [400, 400, 400, 201, 201]
    assert answers[0].json() == problem(400, "weak_idempotency_key", detail)


async def test_key_without_a_cookie_is_the_credential(edge: Edge) -> None:
    browser, other = edge.browser(), edge.browser("192.0.2.99")
    key = {"Idempotency-Key": STRONG_KEY}

    first = await browser.post(TICKETS, json={"service": "tax"}, headers=key)
    again = await browser.post(TICKETS, json={"service": "tax"}, headers=key)
    elsewhere = await other.post(TICKETS, json={"service": "tax"}, headers=key)

    assert first.json() == again.json() == elsewhere.json()


async def test_key_of_wrong_characters_is_400(edge: Edge) -> None:
    kiosk = await edge.device()

    for key in ("", "two words", "x" * 256, "\u00e9"):
        answer = await kiosk.post(TICKETS, json={"service": "tax"}, headers=[(b"Idempotency-Key", key.encode())])
        assert code_of(answer) == (400, "wrong_idempotency_key")


async def test_key_of_yesterday_is_new_today(edge: Edge) -> None:
    kiosk = await edge.device()
    key = {"Idempotency-Key": "press-1"}
    first = await kiosk.post(TICKETS, json={"service": "tax"}, headers=key)
    await edge.wait(24 * 3600)

    second = await kiosk.post(TICKETS, json={"service": "tax"}, headers=key)

    assert (first.json()["business_day"], second.json()["business_day"]) == ("2026-09-01", "2026-09-02")


# Limits


async def test_browser_takes_five_tickets_an_hour(edge: Edge) -> None:
    browser = edge.browser()
    await browser.get("/")

    answers = [await browser.post(TICKETS, json={"service": "tax"}) for _ in range(6)]

    assert [each.status_code for each in answers] == [201] * 5 + [429]
    detail = "That was too often. Please wait a little and try again."
    assert answers[5].json() == problem(429, "too_many", detail, retry_after_seconds=720)
    assert answers[5].headers["retry-after"] == "720"

    edge.clock.advance(seconds=720)
    assert (await browser.post(TICKETS, json={"service": "tax"})).status_code == 201


async def test_address_takes_sixty_tickets_an_hour(edge: Edge) -> None:
    addresses = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:2::1"]

    answers = [await edge.browser(addresses[n % 2]).post(TICKETS, json={"service": "tax"}) for n in range(61)]
    neighbour = await edge.browser(addresses[2]).post(TICKETS, json={"service": "tax"})

    assert [each.status_code for each in answers] == [201] * 60 + [429]
    assert answers[60].headers["retry-after"] == "60"
    assert neighbour.status_code == 201


async def test_kiosk_and_staff_have_no_limit(edge: Edge) -> None:
    kiosk, clerk = await edge.device(), await edge.staff("sato")

    answers = [await each.post(TICKETS, json={"service": "tax"}) for each in (kiosk, clerk) for _ in range(62)]

    assert {each.status_code for each in answers} == {201}


async def test_refused_and_repeated_requests_do_not_count(edge: Edge) -> None:
    browser = edge.browser()
    await browser.get("/")
    keys = [{"Idempotency-Key": f"tap-{n}"} for n in range(5)]

    for _ in range(7):
        assert (await browser.post(TICKETS, json={"service": "residence"})).status_code == 409
    taken = [await browser.post(TICKETS, json={"service": "tax"}, headers=key) for key in keys]
    again = [await browser.post(TICKETS, json={"service": "tax"}, headers=key) for key in keys]
    more = await browser.post(TICKETS, json={"service": "tax"})

    assert [each.status_code for each in taken] == [201] * 5
    assert [each.json() for each in again] == [each.json() for each in taken]
    assert more.status_code == 429


# Arriving at the office


async def test_kiosk_lets_a_web_ticket_arrive(edge: Edge) -> None:
    ticket, kiosk = await edge.ticket("family"), await edge.device()
    path = f"/api/v1/offices/ward/tickets/{ticket.number}/arrive"

    first = await kiosk.post(path)
    again = await kiosk.post(path)

    assert (first.status_code, first.json()) == (200, ticket_json())
    assert again.json() == first.json()


async def test_clerk_lets_a_web_ticket_arrive_and_it_is_on_record(edge: Edge) -> None:
    ticket, clerk = await edge.ticket("family"), await edge.staff("sato")

    answer = await clerk.post(f"/api/v1/offices/ward/tickets/{ticket.number}/arrive", json={})
    unknown = await clerk.post("/api/v1/offices/ward/tickets/A999/arrive", json={})

    assert (answer.status_code, answer.json()) == (200, ticket_json())
    detail = "No ticket with this number was issued today."
    assert (unknown.status_code, unknown.json()) == (404, problem(404, "unknown_ticket", detail, number="A999"))
    assert await edge.audit() == [
        ("staff:sato", "10.0.0.5", "queue.arrive", "A001", "ward", "ok"),
        ("staff:sato", "10.0.0.5", "queue.arrive", "A999", "ward", "unknown_ticket"),
    ]


async def test_arrival_at_the_office_needs_its_kiosk_or_its_staff(edge: Edge) -> None:
    ticket = await edge.ticket("family")
    path = f"/api/v1/offices/ward/tickets/{ticket.number}/arrive"
    board, elsewhere = await edge.device("board"), await edge.device(office="east")
    colleague = await edge.staff("mori", offices=["east"])

    for browser in (edge.browser(), board, elsewhere, ticket.holder):
        answer = await browser.post(path)
        assert (answer.status_code, answer.json()) == (401, NOT_SIGNED_IN)
    refused = await colleague.post(path)

    assert (refused.status_code, refused.json()) == (403, needs("clerk"))


async def test_kiosk_arrival_can_be_switched_off(tmp_path: Path) -> None:
    office = replace(OFFICE, rules=replace(OFFICE.rules, arrival=("staff",)))
    async with edge_of(config_in(tmp_path / "data", offices=(office,))) as edge:
        ticket, kiosk = await edge.ticket("family"), await edge.device()

        answer = await kiosk.post(f"/api/v1/offices/ward/tickets/{ticket.number}/arrive")

        detail = "This office does not take arrivals in this way."
        assert (answer.status_code, answer.json()) == (409, problem(409, "wrong_arrival", detail, way="kiosk"))


async def test_hall_screens_and_staff_get_the_arrival_code(edge: Edge) -> None:
    path = "/api/v1/offices/ward/arrival-code"
    for browser in (await edge.device("board"), await edge.device(), await edge.staff("sato")):
        answer = await browser.get(path)
        body = answer.json()
        code = body.pop("code")
        assert (answer.status_code, body) == (200, {"valid_until": "2026-09-01T01:05:00.000Z"})
        assert code.isdecimal()
        assert len(code) == 4

    stranger = await edge.browser().get(path)
    elsewhere = await (await edge.device("board", "east")).get(path)
    colleague = await (await edge.staff("mori", offices=["east"])).get(path)
    nowhere = await (await edge.staff("chief", offices=["*"])).get("/api/v1/offices/nowhere/arrival-code")

    assert (stranger.status_code, stranger.json()) == (401, NOT_SIGNED_IN)
    assert (elsewhere.status_code, elsewhere.json()) == (401, NOT_SIGNED_IN)
    assert (colleague.status_code, colleague.json()) == (403, needs("clerk"))
    assert (nowhere.status_code, nowhere.json()) == (404, NO_OFFICE)


async def test_closed_day_has_no_arrival_code(edge: Edge) -> None:
    chief = await edge.staff("chief", "supervisor")
    await chief.post("/api/v1/offices/ward/day/close")

    answer = await chief.get("/api/v1/offices/ward/arrival-code")

    assert (answer.status_code, answer.json()) == (409, problem(409, "day_closed", "The office has ended its day."))


async def test_no_number_is_given_whose_secret_cannot_be_made(edge: Edge) -> None:
    kiosk, path, body = await edge.device(), "/api/v1/offices/ward/tickets", {"service": "family"}
    key_dir = edge.node.config.security.key_dir

    with key_files.locked(key_dir, alone=True):
        refused = [await kiosk.post(path, json=body, headers=headers) for headers in ({}, {"Idempotency-Key": "k"})]
    given = await kiosk.post(path, json=body)

    assert [(each.status_code, each.headers["retry-after"]) for each in refused] == [(503, "2")] * 2
    assert (given.status_code, given.json()["number"]) == (201, "A001")


async def test_refused_number_makes_no_key(edge: Edge) -> None:
    chief, kiosk = await edge.staff("chief", "supervisor"), await edge.device()
    await chief.post("/api/v1/offices/ward/services/family/close", json={"for": "kiosk"})

    refused = await kiosk.post("/api/v1/offices/ward/tickets", json={"service": "family"})

    assert (refused.status_code, edge.node.keys.days()) == (409, [])
