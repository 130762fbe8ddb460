"""Dates, times and names as Japanese offices write them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

#: The first day of the era 令和; there is nothing of Junban before it.
REIWA = date(2019, 5, 1)
#: Contact channels in the order that papers list them.
CHANNELS: Mapping[str, str] = {"email": "電子メール", "line": "LINE", "phone": "電話"}
#: Operations as the record names them; one that is missing here is printed as it is.
OPERATIONS: Mapping[str, str] = {
    "session.create": "サインイン",
    "session.end": "サインアウト",
    "access.refused": "権限のない操作（拒否）",
    "queue.view": "待ち一覧の閲覧",
    "ticket.reprint": "番号札の再印刷",
    "list.view": "日次一覧の閲覧",
    "list.export": "日次一覧の出力",
    "audit.view": "操作記録の閲覧（画面）",
    "audit.list": "操作記録の閲覧（コマンド）",
    "audit.verify": "操作記録の検証",
    "staff.add": "職員アカウントの追加",
    "staff.list": "職員アカウントの一覧",
    "staff.disable": "職員アカウントの停止",
    "staff.enable": "職員アカウントの再開",
    "staff.password": "パスワードの変更",
    "device.invite": "端末の招待",
    "device.enrol": "端末の登録",
    "device.list": "端末の一覧",
    "device.revoke": "端末の取消し",
    "purge": "消去の実行",
    "purge.dry-run": "消去の事前確認",
    "erasures.list": "消去記録の一覧",
    "erasures.verify": "消去記録の検証",
    "erasures.certificate": "消去証明書の発行",
    "handling.report": "取扱状況報告書の作成",
    "erasure.record": "消去記録の追加",
    "keys.list": "業務日の鍵の一覧",
    "keys.rotate": "マスター鍵の交換",
    "keys.adopt": "鍵ディレクトリの指定",
    "keys.public": "署名の公開鍵の表示",
    "plays.export": "掲示回数の集計",
    "backup": "バックアップ",
    "restore": "バックアップからの復元",
    "database.migrate": "別のデータベースへの移行",
    "journal.replay": "業務記録の再現検証",
    "configuration.change": "設定の変更",
}
_WEEKDAYS = "月火水木金土日"


def in_era(day: date) -> str:
    """A date with its era and weekday, for example ``令和8年9月3日（木）``."""
    return f"{_year(day)}{day.month}月{day.day}日（{_WEEKDAYS[day.weekday()]}）"


def month_in_era(day: date) -> str:
    """The month of a date, for example ``令和8年9月``."""
    return f"{_year(day)}{day.month}月"


def _year(day: date) -> str:
    if day < REIWA:
        return f"{day.year}年"
    year = day.year - REIWA.year + 1
    return "令和元年" if year == 1 else f"令和{year}年"


def moment(at: datetime, zone: str) -> str:
    """An instant in a time zone, to the second, for example ``2026年9月4日 0時10分05秒``."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.year}年{local.month}月{local.day}日 {_time(local)}"


def period(begin: datetime, end: datetime, zone: str) -> str:
    """From an instant to another; the second without its date where that is the first one's."""
    last = end.astimezone(ZoneInfo(zone))
    is_one_day = begin.astimezone(ZoneInfo(zone)).date() == last.date()
    return f"{moment(begin, zone)} から {_time(last) if is_one_day else moment(end, zone)} まで"


def _time(local: datetime) -> str:
    return f"{local.hour}時{local.minute:02}分{local.second:02}秒"


def short_moment(at: datetime, zone: str) -> str:
    """An instant in a time zone for narrow columns, for example ``2026-09-04 00:10``."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def span(length: timedelta) -> str:
    """A length of time in days, hours and minutes, for example ``1日2時間5分``; less than a minute is ``1分未満``."""
    minutes = int(length.total_seconds()) // 60
    parts = ((minutes // 1440, "日"), (minutes // 60 % 24, "時間"), (minutes % 60, "分"))
    return "".join(f"{many}{unit}" for many, unit in parts if many) or "1分未満"


def operation(what: str) -> str:
    """The name of an operation in the record."""
    return OPERATIONS.get(what, what)
