"""One-click erasure (RFC 8058): the link in every mail that erases the contact, and can do nothing else."""

from html import escape

from starlette.responses import HTMLResponse, Response

from ticketing.web.call import Call
from ticketing.web.line_webhook import withdraw_if_last

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
_FORM = '<form method="post"><button type="submit">連絡先を今すぐ消去する / Erase my contact now</button></form>'


async def show(call: Call) -> Response:
    """A button, for mail scanners follow every link."""
    is_known = await call.site.contacts.contact_for_token(call.path("token")) is not None
    if not is_known:
        return _page("消去済みです / Already erased", "この連絡先は残っていません。This contact is not stored.")
    text = "お知らせのための連絡先を消去します。受付番号はそのままです。This erases your contact; your number stays."
    return _page("連絡先の消去 / Erase contact", text, _FORM)


async def erase(call: Call) -> Response:
    """Erases the contact; a token that is unknown or used is no error, for its contact is gone."""
    ref = await call.site.contacts.contact_for_token(call.path("token"))
    if ref is not None:
        await call.site.contacts.remove(ref.office_id, ref.day, ref.number, "email")
        await withdraw_if_last(call.site, ref.office_id, ref.number)
        call.site.live.refresh(ref.office_id, ref.day, ref.number)
    return _page("消去しました / Erased", "連絡先を消去しました。Your contact was erased.")


def _page(title: str, text: str, form: str = "") -> Response:
    html = _PAGE.format(title=escape(title), text=escape(text), form=form)
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})
