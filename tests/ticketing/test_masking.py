"""Whatever way something about a visitor gets into a log record, it does not come out."""

import io
import json
import logging
import string
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.addresses import check_address
from ticketing.masking import Masking, mask

LOCAL = string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~-"
TOKEN = string.ascii_letters + string.digits + "_-"

mails = st.builds(
    lambda local, domain: check_address("email", f"{local}@{domain}"),
    st.text(LOCAL, min_size=1, max_size=40),
    st.sampled_from(["example.jp", "docomo.ne.jp", "xn--wgv71a.jp", "a-b.co.jp"]),
)
old_mails = st.builds(
    lambda one, two, end: f"{one}..{two}{end}@docomo.ne.jp",
    st.text(LOCAL, min_size=1, max_size=20),
    st.text(LOCAL, min_size=1, max_size=20),
    st.sampled_from(["", "."]),
)
quoted_mails = old_mails.map(lambda mail: '"{}"@{}'.format(*mail.rsplit("@", 1)))
phones = st.builds(
    lambda country, rest: f"+{country}{rest}",
    st.sampled_from(["81", "1", "44", "886"]),
    st.text(string.digits, min_size=8, max_size=10),
)
line_users = st.text("0123456789abcdef", min_size=32, max_size=32).map(lambda rest: f"U{rest}")
secrets = st.builds(
    lambda office, number, mac: f"{office}.20260903.{number}.{mac}",
    st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=32),
    st.from_regex(r"\A[A-Z]{0,3}[0-9]{1,4}\Z"),
    st.text(TOKEN, min_size=22, max_size=22),
)
erasures = st.text(TOKEN, min_size=22, max_size=22).map(lambda token: f"https://q.example.jp/u/{token}")
private = st.one_of(mails, old_mails, quoted_mails, phones, line_users, secrets, erasures)


def core(secret: str) -> str:
    """The part that must not be seen: of a mail what stands before the ``@``, of a link its token."""
    if "@" in secret:
        return secret.rpartition("@")[0].strip('"')
    return secret.rpartition("/u/")[2].rpartition(".")[2]


Way = Callable[[logging.Logger, str], None]
WAYS: dict[str, Way] = {}


def way(function: Way) -> Way:
    WAYS[function.__name__] = function
    return function


@way
def in_the_message(log: logging.Logger, secret: str) -> None:
    log.info(f"sent to {secret}, done".replace("%", "%%"), *())


@way
def in_an_argument(log: logging.Logger, secret: str) -> None:
    log.info("sent to %s.", secret)


@way
def in_a_quoted_argument(log: logging.Logger, secret: str) -> None:
    log.info("sent to %r", secret)


@way
def in_a_named_argument(log: logging.Logger, secret: str) -> None:
    log.info("sent to %(to)s, kind %(kind)s", {"to": secret, "kind": "called"})


@way
def in_a_container(log: logging.Logger, secret: str) -> None:
    log.info("%s", {"to": [secret, (secret,)], "cc": {secret}})


@way
def in_bytes(log: logging.Logger, secret: str) -> None:
    log.info("%r", f"RCPT TO:<{secret}>\r\nTo: {secret}\r\n".encode())


@way
def in_json(log: logging.Logger, secret: str) -> None:
    log.info(json.dumps({"address": secret, "note": f"to {secret}"}).replace("%", "%%"))


@way
def in_json_in_json(log: logging.Logger, secret: str) -> None:
    log.info("%s", json.dumps({"body": json.dumps({"address": secret})}))


@way
def in_a_form(log: logging.Logger, secret: str) -> None:
    log.info("body %s", f"channel=email&address={quote(secret, safe='')}&consent=true")


@way
def in_a_header(log: logging.Logger, secret: str) -> None:
    log.info("%s", f"To: 佐藤 <{secret}>;{secret}")


@way
def in_arguments_that_do_not_fit(log: logging.Logger, secret: str) -> None:
    log.info("%d notices to %s", secret, secret)


@way
def in_too_many_arguments(log: logging.Logger, secret: str) -> None:
    log.info("sent", secret)


@way
def in_an_error(log: logging.Logger, secret: str) -> None:
    try:
        raise RuntimeError(f"cannot write to {secret}", secret)
    except RuntimeError:
        log.exception("failed")


@way
def in_the_cause_of_an_error(log: logging.Logger, secret: str) -> None:
    try:
        try:
            raise ValueError(secret.encode())
        except ValueError as error:
            raise KeyError(secret) from error
    except KeyError:
        log.error("failed", exc_info=True)


@way
def in_the_context_of_an_error(log: logging.Logger, secret: str) -> None:
    try:
        try:
            raise ValueError({secret: 1})
        except ValueError:
            raise RuntimeError("while handling")  # noqa: B904
    except RuntimeError as error:
        log.error("failed", exc_info=error)


