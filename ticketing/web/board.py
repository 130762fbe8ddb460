"""What boards hear and show beside the live feed: spoken calls, the playlist, and how often it was shown."""

import re
from datetime import timedelta
from pathlib import Path

from starlette.responses import FileResponse, Response

from ticketing.devices import Device
from ticketing.hall.model import CallMade
from ticketing.hall.refusals import UnknownTicket
from ticketing.hall.view import Json, snapshot, timestamp
from ticketing.playlist import Item, version
from ticketing.voice.reading import SPOKEN
from ticketing.voice.speaker import MEDIA_TYPE, spoken_call, spoken_number
from ticketing.web.access import device, staff
from ticketing.web.bodies import PlaysBody
from ticketing.web.call import Call
from ticketing.web.problems import Problem, too_many

#: A showing is counted when it begins, so the last one may not have lasted yet.
SLACK_SECONDS = 600
#: Longest seq that is looked for.
_MOST_DIGITS = 18
_NUMBER = re.compile(r"[A-Z]{0,3}[0-9]{1,9}", re.ASCII)


async def picture(call: Call) -> Response:
    """The live feed's first frame, for boards behind a proxy that lets no WebSocket through."""
    call.desk.check_heard()
    hall, now = call.desk.hall, call.site.clock.now()
    return call.json({"type": "snapshot", "seq": hall.seq, "now": timestamp(now), **snapshot(hall, now)})


async def voice(call: Call) -> Response:
    """Some calls name visitors' languages, so only the office's screens and staff hear them."""
    desk = call.desk
    if not call.site.config.is_demo and await device(call, "board", "kiosk") is None:
        await staff(call, "clerk")
    made = await _call_made(call)
    counter = desk.hall.office.counter(made.counter)
    language = call.request.query_params.get("language", "")
    audio = spoken_call(
        language if language in SPOKEN else SPOKEN[0],
        made.number,
        counter.label if counter else made.counter,
        made.call_count > 1,
    )
    return Response(audio, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


async def number_voice(call: Call) -> Response:
    """A number as it is read out, for visitors who cannot see it; it tells nothing about any ticket."""
    if not call.site.config.is_demo and await device(call, "kiosk") is None:
        await staff(call, "clerk")
    number = call.path("number")
    if _NUMBER.fullmatch(number) is None:
        raise UnknownTicket(number=number)
    language = call.request.query_params.get("language", "")
    audio = spoken_number(language if language in SPOKEN else SPOKEN[0], number)
    return Response(audio, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


async def _call_made(call: Call) -> CallMade:
    text = call.path("seq")
    if text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS:
        desk, seq = call.desk, int(text)
        if desk.hall.seq < seq:
            # Another node may have made it a moment ago.
            await desk.catch_up()
        for made in desk.hall.calls:
            if made.seq == seq:
                return made
    raise Problem(404, "unknown_call", "This call is none of the last ones.")


async def playlist(call: Call) -> Response:
    office = call.desk.office
    now = call.site.clock.now()
    folder = office.board.playlist
    items = [item for item in call.site.playlists.items(folder) if item.is_on(office.local(now))]
    day = office.business_day(now).isoformat()
    return call.json({"business_day": day, "items": [_shown(call, folder, item) for item in items]})


def _shown(call: Call, folder: str, item: Item) -> Json:
    path = f"/api/v1/offices/{call.desk.office.id}/playlist/{item.file}"
    return {
        "id": item.id,
        "kind": item.kind,
        "url": f"{path}?v={version(folder, item)}" if item.file else None,
        "text": dict(item.text),
        "seconds": item.seconds,
        "weight": item.weight,
    }


async def playlist_file(call: Call) -> Response:
    """Only what the playlist names is given out, so no path leads anywhere else."""
    folder = call.desk.office.board.playlist
    item = call.site.playlists.item(folder, str(call.request.path_params["file"]))
    sign = version(folder, item) if item else ""
    if item is None or not sign:
        raise Problem(404, "unknown_file", "The playlist has no such file.")
    # An address with the file's own version may be kept for good; the next version has another.
    is_current = call.request.query_params.get("v") == sign
    lasting = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return FileResponse(Path(folder) / item.file, media_type=item.media_type, headers={"Cache-Control": lasting})


async def note_plays(call: Call) -> Response:
    board = await _board(call)
    body = await call.body(PlaysBody)
    now, office = call.site.clock.now(), call.desk.office
    retry_after = call.site.limits.plays_by_device.take(board.id, now)
    if retry_after is not None:
        raise too_many(retry_after)
    today = office.business_day(now)
    items = {item.id: item for item in call.site.playlists.items(office.board.playlist)}
    shown = {item: count for item, count in body.shown.items() if item in items}
    if body.business_day not in (today, today - timedelta(days=1)):
        raise Problem(422, "wrong_plays", "Showings are told on their day or the day after.")
    # No board shows more than fits into the time since the day began.
    passed = (now - office.day_start(body.business_day)).total_seconds()
    if sum(count * items[item].seconds for item, count in shown.items()) > passed + SLACK_SECONDS:
        raise Problem(422, "wrong_plays", "So much cannot have been shown yet.")
    await call.site.plays.note(office.id, body.business_day, board.id, body.run, shown)
    return call.no_content()


async def _board(call: Call) -> Device:
    """The enrolled board that asks. Raises Problem 401."""
    found = await device(call, "board")
    if found is None:
        raise Problem(401, "not_enrolled", "This browser is not enrolled as a board of this office.")
    return found
