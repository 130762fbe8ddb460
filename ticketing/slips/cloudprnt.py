"""Star CloudPRNT: a printer asks for its jobs in JSON, fetches a picture, and says how it went."""

from urllib.parse import unquote

import msgspec

MEDIA_TYPE = "image/png"
#: The beginnings of a printer's status codes, the longest first; 2xx is well.
_PROBLEMS = {
    "410": "paper_out", "411": "paper_jam", "42": "cover_open", "4": "printer_error", "51": "wrong_format",
    "52": "not_fetched", "5": "printer_error",
}  # fmt: skip


class Poll(msgspec.Struct, rename="camel"):
    """What is used of a printer's question; the rest may be missing, null or new."""

    status_code: str | None = None
    printing_in_progress: bool | None = None


def read_poll(body: bytes) -> Poll:
    """Raises msgspec.DecodeError."""
    return msgspec.json.decode(body or b"{}", type=Poll)


def problem_of(status_code: str | None) -> str | None:
    """What a status code such as ``410%20Out%20of%20paper`` means; None: all is well, or nothing is said."""
    code = unquote(status_code or "").strip().partition(" ")[0]
    if not code or code.startswith("2") or code.upper() == "OK":
        return None
    return next((problem for start, problem in _PROBLEMS.items() if code.startswith(start)), "printer_error")


def answer(job_id: int | None) -> dict[str, object]:
    """The answer to a question."""
    if job_id is None:
        return {"jobReady": False}
    return {"jobReady": True, "mediaTypes": [MEDIA_TYPE], "jobToken": str(job_id), "deleteMethod": "DELETE"}


#: What goes with the picture: a cut at the end, and no second rastering of what is black and white already.
PICTURE_HEADERS = {"X-Star-Cut": "partial; feed=true", "X-Star-ImageDitherPattern": "none"}
