"""One-click erasure (RFC 8058): the link in every mail that erases the mail address, and can do nothing else."""

from html import escape

from starlette.responses import HTMLResponse, Response

from ticketing.web.alerts import withdraw_if_last
from ticketing.web.call import Call

_PAGE = """<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/static/css/base.css">
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>
{form}
</main>
</body>
</html>
"""
_FORM = (
    '<form method="post"><button type="submit">'
    "メールアドレスを今すぐ消去する / Erase my e-mail address now</button></form>"
)
_ERASED = "メールアドレスを消去しました。Your e-mail address was erased."
#: What the ticket's other contacts are called.
_OTHERS = {"line": ("LINE", "LINE"), "phone": ("電話番号", "phone")}


async def show(call: Call) -> Response:
    """A button, for mail scanners follow every link."""
    is_known = await call.site.contacts.contact_for_token(call.path("token")) is not None
    if not is_known:
        return _page(
            "消去済みです / Already erased", "このメールアドレスは残っていません。This e-mail address is not stored."
        )
    text = (
        "お知らせのためのメールアドレスを消去します。受付番号はそのままです。"
        "This erases your e-mail address; your number stays."
    )
    return _page("メールアドレスの消去 / Erase e-mail address", text, _FORM)


async def erase(call: Call) -> Response:
    """Erases the mail address; a token that is unknown or used is no error, for its address is gone."""
    site = call.site
    ref = await site.contacts.contact_for_token(call.path("token"))
    text = _ERASED
    if ref is not None:
        await site.contacts.remove(ref.office_id, ref.day, ref.number, "email")
        await withdraw_if_last(site, ref)
        site.live.refresh(ref.office_id, ref.day, ref.number)
        left = await site.contacts.masked(ref.office_id, ref.day, ref.number)
        text = " ".join([_ERASED, *(_goes_on(each.channel) for each in left)])
    return _page("消去しました / Erased", text)


def _goes_on(channel: str) -> str:
    japanese, english = _OTHERS[channel]
    return f"{japanese}へのお知らせは続きます。Alerts by {english} go on."


def _page(title: str, text: str, form: str = "") -> Response:
    html = _PAGE.format(title=escape(title), text=escape(text), form=form)
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})
