"""Where printers fetch their jobs: Star CloudPRNT and Epson Server Direct Print, at one address for each printer."""

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ticketing.config.model import Printer
from ticketing.slips import cloudprnt, epson
from ticketing.slips.raster import as_png
from ticketing.web.call import MOST_BODY_BYTES, Call
from ticketing.web.problems import Problem
from ticketing.web.site import Site

_NOT_STORED = {"Cache-Control": "no-store"}


def routes(site: Site) -> list[Route]:
    return [Route("/printers/{office}/{printer}", _endpoint(site), methods=["GET", "POST", "DELETE"])]


def _endpoint(site: Site) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        call = Call(site, request)
        printer = site.printing.slip(call.path("office")).printer(call.path("printer"))
        if printer is not None and printer.kind == "epson":
            return await _epson(call, printer)
        if printer is None or printer.kind != "cloudprnt" or not _has_password(call, printer):
            raise _wrong_printer()
        return await {"GET": _star_picture, "POST": _star_poll, "DELETE": _star_done}[request.method](call, printer)

    return answer


def _wrong_printer() -> Problem:
    headers = {"WWW-Authenticate": 'Basic realm="Junban"'}
    return Problem(401, "wrong_printer", "This needs the token of a printer.", headers=headers)


def _has_password(call: Call, printer: Printer) -> bool:
    """Whether the token is the password; the name is the printer's own business."""
    scheme, _, text = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        password = base64.b64decode(text, validate=True).partition(b":")[2]
    except binascii.Error:
        return False
    return hmac.compare_digest(password, printer.token.reveal().encode())


async def _star_poll(call: Call, printer: Printer) -> Response:
    try:
        poll = cloudprnt.read_poll(await call.raw_body(MOST_BODY_BYTES))
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Problem(400, "not_json", "The body is not JSON.") from None
    printing, office_id = call.site.printing, call.path("office")
    problem = cloudprnt.problem_of(poll.status_code)
    printing.see(office_id, printer, problem)
    if problem is not None:
        # It would go on by itself when it is put right, and print what nobody waits for any more.
        await printing.jobs.fail_open(printer, office_id, problem, call.site.clock.now())
    is_busy = problem is not None or poll.printing_in_progress
    job = None if is_busy else await printing.next(office_id, printer)
    return call.json(cloudprnt.answer(job.id if job else None))


async def _star_picture(call: Call, printer: Printer) -> Response:
    if call.request.query_params.get("type", cloudprnt.MEDIA_TYPE) != cloudprnt.MEDIA_TYPE:
        raise Problem(415, "wrong_type", f"Slips are {cloudprnt.MEDIA_TYPE}.")
    token = call.request.query_params.get("token")
    taken = await call.site.printing.take(call.path("office"), printer, _number(token) if token else None)
    if taken is None:
        raise Problem(404, "not_printed", "No slip waits for this printer.")
    headers = {**_NOT_STORED, **cloudprnt.PICTURE_HEADERS}
    return Response(as_png(taken[1]), media_type=cloudprnt.MEDIA_TYPE, headers=headers)


async def _star_done(call: Call, printer: Printer) -> Response:
    """The printer says how it went; without the job's token it is the one that it has."""
    printing, office_id, query = call.site.printing, call.path("office"), call.request.query_params
    sent = await printing.jobs.sent_to(office_id, printer)
    job_id = _number(query["token"]) if "token" in query else (sent[0].id if sent else 0)
    await _settle(call, printer, job_id, cloudprnt.problem_of(query.get("code")))
    return Response(headers=_NOT_STORED)


async def _epson(call: Call, printer: Printer) -> Response:
    try:
        form = epson.read_form(await call.raw_body(MOST_BODY_BYTES))
    except ValueError:
        raise Problem(400, "not_a_form", "The body is not the form that a printer sends.") from None
    if call.request.method != "POST" or not hmac.compare_digest(form.id.encode(), printer.token.reveal().encode()):
        raise _wrong_printer()
    printing, office_id = call.site.printing, call.path("office")
    if form.kind == "SetResponse":
        await _epson_done(call, printer, form.response)
        return _xml("")
    printing.see(office_id, printer)
    taken = await printing.take(office_id, printer) if form.kind == "GetRequest" else None
    return _xml(epson.request_for(taken[0].id, taken[1]) if taken else "")


async def _epson_done(call: Call, printer: Printer, response: str) -> None:
    result = epson.read_result(response)
    if result is None:
        return
    sent = await call.site.printing.jobs.sent_to(call.path("office"), printer)
    job_id = result.job_id if result.job_id is not None else (sent[0].id if len(sent) == 1 else 0)
    await _settle(call, printer, job_id, result.problem)


async def _settle(call: Call, printer: Printer, job_id: int, problem: str | None) -> None:
    printing, office_id, now = call.site.printing, call.path("office"), call.site.clock.now()
    printing.see(office_id, printer, problem)
    if problem is None:
        await printing.jobs.printed(job_id, printer, office_id, now)
    else:
        await printing.jobs.failed(job_id, printer, office_id, problem, now)


def _xml(text: str) -> Response:
    return Response(text.encode(), media_type="text/xml; charset=utf-8", headers=_NOT_STORED)


def _number(token: str) -> int:
    """A job's id; 0, which none has, for anything else."""
    return int(token) if token.isascii() and token.isdigit() and len(token) <= 18 else 0
