"""Every operation of the API in one table: the routes and /openapi.json are made from it."""

from ticketing.hall import commands as cmd
from ticketing.voice.reading import SPOKEN
from ticketing.web import (
    accounts,
    answers,
    board,
    bodies,
    clerk,
    day_list,
    health,
    liff,
    live_socket,
    printing,
    public,
    supervisor,
    visitor,
)
from ticketing.web.day_filter import FILTERS
from ticketing.web.day_words import LANGUAGES
from ticketing.web.line_webhook import line_webhook
from ticketing.web.operations import Operation, Parameter

_OFFICE = "/api/v1/offices/{office}"
_COUNTER = _OFFICE + "/counters/{counter}"
_TICKET = _OFFICE + "/tickets/{number}"
_SERVICE = _OFFICE + "/services/{service}"
_KEY = ("Idempotency-Key",)
_STAFF = ("staff",)
_HOLDER = ("ticket", "ticket_cookie")
_BOARDS = ("device", "staff", "anyone")
_LANGUAGE = Parameter("language", {"type": "string"}, "The language of names.")
_SPOKEN_LANGUAGE = Parameter(
    "language", {"type": "string"}, f"One of {', '.join(SPOKEN)}; another gives the first of them."
)


def _counter_verb(verb: str, kind: type[cmd.CounterCommand], summary: str) -> Operation:
    return Operation(
        method="POST", path=f"{_COUNTER}/{verb}", endpoint=clerk.at_counter(kind), summary=summary, who=_STAFF,
        body=bodies.VerbBody, answers={200: answers.TicketAtCounter}, problems=(409,), headers=_KEY,
    )  # fmt: skip


