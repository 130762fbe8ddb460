"""The demonstration's own pages: where to begin, and the mailbox."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from ticketing.clock import rfc3339
from ticketing.demo.furniture import ACCOUNTS, PASSWORD, invite
from ticketing.demo.line import post_webhook, text_event, unfollow_event
from ticketing.demo.mailbox import LINE_USERS, Mailbox
from ticketing.hall.view import Json
from ticketing.limits import Limiter
from ticketing.web.access import check_origin
from ticketing.web.call import Call
from ticketing.web.problems import Problem, too_many
from ticketing.web.site import Site

ROOT = Path(__file__).parent / "site"
#: Of all browsers together.
MOST_INVITATIONS_HOUR = 200

Answerer = Callable[[Call], Awaitable[Response]]


class InviteBody(Struct, forbid_unknown_fields=True):
    """Which office's device this browser is to become."""

    office: Annotated[str, Meta(max_length=64)]
    kind: Literal["kiosk", "board"]


class LineBody(Struct, forbid_unknown_fields=True):
    """What a made-up LINE user does: write to the account or, without a text, block it."""

    user: Annotated[str, Meta(max_length=64)]
    text: Annotated[str, Meta(min_length=1, max_length=500)] | None = None


def demo_routes(site: Site, mailbox: Mailbox) -> list[BaseRoute]:
    """The routes under ``/demo``."""
    return [
        _route(site, "/demo", _page("index.html")),
        _route(site, "/demo/mailbox", _page("mailbox.html")),
        _route(site, "/demo/about.json", about),
        _route(site, "/demo/mailbox.json", _mailbox_json(mailbox)),
        _route(site, "/demo/invite", _invite(Limiter(per=MOST_INVITATIONS_HOUR, seconds=3600)), "POST"),
        _route(site, "/demo/line", _line(mailbox), "POST"),
        Mount("/demo/site", StaticFiles(directory=ROOT)),
    ]


def _route(site: Site, path: str, answer: Answerer, method: str = "GET") -> Route:
    async def handle(request: Request) -> Response:
        check_origin(site, request)
        return await answer(Call(site, request))

    return Route(path, handle, methods=[method])


def _page(name: str) -> Answerer:
    html = (ROOT / name).read_bytes()

    async def show(call: Call) -> Response:
        return Response(html, media_type="text/html", headers={"Cache-Control": "no-cache"})

    return show


async def about(call: Call) -> Response:
    """The offices and the staff accounts with their password: everything here is made up."""
    offices = [{"id": desk.office.id, "names": desk.office.names} for desk in call.site.desks]
    accounts = [{"name": each.name, "roles": each.roles, "offices": each.offices} for each in ACCOUNTS]
    return call.json({"offices": offices, "accounts": accounts, "password": PASSWORD})


def _mailbox_json(mailbox: Mailbox) -> Answerer:
    names = {user_id: name for name, user_id in LINE_USERS.items()}

    async def show(call: Call) -> Response:
        messages: list[Json] = [
            {
                "id": each.id,
                "channel": each.channel,
                "to": names.get(each.to, "") if each.channel == "line" else each.to,
                "at": rfc3339(each.at),
                "subject": each.subject,
                "text": each.text,
                "unsubscribe_url": each.unsubscribe_url,
            }
            for each in mailbox.newest()
        ]
        users = [{"name": name, "is_blocking": user_id in mailbox.blocked} for name, user_id in LINE_USERS.items()]
        return call.json({"messages": messages, "line_account": call.site.config.line.account, "line_users": users})

    return show


def _invite(limiter: Limiter) -> Answerer:
    async def make(call: Call) -> Response:
        body = await call.body(InviteBody)
        office_id = call.site.desk(body.office).office.id
        if (retry_after := limiter.take("all", call.site.clock.now())) is not None:
            raise too_many(retry_after)
        url = await invite(call.site, office_id, body.kind, "web", str(call.address))
        return call.json({"code": url.rpartition("#")[2]}, 201)

    return make


def _line(mailbox: Mailbox) -> Answerer:
    async def act(call: Call) -> Response:
        body = await call.body(LineBody)
        user_id, now = LINE_USERS.get(body.user), call.site.clock.now()
        if user_id is None:
            raise Problem(422, "unknown_user", "There is no such made-up LINE user.")
        if body.text is None:
            mailbox.blocked.add(user_id)
            event = unfollow_event(user_id, now)
        else:
            mailbox.blocked.discard(user_id)
            event = text_event(user_id, body.text, now)
        return call.json({"status": await _deliver(call.site, event)})

    return act


async def _deliver(site: Site, event: Json) -> int:
    try:
        return await post_webhook(site.config.server.public_url, site.config.line.channel_secret.reveal(), event)
    except OSError:
        raise Problem(502, "webhook_failed", "The webhook did not reach this server's own address.") from None