@way
def in_a_group_of_errors_with_a_note(log: logging.Logger, secret: str) -> None:
    error = RuntimeError("one")
    error.add_note(f"it was for {secret}")
    try:
        raise ExceptionGroup(f"group for {secret}", [error, ExceptionGroup("inner", [OSError(5, "x", secret)])])
    except ExceptionGroup:
        log.warning("failed", exc_info=sys.exc_info())


@way
def in_the_error_as_an_argument(log: logging.Logger, secret: str) -> None:
    log.warning("failed: %s / %r", RuntimeError(secret), RuntimeError(secret))


@contextmanager
def logged() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """Any library's logger, and what comes out of the handler."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    handler.addFilter(Masking())
    log = logging.getLogger("some.library")
    before = log.handlers, log.level, log.propagate
    log.handlers, log.level, log.propagate = [handler], 1, False
    log.manager._clear_cache()  # type: ignore[attr-defined]
    try:
        yield log, stream
    finally:
        log.handlers, log.level, log.propagate = before
        log.manager._clear_cache()  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", WAYS)
@settings(max_examples=50)
@given(secret=private)
def test_nothing_private_comes_out(name: str, secret: str) -> None:
    with logged() as (log, stream):
        WAYS[name](log, secret)

    written = stream.getvalue()
    assert written.startswith(("INFO some.library: ", "ERROR some.library: ", "WARNING some.library: "))
    assert not leaks(written, core(secret))


def leaks(written: str, hidden: str) -> bool:
    """Whether it stands there as it is or as it is written in other forms; single letters stand everywhere."""
    forms = {hidden, repr(hidden)[1:-1], json.dumps(hidden)[1:-1], quote(hidden, safe="")}
    return len(hidden) > 5 and any(form in written for form in forms)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to sato@example.jp now", "to [mail] now"),
        ("<sato@example.jp>", "<[mail]>"),
        ("a@b.jp,c@d.jp;e@f.jp", "[mail],[mail];[mail]"),
        ("さとう@例え.jp です", "[mail] です"),
        ("ｓａｔｏ＠ｅｘａｍｐｌｅ．ｊｐ", "[mail]"),
        ("root@localhost", "[mail]"),
        ("x@[192.0.2.1]", "[mail]]"),
        ('"foo..bar"@docomo.ne.jp', "[mail]"),
        ("address=sato%40example.jp&x=1", "[mail]"),
        ("call +819012345678", "call [phone]"),
        ("call +81 90-1234-5678!", "call [phone]!"),
        ("voice:+819012345678", "voice:[phone]"),
        ("090-1234-5678 or 09012345678 or 819012345678", "[phone] or [phone] or [phone]"),
        ("to=%2B819012345678", "to=[phone]"),
        ("user U" + "0f" * 16, "user [line]"),
        ("minato.20260903.A012." + "x" * 22, "[secret]"),
        ("/t#minato.20260903.A012.abc-_1", "/t#[secret]"),
        ("POST /u/abc_DEF-123 200", "POST /u/* 200"),
        ("https://q.jp/u/abc HTTP", "https://q.jp/u/* HTTP"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [secret]"),
        ("junban_session=abc; path=/", "junban_session=[secret]; path=/"),
    ],
)
def test_what_is_masked_and_what_stays(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-03T01:02:03.456Z INFO notifier.delivery: notice 12 failed with RuntimeError",
        "series a is past its end of 999",
        "2026-09-03T10:02:03+09:00 took 12.5 ms, +3 %",
        'File "/srv/junban/ticketing/storage/sqlite.py", line 120, in transaction',
        "office honcho: its new definition takes effect with the next business day",
        "the account @sakura-city was followed",
        "GET /api/v1/offices/minato/live 101 0.3",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "retry key 6f1c2c56-0f6e-4a5e-9b57-2f6a6f0e7a11",
        "junban 0.1.0 on 127.0.0.1:8000, 10.2.20260903.1",
        "waited 1756861200123 ns",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert mask(text) is text


@given(st.text(max_size=300))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_traceback_without_anything_private_is_left_to_the_formatter() -> None:
    try:
        raise RuntimeError("disk full")
    except RuntimeError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "no %s", ("luck",), (type(error), error, None))

    Masking().filter(record)

    assert (record.msg, record.args, record.exc_info is None) == ("no %s", ("luck",), False)


def test_stack_of_a_record_is_masked() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "here", None, None, sinfo="Stack:\n  to sato@example.jp")

    Masking().filter(record)

    assert record.stack_info == "Stack:\n  to [mail]"


def test_record_that_cannot_be_looked_through_says_so() -> None:
    class Odd:
        def __str__(self) -> str:
            raise RuntimeError("sato@example.jp")

    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", (Odd(),), None)

    assert Masking().filter(record)
    assert record.getMessage() == "a message that could not be masked (RuntimeError)"