OPERATIONS: tuple[Operation, ...] = (
    # Tickets come first: under load the router finds them soonest.
    Operation(
        method="POST", path=f"{_OFFICE}/tickets", endpoint=public.issue, summary="Take a ticket.",
        who=("anyone", "device", "staff"), body=bodies.IssueBody, answers={201: answers.IssuedTicket},
        problems=(401, 409, 429), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_COUNTER}/call-next", endpoint=clerk.call_next,
        summary="Call whoever is next; 204 when nobody waits.", who=_STAFF, body=bodies.CallNextBody,
        answers={200: answers.TicketAtCounter, 204: None}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="GET", path="/api/v1/offices", endpoint=public.list_offices, summary="The offices.",
        answers={200: answers.Offices}, query=(_LANGUAGE,),
    ),
    Operation(
        method="GET", path=_OFFICE, endpoint=public.show_office,
        summary="An office: its services, waits and counters.", answers={200: answers.OfficeView}, query=(_LANGUAGE,),
    ),
    Operation(
        method="GET", path="/api/v1/ticket", endpoint=visitor.show_ticket, summary="The visitor's own ticket.",
        who=_HOLDER, answers={200: answers.VisitorTicket, 304: None}, headers=("If-None-Match",),
    ),
    Operation(
        method="GET", path="/api/v1/ticket/qr", endpoint=visitor.show_qr,
        summary="The QR code of the ticket's link, for a screen that shows it.", who=_HOLDER,
        answers={200: answers.QrCode},
    ),
    Operation(
        method="POST", path="/api/v1/ticket/arrive", endpoint=visitor.arrive, summary="Check in at the office.",
        who=_HOLDER, body=bodies.ArriveBody, answers={200: answers.VisitorTicket}, problems=(409, 429), headers=_KEY,
    ),
    Operation(
        method="POST", path="/api/v1/ticket/defer", endpoint=visitor.defer, summary="Let some others go first.",
        who=_HOLDER, body=bodies.Nothing, answers={200: answers.VisitorTicket}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path="/api/v1/ticket/cancel", endpoint=visitor.cancel, summary="Give the ticket up.",
        who=_HOLDER, body=bodies.Nothing, answers={200: answers.VisitorTicket}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="PUT", path="/api/v1/ticket/contact", endpoint=visitor.put_contact,
        summary="Register where to be alerted; the address is never answered.", who=_HOLDER, body=bodies.ContactBody,
        answers={200: answers.Contact}, problems=(409, 429),
    ),
    Operation(
        method="DELETE", path="/api/v1/ticket/contact", endpoint=visitor.delete_contact,
        summary="Erase the contact at once.", who=_HOLDER, answers={204: None},
    ),
    Operation(
        method="POST", path="/api/v1/ticket/line-link", endpoint=visitor.line_link,
        summary="A code that links a LINE account.", who=_HOLDER, body=bodies.LineLinkBody,
        answers={201: answers.LineLink}, problems=(409, 429),
    ),
    Operation(
        method="GET", path="/api/v1/line/liff", endpoint=liff.show_liff, summary="What the page in LINE needs.",
        answers={200: answers.LiffApp}, problems=(404,),
    ),
    Operation(
        method="POST", path="/api/v1/line/liff", endpoint=liff.link_by_liff,
        summary="Link the LINE account of an ID token to the ticket of a code.", body=bodies.LiffBody,
        answers={204: None}, problems=(401, 404, 409, 429),
    ),
    Operation(
        method="POST", path="/webhooks/line", endpoint=line_webhook, summary="LINE tells what happened there.",
        answers={200: bodies.Nothing}, problems=(400, 401, 404, 413), headers=("X-Line-Signature",), is_signed=True,
    ),
    Operation(
        method="POST", path="/api/v1/session", endpoint=accounts.sign_in, summary="Sign in.",
        body=bodies.SignInBody, answers={201: answers.Session}, problems=(401, 429),
    ),
    Operation(
        method="GET", path="/api/v1/session", endpoint=accounts.show_session, summary="Who is signed in.",
        who=_STAFF, answers={200: answers.Session}, problems=(403,),
    ),
    Operation(
        method="DELETE", path="/api/v1/session", endpoint=accounts.sign_out, summary="Sign out.", who=_STAFF,
        answers={204: None},
    ),
    Operation(
        method="POST", path="/api/v1/devices", endpoint=accounts.enrol,
        summary="Make this browser a kiosk or a board with the code of an invitation.", body=bodies.EnrolBody,
        answers={201: answers.EnrolledDevice}, problems=(401, 429),
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/arrival-code", endpoint=public.arrival_code,
        summary="The code shown in the hall, for its screens.", who=("device", "staff"),
        answers={200: answers.ArrivalCode}, problems=(403, 409),
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/queue", endpoint=clerk.show_queue, summary="Every open ticket and the counters.",
        who=_STAFF, answers={200: answers.Queue}, problems=(403,), query=(_LANGUAGE,),
    ),
    Operation(
        method="POST", path=f"{_COUNTER}/open", endpoint=clerk.open_counter, summary="Sit down at a counter.",
        who=_STAFF, body=bodies.Nothing, answers={200: answers.CounterView}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_COUNTER}/close", endpoint=clerk.close_counter,
        summary="Leave a counter, for good or for a break.", who=_STAFF, body=bodies.CloseCounterBody,
        answers={200: answers.CounterView}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_COUNTER}/call", endpoint=clerk.call_number, summary="Call a chosen number.",
        who=_STAFF, body=bodies.CallBody, answers={200: answers.TicketAtCounter}, problems=(409,), headers=_KEY,
    ),
    _counter_verb("recall", cmd.Recall, "Call the same number again."),
    _counter_verb("start", cmd.Start, "The visitor has come to the counter."),
    _counter_verb("complete", cmd.Complete, "The visitor is served."),
    _counter_verb("no-show", cmd.NoShow, "The visitor did not come."),
    Operation(
        method="POST", path=f"{_COUNTER}/hold", endpoint=clerk.hold, summary="Put the ticket aside.", who=_STAFF,
        body=bodies.HoldBody, answers={200: answers.TicketAtCounter}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_COUNTER}/transfer", endpoint=clerk.transfer,
        summary="Send the visitor to another service under the same number.", who=_STAFF, body=bodies.TransferBody,
        answers={200: answers.TicketAtCounter}, problems=(409,), headers=_KEY,
    ),
    _counter_verb("undo", cmd.Undo, "Take back the counter's last call, complete or no-show."),
    Operation(
        method="POST", path=f"{_TICKET}/reinstate", endpoint=clerk.reinstate, summary="An absent visitor is back.",
        who=_STAFF, body=bodies.Nothing, answers={200: answers.TicketCore}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_TICKET}/cancel", endpoint=clerk.cancel, summary="Give a visitor's ticket up.",
        who=_STAFF, body=bodies.Nothing, answers={200: answers.TicketCore}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_TICKET}/arrive", endpoint=public.arrive_at_office,
        summary="A web ticket checks in. A kiosk that read its code sends the secret as Bearer, and then it must fit.",
        who=("device", "staff", "ticket"), body=bodies.Nothing, answers={200: answers.TicketCore}, problems=(409,),
        headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_TICKET}/print", endpoint=printing.print_slip,
        summary="A kiosk has the slip of a ticket printed that it gave, once.", who=("device",),
        body=bodies.PrintBody, answers={200: answers.PrintJob}, problems=(409,),
    ),
    Operation(
        method="GET", path=f"{_TICKET}/print", endpoint=printing.show_print, summary="What became of a ticket's slip.",
        who=("device", "staff"), answers={200: answers.PrintJob}, problems=(403,),
    ),
    Operation(
        method="GET", path=f"{_TICKET}/slip", endpoint=printing.show_slip, summary="A slip as a picture.",
        who=("device", "staff"), answers={200: "image/png"}, problems=(403,),
    ),
    Operation(
        method="POST", path=f"{_TICKET}/reprint", endpoint=printing.reprint, summary="Print a ticket's slip again.",
        who=_STAFF, body=bodies.ReprintBody, answers={200: answers.PrintJob}, problems=(409,),
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/printers", endpoint=printing.list_printers,
        summary="The printers, and the open tickets whose slip did not come out.", who=_STAFF,
        answers={200: answers.Printers}, problems=(403,),
    ),
    Operation(
        method="POST", path=f"{_TICKET}/resume", endpoint=clerk.resume, summary="Go on with a held ticket.",
        who=_STAFF, body=bodies.ResumeBody, answers={200: answers.TicketAtCounter}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_SERVICE}/open", endpoint=supervisor.open_service, summary="Let a service take tickets.",
        who=_STAFF, body=bodies.OpenBody, answers={200: answers.ServiceSwitches}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_SERVICE}/close", endpoint=supervisor.close_service,
        summary="Let a service take no more tickets.", who=_STAFF, body=bodies.SwitchBody,
        answers={200: answers.ServiceSwitches}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="PUT", path=f"{_SERVICE}/quota", endpoint=supervisor.set_quota, summary="How many web tickets today.",
        who=_STAFF, body=bodies.QuotaBody, answers={200: answers.ServiceSwitches}, problems=(409,),
    ),
    Operation(
        method="PUT", path=f"{_OFFICE}/notice", endpoint=supervisor.set_notice, summary="A message on all boards.",
        who=_STAFF, body=bodies.NoticeBody, answers={200: answers.Day}, problems=(409,),
    ),
    Operation(
        method="POST", path=f"{_OFFICE}/day/close", endpoint=supervisor.close_day, summary="End the day early.",
        who=_STAFF, body=bodies.Nothing, answers={200: answers.Day}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="POST", path=f"{_OFFICE}/day/extend", endpoint=supervisor.extend_day,
        summary="Let the day end later, or go on after an early end.", who=_STAFF, body=bodies.ExtendBody,
        answers={200: answers.Day}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/phrases", endpoint=supervisor.show_phrases,
        summary="Messages that may be put on the boards as they are.", who=_STAFF,
        answers={200: answers.Phrases}, problems=(403,),
    ),
    Operation(
        method="POST", path=f"{_TICKET}/correct", endpoint=supervisor.correct,
        summary="Say how a ticket that ended wrongly really ended, or which service it was for.", who=_STAFF,
        body=bodies.CorrectBody, answers={200: answers.TicketCore}, problems=(409,), headers=_KEY,
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/days/{{date}}/tickets", endpoint=day_list.list_day,
        summary="The daily list, or those of its tickets that the filters leave.", who=_STAFF,
        answers={200: answers.DayTickets}, problems=(403, 422), other_types=("text/csv",),
        query=(
            Parameter("format", {"type": "string", "enum": ["json", "csv"]}, "csv: a file for spreadsheets."),
            Parameter(
                "language", {"type": "string", "enum": list(LANGUAGES)},
                "Write the file for people: words, local times and minutes.",
            ),
            *FILTERS,
        ),
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/days/{{date}}/quarters", endpoint=day_list.show_quarters,
        summary="The course of a day by quarters of an hour.", who=_STAFF, answers={200: answers.DayQuarters},
        problems=(403, 422), query=(
            Parameter("language", {"type": "string", "enum": list(LANGUAGES)}, "The language of names."),
        ),
    ),
    Operation(
        method="GET", path="/api/v1/audit", endpoint=accounts.list_audit, summary="The record of operations.",
        who=_STAFF, answers={200: answers.AuditEntries}, problems=(403, 422),
        query=(
            Parameter("since", {"type": "string", "format": "date-time"}, "From this time on."),
            Parameter("until", {"type": "string", "format": "date-time"}, "Before this time."),
            Parameter("who", {"type": "string"}, "Of this one only."),
            Parameter("limit", {"type": "integer", "minimum": 0, "maximum": accounts.MOST_ENTRIES}, "At most so many."),
            Parameter("after", {"type": "integer", "minimum": 0}, "Only ids above this one."),
        ),
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/live", endpoint=live_socket.upgrade_needed,
        summary="A WebSocket: an office's changes, or the visitor's own ticket.", who=("anyone", *_HOLDER),
        answers={101: None}, problems=(403, 426),
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/picture", endpoint=board.picture,
        summary="What boards show now: the live feed's first frame, for where no WebSocket gets through.",
        answers={200: answers.BoardPicture},
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/calls/{{seq}}/voice", endpoint=board.voice,
        summary="One of the last calls, spoken, for the office's boards.", who=_BOARDS,
        answers={200: "audio/ogg"}, problems=(401,), query=(_SPOKEN_LANGUAGE,),
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/numbers/{{number}}/voice", endpoint=board.number_voice,
        summary="A ticket's number, spoken, for the office's kiosks.", who=_BOARDS,
        answers={200: "audio/ogg"}, problems=(401,), query=(_SPOKEN_LANGUAGE,),
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/playlist", endpoint=board.playlist,
        summary="What boards show beside the calls now.", answers={200: answers.PlaylistNow},
    ),
    Operation(
        method="GET", path=f"{_OFFICE}/playlist/{{file}}", endpoint=board.playlist_file,
        summary="A picture or video of the playlist.",
        answers={200: "application/octet-stream", 206: "application/octet-stream"}, problems=(404, 416),
    ),
    Operation(
        method="POST", path=f"{_OFFICE}/plays", endpoint=board.note_plays,
        summary="How often a board has shown each item.", who=("device",), body=bodies.PlaysBody, answers={204: None},
        problems=(429,),
    ),
    Operation(
        method="GET", path="/healthz", endpoint=health.healthz, summary="Whether the process is alive.",
        answers={200: answers.Health},
    ),
    Operation(
        method="GET", path="/readyz", endpoint=health.readyz, summary="Whether it can do its work.",
        answers={200: answers.Health, 503: answers.Health},
    ),
    Operation(
        method="GET", path="/metrics", endpoint=health.metrics, summary="Numbers for monitoring.",
        answers={200: "text/plain"}, problems=(403,),
    ),
)  # fmt: skip
