"""What operations ask: is it alive, is it ready, and its numbers."""

from collections import Counter

from starlette.responses import PlainTextResponse, Response

from ticketing.hall.ticket import State
from ticketing.journal.base import JournalUnavailable
from ticketing.web.access import check_staff_network
from ticketing.web.call import Call
from ticketing.web.site import Site


async def healthz(call: Call) -> Response:
    return call.json({"status": "ok", "problems": []})


async def readyz(call: Call) -> Response:
    problems = await _problems(call.site)
    status = "failing" if problems else "ok"
    headers = {"Retry-After": "30"} if problems else None
    return call.json({"status": status, "problems": problems}, 503 if problems else 200, headers)


async def _problems(site: Site) -> list[str]:
    problems = []
    try:
        await site.journal.head(next(iter(site.desks)).office.id)
    except JournalUnavailable:
        problems.append("journal_unavailable")
    if site.is_erasure_overdue:
        problems.append("erasure_overdue")
    if any(desk.out_of_order for desk in site.desks):
        problems.append("clock_wrong")
    return problems


async def metrics(call: Call) -> Response:
    """Prometheus text format. Numbers only: nothing personal, no ticket."""
    check_staff_network(call.site, call.request)
    site = call.site
    lines = [
        "# TYPE junban_watchers gauge",
        f"junban_watchers {site.live.watcher_count}",
        "# TYPE junban_erasure_overdue gauge",
        f"junban_erasure_overdue {int(site.is_erasure_overdue)}",
        "# TYPE junban_journal_seq counter",
        *(f'junban_journal_seq{{office="{desk.office.id}"}} {desk.hall.seq}' for desk in site.desks),
        "# TYPE junban_tickets gauge",
        *_tickets(site),
        *await _notices(site),
        *await _slips(site),
    ]
    return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": "no-store"})


def _tickets(site: Site) -> list[str]:
    lines = []
    for desk in site.desks:
        waiting = sum(len(queue) for queue in desk.hall.queues.values())
        counts = {State.WAITING: waiting, State.EXPECTED: len(desk.hall.expected), State.ABSENT: len(desk.hall.absent)}
        lines += [
            f'junban_tickets{{office="{desk.office.id}",state="{state}"}} {count}' for state, count in counts.items()
        ]
    return lines


async def _slips(site: Site) -> list[str]:
    """What became of today's slips, by printer."""
    days = [(desk.office.id, desk.hall.day) for desk in site.desks if desk.hall.day is not None]
    counts = await site.printing.jobs.counts(days, site.clock.now())
    return [
        "# TYPE junban_print_jobs gauge",
        *(
            f'junban_print_jobs{{office="{office}",printer="{printer}",state="{state}",problem="{problem}"}} {count}'
            for (office, printer, state, problem), count in sorted(counts.items())
        ),
    ]


async def _notices(site: Site) -> list[str]:
    """What became of the alerts; channels, kinds and short codes, never an address."""
    states: Counter[tuple[str, str, str]] = Counter()
    outcomes: Counter[tuple[str, str, str]] = Counter()
    # One look: it walks through every message that is kept.
    for (channel, kind, state, outcome), count in (await site.notices.outcomes()).items():
        states[channel, kind, state] += count
        if outcome is not None:
            outcomes[channel, state, outcome] += count
    oldest, now = await site.notices.oldest_open(), site.clock.now()
    return [
        "# TYPE junban_notices gauge",
        *(
            f'junban_notices{{channel="{channel}",kind="{kind}",state="{state}"}} {count}'
            for (channel, kind, state), count in sorted(states.items())
        ),
        "# TYPE junban_notice_outcomes gauge",
        *(
            f'junban_notice_outcomes{{channel="{channel}",state="{state}",outcome="{outcome}"}} {count}'
            for (channel, state, outcome), count in sorted(outcomes.items())
        ),
        "# TYPE junban_notice_oldest_seconds gauge",
        *(
            f'junban_notice_oldest_seconds{{channel="{channel}"}} {max(0.0, (now - at).total_seconds()):.3f}'
            for channel, at in sorted(oldest.items())
        ),
        "# TYPE junban_attention_total counter",
        *(
            f'junban_attention_total{{channel="{channel}",code="{code}"}} {count}'
            for channel, code, count in site.attention.counts()
        ),
    ]
