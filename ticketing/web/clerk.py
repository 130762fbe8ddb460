"""What a clerk does: look at the queue, and the verbs of the counter."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from ticketing.audit import Entry
from ticketing.hall import commands as cmd
from ticketing.hall.view import queue_view
from ticketing.web.access import staff
from ticketing.web.bodies import (
    CallBody,
    CallNextBody,
    CloseCounterBody,
    HoldBody,
    Nothing,
    ResumeBody,
    TransferBody,
    VerbBody,
)
from ticketing.web.call import Call


async def show_queue(call: Call) -> Response:
    # A supervisor's overview is made of it.
    account, desk = await staff(call, "clerk", "supervisor")
    now = call.site.clock.now()
    if call.site.limits.queue_views.take(f"{account.name} {desk.office.id}", now) is None:
        await call.site.audit.record(
            Entry(at=now, who=f"staff:{account.name}", what="queue.view", office_id=desk.office.id,
                  address=call.address_text)
        )  # fmt: skip
    language = call.request.query_params.get("language") or desk.office.languages[0]
    return call.json(queue_view(desk.hall, now, language))


async def give(call: Call, role: str, make: Callable[[str], cmd.Command]) -> Response:
    """Gives the office in the path a command by the signed-in account; 204 when it came to nothing."""
    account, desk = await staff(call, role)
    by = f"staff:{account.name}"
    answer = await desk.submit(make(by), key=call.idempotency_key(by), address=call.address_text)
    return call.no_content() if answer.body is None else call.json(answer.body)


async def open_counter(call: Call) -> Response:
    await call.body(Nothing)
    account, _ = await staff(call, "clerk")
    force = account.may("supervisor", call.path("office"))
    return await give(call, "clerk", lambda by: cmd.OpenCounter(by=by, counter=call.path("counter"), force=force))


async def close_counter(call: Call) -> Response:
    body = await call.body(CloseCounterBody)
    account, _ = await staff(call, "clerk")
    force = account.may("supervisor", call.path("office"))
    return await give(
        call,
        "clerk",
        lambda by: cmd.CloseCounter(by=by, counter=call.path("counter"), force=force, reason=body.reason),
    )


async def call_next(call: Call) -> Response:
    body = await call.body(CallNextBody)
    services = tuple(body.services) if body.services else None
    return await give(
        call,
        "clerk",
        lambda by: cmd.CallNext(
            by=by,
            counter=call.path("counter"),
            services=services,
            finish=body.finish,
            guard=body.finish_number,
        ),
    )


async def call_number(call: Call) -> Response:
    body = await call.body(CallBody)
    account, _ = await staff(call, "clerk")
    is_supervisor = account.may("supervisor", call.path("office"))
    return await give(
        call,
        "clerk",
        lambda by: cmd.Call(
            by=by,
            counter=call.path("counter"),
            number=body.number,
            finish=body.finish,
            guard=body.finish_number,
            is_supervisor=is_supervisor,
        ),
    )


def at_counter(kind: type[cmd.CounterCommand]) -> Callable[[Call], Awaitable[Response]]:
    """The handler of a verb that needs nothing but its counter."""

    async def handle(call: Call) -> Response:
        body = await call.body(VerbBody)
        return await give(call, "clerk", lambda by: kind(by=by, counter=call.path("counter"), guard=body.number))

    return handle


async def hold(call: Call) -> Response:
    body = await call.body(HoldBody)
    return await give(
        call,
        "clerk",
        lambda by: cmd.Hold(by=by, counter=call.path("counter"), reason=body.reason, guard=body.number),
    )


async def transfer(call: Call) -> Response:
    body = await call.body(TransferBody)
    return await give(
        call,
        "clerk",
        lambda by: cmd.Transfer(
            by=by,
            counter=call.path("counter"),
            service=body.service,
            reason=body.reason,
            guard=body.number,
        ),
    )


async def resume(call: Call) -> Response:
    body = await call.body(ResumeBody)
    return await give(call, "clerk", lambda by: cmd.Resume(by=by, counter=body.counter, number=call.path("number")))


async def reinstate(call: Call) -> Response:
    await call.body(Nothing)
    return await give(call, "clerk", lambda by: cmd.Reinstate(by=by, number=call.path("number")))


async def cancel(call: Call) -> Response:
    await call.body(Nothing)
    return await give(call, "clerk", lambda by: cmd.Cancel(by=by, number=call.path("number")))
