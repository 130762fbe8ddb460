"""The handling report (連絡先取扱状況報告書): what happened to contacts in a period, for the person responsible."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from ticketing.papers.handling import ErasedDay, Handling, Tally
from ticketing.papers.japanese import CHANNELS, in_era, moment, month_in_era, operation, short_moment, span
from ticketing.papers.page import FAINT, SMALL_SIZE, Cell, Column, Paper
from ticketing.papers.sheets import ChainState

TITLE = "連絡先取扱状況報告書"
#: Longer periods, in days, are printed by month.
MOST_DAYS = 62
_SENT = {"sent": "送信済み", "failed": "失敗", "dropped": "送信せず", "open": "処理中"}
_RESULTS = {
    "failed": "失敗", "wrong_password": "名前又はパスワードの誤り", "too_many": "回数の超過",
    "not_allowed": "権限なし", "staff_network": "許可されていないネットワーク", "wrong_code": "招待の符号の誤り",
}  # fmt: skip

Row = Sequence[Cell | str]


def handling_report(handling: Handling) -> bytes:
    """The report as PDF; the same facts give the same bytes."""
    period = f"{handling.first.isoformat()} – {handling.last.isoformat()}"
    paper = Paper(title=f"{TITLE} {period}", made_at=handling.made_at, footer=f"{TITLE}　{period}")
    paper.text(f"作成日時　{moment(handling.made_at, handling.time_zone)}", align="R")
    paper.gap(2)
    paper.title(TITLE, f"{in_era(handling.first)}から{in_era(handling.last)}まで")
    for number, part in enumerate(_PARTS, start=1):
        part(paper, handling, f"{number}　")
    return paper.bytes()


def _overview(paper: Paper, handling: Handling, number: str) -> None:
    offices = "、".join(f"{name}（{office_id}）" for office_id, name in handling.office_names.items())
    late = sum(1 for each in handling.erased if each.delay)
    paper.heading(f"{number}概要")
    paper.ledger(
        [
            ("拠点", offices),
            ("責任者", handling.responsible or "（設定なし）"),
            ("取扱者", "、".join(handling.handlers) or "（設定なし）"),
            ("消去した連絡先", _totals(handling.erased)),
            ("消去の記録", f"{len(handling.erased)}件　うち期日に遅れたもの {late}件"),
            ("期日を過ぎて未消去", Cell(f"{len(handling.not_erased)}件", is_bold=bool(handling.not_erased))),
            ("作成", f"{handling.made_by}　Junban {handling.version}"),
        ]
    )


def _totals(erased: Iterable[ErasedDay]) -> str:
    counts = _counts(erased)
    return f"{sum(counts)}件（" + "、".join(f"{name} {many}件" for name, many in zip(CHANNELS.values(), counts)) + "）"


def _counts(erased: Iterable[ErasedDay]) -> list[int]:
    each = [erased_day.record.erasure.counts for erased_day in erased]
    return [sum(counts.get(channel, 0) for counts in each) for channel in CHANNELS]


def _erasures(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}連絡先の件数と消去")
    by_month = (handling.last - handling.first).days >= MOST_DAYS
    rows = _by_month(handling) if by_month else [_erased_row(handling, each) for each in handling.erased]
    numbers = [Column(name, share, "R") for name, share in zip(CHANNELS.values(), (0.115, 0.08, 0.08))]
    head = [Column("月" if by_month else "業務日", 0.22), Column("拠点", 0.15), *numbers]
    _table_or_none(paper, [*head, Column("記録", 0.095, "R"), Column("消去の完了", 0.26)], rows)
    _note(paper, "連絡先は翌日に消去するため、件数は消去記録による。利用者の求めにより当日中に消去したものを含まない。")


def _erased_row(handling: Handling, each: ErasedDay) -> Row:
    erasure = each.record.erasure
    finished = short_moment(erasure.finished_at, handling.time_zone)
    mark = "　遅延" if each.delay else "　繰上げ" if erasure.is_future else ""
    return [
        in_era(erasure.day), erasure.office_id, *map(str, _counts([each])), f"第{each.record.id}号",
        Cell(finished + mark, is_bold=bool(each.delay)),
    ]  # fmt: skip


def _by_month(handling: Handling) -> list[Row]:
    months: dict[tuple[date, str], list[ErasedDay]] = defaultdict(list)
    for each in handling.erased:
        months[each.record.erasure.day.replace(day=1), each.record.erasure.office_id].append(each)
    return [
        [month_in_era(month), office_id, *map(str, _counts(days)), f"{len(days)}件", _months_result(days)]
        for (month, office_id), days in months.items()
    ]


def _months_result(days: Sequence[ErasedDay]) -> Cell:
    late = sum(1 for each in days if each.delay)
    return Cell(f"遅延 {late}件" if late else "遅延なし", is_bold=bool(late))


def _overdue(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}期日に遅れた消去と、未消去の業務日")
    zone = handling.time_zone
    late: list[Row] = [
        [
            in_era(each.record.erasure.day), each.record.erasure.office_id, short_moment(each.due_at, zone),
            short_moment(each.record.erasure.finished_at, zone), span(each.delay),
        ]
        for each in handling.erased
        if each.delay and each.due_at
    ]  # fmt: skip
    waiting: list[Row] = [
        [in_era(due.day), due.office_id, short_moment(due.due_at, zone), Cell("未消去", is_bold=True),
         span(handling.made_at - due.due_at)]
        for due in handling.not_erased
    ]  # fmt: skip
    columns = [Column("業務日", 0.25), Column("拠点", 0.15), Column("期日", 0.22), Column("消去の完了", 0.22)]
    _table_or_none(paper, [*columns, Column("遅れ", 0.16)], late + waiting)


def _notices(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}お知らせの送信結果")
    rows: list[Row] = [
        [name, *(str(handling.notices.get((channel, state), 0)) for state in _SENT)]
        for channel, name in CHANNELS.items()
    ]
    paper.table([Column("方法", 0.32), *(Column(word, 0.17, "R") for word in _SENT.values())], rows)
    _note(paper, "「送信せず」は、意味のある時刻を過ぎたもの、利用者が連絡先を消去したもの等。")


def _recipients(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}連絡先を渡す外部の相手先")
    rows: list[Row] = [
        [CHANNELS[each.channel], each.name, each.approval or "（承認の記載なし）"] for each in handling.recipients
    ]
    columns = [Column("渡すもの", 0.2), Column("相手先", 0.45), Column("承認", 0.35)]
    _table_or_none(paper, columns, rows, none="連絡先を渡す外部の相手先はない。")
    _note(paper, "作成日時における設定による。期間中の変更は「設定の変更」を参照。")


def _failures(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}失敗した操作と拒否した操作")
    rows: list[Row] = [
        [operation(what), _RESULTS.get(result, result), str(tally.refused), _last(tally, handling)]
        for (what, result), tally in sorted(handling.operations.failures.items())
    ]
    columns = [Column("操作", 0.34), Column("理由", 0.34), Column("件数", 0.1, "R"), Column("最後", 0.22, "R")]
    _table_or_none(paper, columns, rows)


def _staff(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}職員によるアクセス")
    rows = [row for row in _tally_rows(handling) if row[0].startswith("staff:") or row[0] == "unknown"]
    _table_or_none(paper, _tally_columns("アカウント"), [_named(row) for row in rows])
    _note(paper, "窓口業務の操作（呼出し等）は、連絡先に触れないため数えない。業務記録と操作記録には残る。")


def _administrators(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}管理者の操作と自動の処理")
    rows = [row for row in _tally_rows(handling) if not row[0].startswith("staff:") and row[0] != "unknown"]
    _table_or_none(paper, _tally_columns("実行者"), rows)


def _tally_columns(who: str) -> list[Column]:
    numbers = [Column("実行", 0.1, "R"), Column("拒否・失敗", 0.14, "R"), Column("最後", 0.22, "R")]
    return [Column(who, 0.22), Column("操作", 0.32), *numbers]


def _tally_rows(handling: Handling) -> list[list[str]]:
    return [
        [who, operation(what), str(tally.done), str(tally.refused), _last(tally, handling)]
        for (who, what), tally in sorted(handling.operations.tallies.items())
    ]


def _named(row: list[str]) -> list[str]:
    who = "（存在しない名前）" if row[0] == "unknown" else row[0].removeprefix("staff:")
    return [who, *row[1:]]


def _last(tally: Tally, handling: Handling) -> str:
    return short_moment(tally.last_at, handling.time_zone) if tally.last_at else ""


def _changes(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}設定の変更")
    rows: list[Row] = [
        [short_moment(row.entry.at, handling.time_zone), row.entry.who, row.entry.target or ""]
        for row in handling.operations.changes
    ]
    columns = [Column("適用", 0.3), Column("実行者", 0.3), Column("設定の識別子", 0.4)]
    _table_or_none(paper, columns, rows)


def _chains(paper: Paper, handling: Handling, number: str) -> None:
    paper.heading(f"{number}記録の検証（作成時点）")
    paper.ledger(
        [
            ("消去記録", _chain(handling.erasure_chain)),
            ("操作記録", _chain(handling.audit_chain)),
            ("確認の方法", "junban erasures verify、junban audit verify"),
        ]
    )


def _chain(state: ChainState) -> Cell:
    if state.problems:
        return Cell("異常あり\n" + "\n".join(state.problems), is_bold=True)
    return Cell(f"全{state.checked}件　異常なし（変更、削除又は挿入された記録はない）")


def _table_or_none(paper: Paper, columns: Sequence[Column], rows: Sequence[Row], none: str = "該当なし。") -> None:
    if rows:
        paper.table(columns, rows)
    else:
        paper.text(none)


def _note(paper: Paper, text: str) -> None:
    paper.gap(1)
    paper.text(text, size=SMALL_SIZE, grey=FAINT)


_PARTS = (
    _overview, _erasures, _overdue, _notices, _recipients, _failures, _staff, _administrators, _changes, _chains
)  # fmt: skip
