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
<title>{title} / {title_en}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/static/css/base.css">
</head>
<body class="is-ready">
<header class="bar"><span class="bar-name" lang="en">Junban</span></header>
<main class="column">
<h1>{title}</h1>
<div class="card">
<p>{text}</p>
<p lang="en">{text_en}</p>
{form}
</div>
</main>
</body>
</html>
"""
_FORM = (
    '<form method="post"><button type="submit" class="button button-danger">'
    '<span>今すぐ消去する <span lang="en">Erase now</span></span></button></form>'
)
#: Title and text, in Japanese and English.
_Words = tuple[str, str, str, str]
_UNKNOWN: _Words = (
    "消去済みです", "Already erased", "このメールアドレスは残っていません。", "This e-mail address is not stored.",
)  # fmt: skip
_ASKED: _Words = (
    "メールアドレスの消去",
    "Erase e-mail address",
    "お知らせのために登録されたメールアドレスを消去します。受付番号はそのまま有効です。",
    "This erases the e-mail address that was registered for alerts. Your number stays valid.",
)
_ERASED: _Words = (
    "消去しました", "Erased", "メールアドレスを消去しました。", "Your e-mail address was erased.",
)  # fmt: skip
#: What the ticket's other contacts are called.
_OTHERS = {"line": ("LINE", "LINE"), "phone": ("電話番号", "phone")}


async def show(call: Call) -> Response:
    """A button, for mail scanners follow every link."""
    is_known = await call.site.contacts.contact_for_token(call.path("token")) is not None
    return _page(_ASKED, _FORM) if is_known else _page(_UNKNOWN)


async def erase(call: Call) -> Response:
    """Erases the mail address; a token that is unknown or used is no error, for its address is gone."""
    site = call.site
    ref = await site.contacts.contact_for_token(call.path("token"))
    title, title_en, text, text_en = _ERASED
    if ref is not None:
        await site.contacts.remove(ref.office_id, ref.day, ref.number, "email")
        await withdraw_if_last(site, ref)
        site.live.refresh(ref.office_id, ref.day, ref.number)
        left = await site.contacts.masked(ref.office_id, ref.day, ref.number)
        for japanese, english in (_OTHERS[each.channel] for each in left):
            text += f"{japanese}へのお知らせは続きます。"
            text_en += f" Alerts by {english} go on."
    return _page((title, title_en, text, text_en))


def _page(words: _Words, form: str = "") -> Response:
    title, title_en, text, text_en = (escape(each) for each in words)
    html = _PAGE.format(title=title, title_en=title_en, text=text, text_en=text_en, form=form)
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})
