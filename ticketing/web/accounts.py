"""Signing in and out, enrolling a device, and the record of operations."""

from dataclasses import replace
from datetime import datetime, timedelta

from starlette.responses import Response

from ticketing.audit import AuditRow, Entry
from ticketing.clock import parse, rfc3339
from ticketing.limits import Limiter
from ticketing.network import address_key
from ticketing.staff import EVERY_OFFICE, Account, normal_name
from ticketing.web.access import check_staff_network, not_allowed, signed_in
from ticketing.web.bodies import EnrolBody, SignInBody
from ticketing.web.call import Call
from ticketing.web.problems import Problem, too_many

DEVICE_COOKIE_SECONDS = int(timedelta(days=400).total_seconds())
MOST_ENTRIES = 1000


async def sign_in(call: Call) -> Response:
    body = await call.body(SignInBody)
    site, now = call.site, call.site.clock.now()
    by_address = (site.limits.sign_ins_by_address, address_key(call.address))
    by_name = (site.limits.sign_ins_by_name, (normal_name(body.name) or body.name).casefold())
    try:
        _spend(*by_address, now)
        check_staff_network(site, call.request)
        # After the network: strangers outside must not use up the tries of those inside.
        _spend(*by_name, now)
        account = await site.staff.authenticate(body.name, body.password)
        if account is None:
            detail = "The name or the password is wrong."
            raise Problem(401, "wrong_password", detail, headers={"WWW-Authenticate": "Cookie"})
    except Problem as problem:
        await _record_refused(call, body.name, problem)
        raise
    for limiter, key in (by_address, by_name):
        limiter.give_back(key)
    entry = Entry(at=now, who=f"staff:{account.name}", what="session.create", address=call.address_text)
    token = await site.sessions.create(account, now, entry)
    call.set_cookie("session", token, site.config.security.session_hours * 3600, "strict")
    return call.json(_session(account), 201)


def _spend(limiter: Limiter, key: str, now: datetime) -> None:
    if (retry_after := limiter.take(key, now)) is not None:
        raise too_many(retry_after)


async def _record_refused(call: Call, name: str, problem: Problem) -> None:
    now, limits = call.site.clock.now(), call.site.limits
    if problem.status == 429 and limits.refused_sign_ins.take(address_key(call.address), now) is not None:
        return
    # People type addresses and passwords into the name field; only a name that exists is written down.
    known = await call.site.staff.find(name)
    await call.site.audit.record(
        Entry(
            at=now,
            who=f"staff:{known.name}" if known else "unknown",
            what="session.create",
            address=call.address_text,
            result=problem.code,
        )
    )


async def show_session(call: Call) -> Response:
    return call.json(_session(await signed_in(call)))


def _session(account: Account) -> dict[str, object]:
    return {"name": account.name, "roles": sorted(account.roles), "offices": sorted(account.offices)}


async def sign_out(call: Call) -> Response:
    account = await signed_in(call)
    entry = Entry(at=call.site.clock.now(), who=f"staff:{account.name}", what="session.end", address=call.address_text)
    await call.site.sessions.end(call.cookie("session") or "", entry)
    call.set_cookie("session", "", 0, "strict")
    return call.no_content()


async def enrol(call: Call) -> Response:
    body = await call.body(EnrolBody)
    site, now = call.site, call.site.clock.now()
    if (retry_after := site.limits.enrolments_by_address.take(address_key(call.address), now)) is not None:
        raise too_many(retry_after)
    entry = Entry(at=now, who="web", what="device.enrol", address=call.address_text)
    enrolled = await site.devices.enrol(body.code, now, entry)
    if enrolled is None:
        await site.audit.record(replace(entry, result="wrong_code"))
        raise Problem(401, "wrong_code", "This link was used already or is too old; please ask for a new one.")
    found, token = enrolled
    call.set_cookie("device", token, DEVICE_COOKIE_SECONDS, "strict")
    return call.json({"id": found.id, "kind": found.kind, "office": found.office_id}, 201)


async def list_audit(call: Call) -> Response:
    account = await signed_in(call)
    offices = _offices_as(account, "privacy", [desk.office.id for desk in call.site.desks])
    if not offices:
        raise await not_allowed(call, account, "privacy")
    query = call.request.query_params
    after = _number(query.get("after"), 0, 2**53)
    rows = await call.site.audit.list(
        since=_time(query.get("since")),
        until=_time(query.get("until")),
        who=query.get("who"),
        limit=_number(query.get("limit"), 100, MOST_ENTRIES),
        after=after,
        office_ids=None if EVERY_OFFICE in account.offices else offices,
    )
    now = call.site.clock.now()
    await call.site.audit.record(
        Entry(at=now, who=f"staff:{account.name}", what="audit.view", address=call.address_text)
    )
    return call.json({"entries": [_entry(row) for row in rows], "last_id": rows[-1].id if rows else after})


def _offices_as(account: Account, role: str, office_ids: list[str]) -> list[str]:
    return [office_id for office_id in office_ids if account.may(role, office_id)]


def _entry(row: AuditRow) -> dict[str, object]:
    entry = row.entry
    return {
        "id": row.id,
        "at": rfc3339(entry.at),
        "who": entry.who,
        "address": entry.address,
        "what": entry.what,
        "target": entry.target,
        "office": entry.office_id,
        "result": entry.result,
    }


def _time(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse(text)
    except (ValueError, OverflowError):
        raise Problem(422, "wrong_field", "A time is written like 2026-09-03T01:24:05Z.") from None


def _number(text: str | None, default: int, most: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or int(text) > most:
        raise Problem(422, "wrong_field", f"This is a whole number up to {most}.")
    return int(text)
