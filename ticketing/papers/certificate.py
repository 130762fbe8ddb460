"""The certificate of an erasure (消去証明書): one A4 page for each office and business day."""

from collections.abc import Sequence
from datetime import datetime

from purge_jobs.erase_contacts import UNREADABLE_KEY
from purge_jobs.erasure_log import ErasureRecord
from purge_jobs.proof import Proof
from ticketing.papers.japanese import CHANNELS, in_era, moment, period
from ticketing.papers.page import FAINT, SMALL_SIZE, Cell, Column, Paper
from ticketing.papers.sheets import ChainState, Sheet

#: Sizes that are tried, largest first, until the page holds everything.
SCALES = (1.0, 0.94, 0.88, 0.82, 0.76, 0.7)
TITLE = "消去証明書"
#: What a record from before records were signed shows in place of its signature.
UNSIGNED = "署名なし（署名導入前の記録）"
_WHAT = "電子メールアドレス、LINEの利用者識別子及び電話番号（暗号化して保管していたもの）"
_WHAT_IS_COUNTED = (
    "件数は、消去の時点で登録されていた連絡先の数。利用者の求めにより業務日のうちに消去したものを含まない。"
)
_METHOD = (
    "① 連絡先、連携用の符号及び未送信のお知らせの宛先を、データベースから削除した。\n"
    "② その業務日専用の暗号鍵を乱数で上書きし、破棄した。\n"
    "③ 連絡先のファイルを再構成し、空き領域と書込み記録（WAL）に残る暗号文を除いた。"
)
_NOT_WRITTEN_DOWN = (
    "その業務日の連絡先が0件であること、及び復号できないことを確かめた"
    "（検証の詳細を記録する前の版によるため、詳細の記録はない）。"
)
_CANARY = {
    "closed": "試験用の暗号文（カナリア）が、消去前には開き、消去後に残るどの鍵でも開かないことを確かめた。",
    "none": "試験用の暗号文（カナリア）はなかった。",
}
_SEARCHED_FOR = {"row": "その暗号文", "text": "その平文", "key": "破棄した鍵"}
_HOW_TO_CHECK = (
    "確認の方法：システムの管理者に junban erasures list、junban erasures verify 及び junban audit verify "
    "の実行を求め、"
    "記録番号、件数及びハッシュが本書と一致し、検証が成功することを確かめる。"
    "記録の変更、削除又は挿入があれば、検証はその記録の番号を示して失敗する。"
)


def certificate(sheets: Sequence[Sheet], chain: ChainState, issued_at: datetime) -> bytes:
    """The document as PDF, a page a sheet; longer only where no readable size holds a sheet on one page."""
    for scale in SCALES:
        paper = _written(sheets, chain, issued_at, scale)
        if paper.pages == len(sheets):
            return paper.bytes()
        paper.drop()
    return _written(sheets, chain, issued_at, SCALES[2]).bytes()


def _written(sheets: Sequence[Sheet], chain: ChainState, issued_at: datetime, scale: float) -> Paper:
    footer = f"{TITLE}　{sheets[0].day.isoformat()}"
    paper = Paper(title=f"{TITLE} {sheets[0].day.isoformat()}", made_at=issued_at, footer=footer, scale=scale)
    for index, sheet in enumerate(sheets):
        if index:
            paper.new_page()
        _write(paper, sheet, chain, issued_at)
    return paper


def _write(paper: Paper, sheet: Sheet, chain: ChainState, issued_at: datetime) -> None:
    paper.text(f"記録番号　{_numbers(sheet)}", align="R")
    paper.text(f"発行日時　{moment(issued_at, sheet.time_zone)}", align="R")
    paper.gap(2)
    paper.title("消　去　証　明　書")
    paper.text("下記の業務日に登録された、呼出しのお知らせのための連絡先を、下記のとおり消去したことを証明する。")
    if chain.problems:
        paper.text("ただし、発行時点で記録の連鎖に異常がある（末尾を参照）。", is_bold=True)
    _subject(paper, sheet)
    for index, record in enumerate(sheet.records):
        paper.heading(f"{2 + index}　消去記録 第{record.id}号")
        _record(paper, sheet, record, sheet.records[index - 1] if index else None)
    paper.heading(f"{2 + len(sheet.records)}　記録の連鎖の検証（発行時点）")
    _chain(paper, sheet, chain, issued_at)


def _numbers(sheet: Sheet) -> str:
    return "・".join(f"第{record.id}号" for record in sheet.records)


