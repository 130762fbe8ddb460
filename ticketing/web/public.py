"""What anyone may see or do at an office: look, take a ticket, let one arrive."""

from datetime import timedelta

from starlette.responses import Response

from ticketing.clock import rfc3339
from ticketing.config import Config
from ticketing.desk import Desk
from ticketing.hall import commands as cmd
from ticketing.hall.office import name_as_written
from ticketing.hall.refusals import Refusal
from ticketing.hall.verbs.visitor import why_not_issued
from ticketing.hall.view import Json, office_view
from ticketing.network import address_key
from ticketing.orders import Answer, IdempotencyKey, Unavailable
from ticketing.web.access import Giver, browser_scope, device, give_browser_cookie, giver, holder, staff, wrong_secret
from ticketing.web.bodies import IssueBody, Nothing
from ticketing.web.call import Call
from ticketing.web.problems import Problem, too_many

#: A browser keeps the ticket's secret a little longer than the day, for the page that says how it ended.
TICKET_COOKIE_SECONDS = int(timedelta(hours=30).total_seconds())


async def list_offices(call: Call) -> Response:
    language = _language(call, "ja")
    return call.json(
        {
            "offices": [
                {"id": each.office.id, "name": name_as_written(each.office.names, language)} for each in call.site.desks
            ]
        }
    )


async def show_office(call: Call) -> Response:
    desk = call.desk
    language = _language(call, desk.office.languages[0])
    view = office_view(desk.hall, call.site.clock.now(), language)
    return call.json({**view, "contacts": contact_offer(call.site.config)})


def contact_offer(config: Config) -> Json:
    """Which alerts a visitor can register, and what the consent text names."""
    mail = config.mail
    return {
        "email": mail.is_on,
        "line": config.line.is_on,
        "phone": config.phone.is_on,
        "sms": config.phone.is_on and config.phone.sms.is_on,
        "voice": config.phone.is_on and config.phone.voice.is_on,
        "phone_provider": config.phone.provider if config.phone.is_on else None,
        "line_account": config.line.account or None,
        "sender": mail.sender.rpartition("@")[2] if mail.is_on else None,
        "relay": _relay(mail.host),
        "privacy": {"responsible": config.privacy.responsible, "handlers": list(config.privacy.handlers)},
    }


def _relay(host: str) -> str | None:
    """The mail relay by its domain; a relay on this machine, or one known by a number only, has none."""
    is_name = "." in host and any(character.isalpha() for character in host.rpartition(".")[2])
    return host if is_name else None


def _language(call: Call, default: str) -> str:
    return call.request.query_params.get("language") or default


async def issue(call: Call) -> Response:
    body = await call.body(IssueBody)
    desk = call.desk
    who = await giver(call, body.via)
    command = cmd.Issue(
        by=who.by,
        service=body.service,
        channel=who.channel,  # type: ignore[arg-type]
        language=body.language or desk.office.languages[0],
    )
    key = call.idempotency_key(who.scope)
    _prepare_secret(call, desk, command)
    spent = [] if _was_answered(call, key) else _spend(call, who)
    try:
        # Only staff are in the record of operations, where the address goes.
        address = call.address_text if who.channel == "staff" else None
        answer = await desk.submit(command, key=key, address=address)
    except (Refusal, Unavailable):
        _give_back(call, spent)
        raise
    if answer.is_repeated:
        _give_back(call, spent)
    if key is not None and who.channel == "web":
        _note_answered(call, key)
    return call.json(_with_secret(call, who, key, answer), 201)


def _prepare_secret(call: Call, desk: Desk, command: cmd.Issue) -> None:
    """A number whose secret cannot be made would be nobody's: it is not given. Raises KeyFileError."""
    hall, secrets = desk.hall, call.site.secrets
    service = hall.office.service(command.service)
    if hall.day is None or service is None or secrets.is_ready(desk.office.id, hall.day):
        return
    if why_not_issued(hall, service, command.channel, call.site.clock.now()) is None:
        secrets.prepare(desk.office.id, hall.day)


def _was_answered(call: Call, key: IdempotencyKey | None) -> bool:
    """Whether a ticket was taken with this key lately, so that the first answer to it will be given again."""
    known = call.site.limits.answered_keys
    return key is not None and known.get(_place(call, key), call.site.clock.now()) is not None


def _note_answered(call: Call, key: IdempotencyKey) -> None:
    known = call.site.limits.answered_keys
    known.put(_place(call, key), True, call.site.clock.now(), known.epoch)


def _place(call: Call, key: IdempotencyKey) -> str:
    return f"{call.path('office')} {key.scope} {key.key}"


def _with_secret(call: Call, who: Giver, key: IdempotencyKey | None, answer: Answer) -> Json:
    assert answer.body is not None, "an issue always gives a ticket"
    secret = call.site.secrets.make(answer.body["office"], answer.day, answer.body["number"])
    if who.channel == "web":
        if key is None:
            # With a key of its own the browser is known by that; a new cookie would make its next try another one's.
            give_browser_cookie(call)
        call.set_cookie("ticket", secret, TICKET_COOKIE_SECONDS)
    return {**answer.body, "secret": secret, "url": f"{call.site.config.server.public_url}/t#{secret}"}


def _spend(call: Call, who: Giver) -> list[tuple[str, str]]:
    """Counts a web ticket against its browser and address. Raises Problem 429."""
    if who.channel != "web":
        return []
    keys = [("tickets_by_address", address_key(call.address))]
    if (browser := browser_scope(call)) is not None:
        keys.append(("tickets_by_browser", browser))
    now = call.site.clock.now()
    for place, (name, key) in enumerate(keys):
        retry_after = getattr(call.site.limits, name).take(key, now)
        if retry_after is not None:
            _give_back(call, keys[:place])
            raise too_many(retry_after)
    return keys


def _give_back(call: Call, keys: list[tuple[str, str]]) -> None:
    for name, key in keys:
        getattr(call.site.limits, name).give_back(key)


async def arrive_at_office(call: Call) -> Response:
    """A web ticket checks in at the kiosk, or a clerk lets it."""
    await call.body(Nothing)
    kiosk = await device(call, "kiosk")
    if kiosk is not None:
        await _check_shown_secret(call)
        desk, by, way = call.desk, f"kiosk:{kiosk.id}", "kiosk"
    else:
        account, desk = await staff(call, "clerk")
        by, way = f"staff:{account.name}", "staff"
    command = cmd.Arrive(by=by, number=call.path("number"), way=way)  # type: ignore[arg-type]
    answer = await desk.submit(command, key=call.idempotency_key(by), address=call.address_text)
    return call.json(answer.body)


async def _check_shown_secret(call: Call) -> None:
    """A kiosk that has read a ticket's code sends its secret, and then it must be this ticket's. Raises Problem 401."""
    if "authorization" not in call.request.headers:
        return
    ref = (await holder(call.site, call.request)).ref
    if (ref.office_id, ref.number) != (call.path("office"), call.path("number")):
        raise wrong_secret()


async def arrival_code(call: Call) -> Response:
    """The code for the hall's screens; only those may have it, for it proves that somebody stands there."""
    if await device(call, "kiosk", "board") is None:
        await staff(call, "clerk")
    desk = call.desk
    if desk.hall.day is None or desk.hall.is_closed:
        raise Problem(409, "day_closed", "The office has ended its day.")
    now = call.site.clock.now()
    code, seconds = call.site.secrets.arrival_code(desk.office.id, desk.hall.day, now)
    return call.json({"code": code, "valid_until": rfc3339(now + timedelta(seconds=seconds))})
