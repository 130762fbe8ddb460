"""Epson Server Direct Print: a printer asks with a form, is answered in ePOS-Print XML, and posts the result."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qs

from PIL import Image

from ticketing.slips.raster import as_base64

#: Milliseconds that the printer's own part waits for its mechanism.
TIMEOUT_MS = 10_000
_REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<PrintRequestInfo Version="2.00">
<ePOSPrint>
<Parameter>
<devid>local_printer</devid>
<timeout>{timeout}</timeout>
<printjobid>{job}</printjobid>
</Parameter>
<PrintData>
<epos-print xmlns="http://www.epson-pos.com/schemas/2011/03/epos-print">
<image width="{width}" height="{height}" color="color_1" mode="mono" align="center">{image}</image>
<cut type="feed"/>
</epos-print>
</PrintData>
</ePOSPrint>
</PrintRequestInfo>
"""
_PROBLEMS = {"EPTR_REC_EMPTY": "paper_out", "EPTR_COVER_OPEN": "cover_open", "EPTR_CUTTER": "cutter"}
_PROBLEMS |= {"SchemaError": "wrong_format", "DeviceNotFound": "wrong_format"}
_JOB = re.compile(r"<printjobid>\s*(\d{1,18})\s*</printjobid>")
_RESPONSE = re.compile(r"<response\b([^>]*)>")
_ATTRIBUTE = re.compile(r"""\b(success|code)\s*=\s*["']([^"'<>]*)["']""")


@dataclass(frozen=True, slots=True)
class Form:
    """What a printer posts."""

    #: GetRequest, SetResponse, or what else it may post.
    kind: str
    id: str
    response: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a job."""

    #: None: the printer is of the kind that does not repeat it.
    job_id: int | None
    #: None: it is printed.
    problem: str | None


def read_form(body: bytes) -> Form:
    """Raises ValueError: it is no such form."""
    fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20)
    return Form(*(fields.get(name, [""])[0] for name in ("ConnectionType", "ID", "ResponseFile")))


def request_for(job_id: int, picture: Image.Image) -> str:
    """The answer that makes the printer print."""
    return _REQUEST.format(
        timeout=TIMEOUT_MS, job=job_id, width=picture.width, height=picture.height, image=as_base64(picture)
    )


def read_result(response: str) -> Result | None:
    """What the printer says of the job; None where it says nothing of one."""
    text = unescape(response) if response.lstrip().startswith("&lt;") else response
    job, said = _JOB.search(text), _RESPONSE.search(text)
    if said is None:
        return None
    attributes = dict(_ATTRIBUTE.findall(said[1]))
    is_printed = attributes.get("success", "").lower() in ("true", "1")
    problem = None if is_printed else _PROBLEMS.get(attributes.get("code", ""), "printer_error")
    return Result(int(job[1]) if job else None, problem)
