"""What a supervisor does: services, quotas, the boards' message, corrections, the day."""

from starlette.responses import Response

from ticketing.clock import to_millisecond
from ticketing.hall import commands as cmd
from ticketing.hall.office import Channel
from ticketing.hall.refusals import WrongNoticeUntil, WrongUntil
from ticketing.web.access import staff
from ticketing.web.bodies import CorrectBody, ExtendBody, Nothing, NoticeBody, OpenBody, QuotaBody, SwitchBody
from ticketing.web.call import Call
from ticketing.web.clerk import give

_CHANNELS: dict[str, tuple[Channel, ...]] = {"kiosk": ("kiosk",), "web": ("web",), "both": ("kiosk", "web")}


async def open_service(call: Call) -> Response:
    channels = _CHANNELS[(await call.body(OpenBody)).channels]
    return await give(
        call, "supervisor", lambda by: cmd.OpenService(by=by, service=call.path("service"), channels=channels)
    )


async def close_service(call: Call) -> Response:
    body = await call.body(SwitchBody)
    return await give(
        call,
        "supervisor",
        lambda by: cmd.CloseService(
            by=by, service=call.path("service"), channels=_CHANNELS[body.channels], reason=body.reason
        ),
    )


async def set_quota(call: Call) -> Response:
    body = await call.body(QuotaBody)
    return await give(
        call, "supervisor", lambda by: cmd.SetQuota(by=by, service=call.path("service"), quota=body.quota)
    )


async def set_notice(call: Call) -> Response:
    body = await call.body(NoticeBody)
    text = (body.text or "").strip() or None
    try:
        until = to_millisecond(body.until) if body.until else None
    except OverflowError:
        raise WrongNoticeUntil from None
    return await give(call, "supervisor", lambda by: cmd.SetNotice(by=by, text=text, until=until))


async def close_day(call: Call) -> Response:
    await call.body(Nothing)
    return await give(call, "supervisor", lambda by: cmd.CloseDay(by=by))


async def extend_day(call: Call) -> Response:
    body = await call.body(ExtendBody)
    try:
        until = to_millisecond(body.until)
    except OverflowError:
        raise WrongUntil from None
    return await give(call, "supervisor", lambda by: cmd.ExtendDay(by=by, until=until))


async def correct(call: Call) -> Response:
    body = await call.body(CorrectBody)
    return await give(
        call,
        "supervisor",
        lambda by: cmd.Correct(
            by=by,
            number=call.path("number"),
            reason=body.reason,
            state=body.state,
            service=body.service,
            day=body.business_day,
            seen_state=body.seen_state,
            seen_service=body.seen_service,
        ),
    )


async def show_phrases(call: Call) -> Response:
    _, desk = await staff(call, "supervisor")
    office = desk.office
    phrases = [{"code": each.code, "text": dict(each.text)} for each in office.phrases]
    return call.json({"phrases": phrases, "languages": list(office.board.languages or office.languages)})
