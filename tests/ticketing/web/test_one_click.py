"""The link in every mail that erases the mail address, and can do nothing else."""

from tests.ticketing.web.edge import MAIL, START, Edge, Ticket, code_of
from ticketing.hall import commands as cmd


async def token_of(edge: Edge, ticket: Ticket) -> str:
    await ticket.holder.put("/api/v1/ticket/contact", json={"channel": "email", "address": MAIL, "consent": True})
    (contact,) = await edge.node.site.contacts.get("ward", START.date(), ticket.number)
    return contact.token


async def test_link_shows_a_button_and_erases_nothing_by_itself(edge: Edge) -> None:
    ticket = await edge.ticket()
    token = await token_of(edge, ticket)

    shown = [await edge.browser().get(f"/u/{token}") for _ in range(2)]

    assert {each.status_code for each in shown} == {200}
    assert shown[0].headers["content-type"] == "text/html; charset=utf-8"
    assert shown[0].headers["cache-control"] == "no-store"
    assert '<form method="post"><button type="submit" ' in shown[0].text
    # Pages are unseen until their scripts have run; this one has none.
    assert '<body class="is-ready">' in shown[0].text
    assert (await ticket.holder.get("/api/v1/ticket")).json()["contact"] is not None


async def test_post_erases_and_a_second_one_is_no_error(edge: Edge) -> None:
    ticket = await edge.ticket()
    token = await token_of(edge, ticket)
    body = "List-Unsubscribe=One-Click"
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    first = await edge.browser().post(f"/u/{token}", content=body, headers=form)
    second = await edge.browser().post(f"/u/{token}", content=body, headers=form)
    after = await edge.browser().get(f"/u/{token}")

    assert [each.status_code for each in (first, second, after)] == [200, 200, 200]
    assert first.text == second.text
    assert "<p>メールアドレスを消去しました。</p>" in first.text
    assert '<p lang="en">Your e-mail address was erased.</p>' in first.text
    assert "<form" not in after.text
    shown = (await ticket.holder.get("/api/v1/ticket")).json()
    assert (shown["contact"], shown["state"]) == (None, "waiting")
    assert edge.node.site.desk("ward").hall.tickets[ticket.number].alert is None


async def test_token_dies_with_its_contact(edge: Edge) -> None:
    ticket = await edge.ticket()
    old = await token_of(edge, ticket)
    await ticket.holder.delete("/api/v1/ticket/contact")
    new = await token_of(edge, ticket)

    await edge.browser().post(f"/u/{old}")

    assert old != new
    assert await edge.node.site.contacts.count("ward", START.date()) == 1


async def test_line_contact_stays(edge: Edge) -> None:
    ticket, contacts = await edge.ticket(), edge.node.site.contacts
    token = await token_of(edge, ticket)
    await contacts.put("ward", START.date(), ticket.number, "line", "U" + "0" * 32, "ja", None, None, START)

    answer = await edge.browser().post(f"/u/{token}")

    assert "メールアドレスを消去しました。LINEへのお知らせは続きます。" in answer.text
    assert "Your e-mail address was erased. Alerts by LINE go on." in answer.text
    assert [each.channel for each in await contacts.get("ward", START.date(), ticket.number)] == ["line"]
    assert edge.node.site.desk("ward").hall.tickets[ticket.number].alert is not None


async def test_phone_contact_stays_and_is_named(edge: Edge) -> None:
    ticket, contacts = await edge.ticket(), edge.node.site.contacts
    token = await token_of(edge, ticket)
    await contacts.put("ward", START.date(), ticket.number, "phone", "+819012345678", "ja", None, None, START)

    answer = await edge.browser().post(f"/u/{token}")

    assert "電話番号へのお知らせは続きます。" in answer.text
    assert "erased. Alerts by phone go on." in answer.text
    assert "5678" not in answer.text


async def test_late_click_leaves_todays_ticket_of_the_same_number_alone(edge: Edge) -> None:
    token = await token_of(edge, await edge.ticket())
    await edge.wait(24 * 3600)
    today = await edge.ticket()
    desk = edge.node.site.desk("ward")
    await desk.submit(cmd.RequestAlert(by="web", number=today.number))

    answer = await edge.browser().post(f"/u/{token}")

    assert (answer.status_code, today.number) == (200, "B501")
    assert await edge.node.site.contacts.count("ward", START.date()) == 0
    assert desk.hall.tickets["B501"].alert is not None


async def test_click_before_anybody_noticed_the_new_day_erases(edge: Edge) -> None:
    token = await token_of(edge, await edge.ticket())
    edge.clock.advance(seconds=24 * 3600)

    answer = await edge.browser().post(f"/u/{token}")

    assert answer.status_code == 200
    assert await edge.node.site.contacts.count("ward", START.date()) == 0


async def test_nothing_that_is_no_token_breaks_it(edge: Edge) -> None:
    for token in ("x", "a" * 5000, "%00", "%ff", "..%2f..", "é", "' OR 1=1 --"):
        shown, erased = await edge.browser().get(f"/u/{token}"), await edge.browser().post(f"/u/{token}")
        assert {shown.status_code, erased.status_code} <= {200, 404}

    assert code_of(await edge.browser().put("/u/x")) == (405, "wrong_method")