def _subject(paper: Paper, sheet: Sheet) -> None:
    paper.heading("1　対象、方法及び件数")
    paper.ledger(
        [
            ("拠点", f"{sheet.office_name}（{sheet.office_id}）"),
            ("業務日", f"{in_era(sheet.day)}　{sheet.day.isoformat()}"),
            ("消去したもの", _WHAT),
            ("方法", _METHOD),
        ]
    )
    paper.gap(2)
    numbers = [Column(f"{name}（件）", 0.19, "R") for name in CHANNELS.values()]
    paper.table(
        [Column("消去記録", 0.24), *numbers, Column("合計（件）", 0.19, "R")],
        [_counts(record) for record in sheet.records],
    )
    paper.gap(1)
    paper.text(_WHAT_IS_COUNTED, size=SMALL_SIZE, grey=FAINT)


def _counts(record: ErasureRecord) -> list[Cell | str]:
    counts = [record.erasure.counts.get(channel, 0) for channel in CHANNELS]
    return [f"第{record.id}号", *map(str, counts), Cell(str(sum(counts)), is_bold=True)]


def _record(paper: Paper, sheet: Sheet, record: ErasureRecord, before: ErasureRecord | None) -> None:
    erasure, zone = record.erasure, sheet.time_zone
    rows: list[tuple[str, Cell | str]] = [
        ("実施", f"{period(erasure.started_at, erasure.finished_at, zone)}（{zone}）")
    ]
    if erasure.is_future:
        rows.append(
            ("期日の指定", f"{moment(erasure.as_of, zone)}（実施時より先の期日を指定して、繰り上げて消去した）")
        )
    rows += [
        ("検証", _verification(erasure.proof)),
        *_who(record, before),
        ("鍵の識別子", _key(erasure.key_fingerprint)),
        ("記録のハッシュ", _code(record.hash)),
        ("前の記録のハッシュ", _code(record.previous_hash)),
        *_signature(record),
    ]
    paper.ledger(rows)


def _who(record: ErasureRecord, before: ErasureRecord | None) -> list[tuple[str, Cell | str]]:
    rows: list[tuple[str, Cell | str]] = [
        ("実施した版", f"Junban {record.erasure.version}"),
        ("責任者", record.erasure.responsible or "（設定なし）"),
        ("取扱者", "、".join(record.erasure.handlers) or "（設定なし）"),
    ]
    if before is not None and rows == _who(before, None):
        return [("版・責任者・取扱者", f"消去記録 第{before.id}号に同じ")]
    return rows


def _key(fingerprint: str | None) -> Cell:
    if fingerprint is None:
        return Cell("なし（この業務日の鍵は作られていなかったため、復号の試験の対象がない）")
    if fingerprint == UNREADABLE_KEY:
        return Cell("不明（鍵を開けられなかったため、復号の試験を行わずに破棄した）")
    return _code(fingerprint)


def _verification(proof: Proof | None) -> str:
    if proof is None:
        return _NOT_WRITTEN_DOWN
    return f"その業務日の連絡先が0件であることを確かめた。{_CANARY[proof.canary]}{_search(proof)}"


def _search(proof: Proof) -> str:
    what = "、".join(_SEARCHED_FOR[known] for known in _SEARCHED_FOR if known in proof.searched_for)
    if not what:
        return ""
    unread = f"（ほかに読めないもの{proof.unread}個）" if proof.unread else ""
    return f"データ領域のファイル{proof.files}個{unread}を検索し、{what}がどこにもないことを確かめた。"


def _signature(record: ErasureRecord) -> list[tuple[str, Cell | str]]:
    if record.signature is None:
        return [("署名", UNSIGNED)]
    return [
        ("署名（Ed25519）", _code(record.signature.signature)),
        ("署名の公開鍵", _code(record.signature.public_key)),
    ]


def _code(value: str) -> Cell:
    """A value to compare by eye: groups of eight, eight a line."""
    groups = [value[start : start + 8] for start in range(0, len(value), 8)]
    return Cell("\n".join(" ".join(groups[start : start + 8]) for start in range(0, len(groups), 8)), is_code=True)


def _chain(paper: Paper, sheet: Sheet, chain: ChainState, issued_at: datetime) -> None:
    result = "異常なし（変更、削除又は挿入された記録はない）" if not chain.problems else "異常あり"
    rows: list[tuple[str, Cell | str]] = [
        ("検証した記録", f"消去記録 全{chain.checked}件（{moment(issued_at, sheet.time_zone)} 現在）"),
        ("結果", Cell(result, is_bold=True)),
    ]
    if chain.problems:
        rows.append(("検証の出力", "\n".join(chain.problems)))
    paper.ledger(rows)
    paper.gap(2)
    paper.text(_HOW_TO_CHECK, size=SMALL_SIZE)
    paper.gap(3)
    paper.ledger([("確認欄", "　　　　年　　月　　日　　　所属・氏名")])
