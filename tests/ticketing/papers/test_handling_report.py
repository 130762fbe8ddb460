import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tests.ticketing.papers.reading import pages_of
from tests.ticketing.papers.test_certificate import AT, RECORD, changed
from ticketing.audit import AuditRow, Entry
from ticketing.papers.handling import ErasedDay, Handling, Operations, Recipient
from ticketing.papers.handling_report import handling_report
from ticketing.papers.sheets import ChainState
from ticketing.retention import DueDay

MADE = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
DAY = date(2026, 9, 3)
FOOTER = re.compile(r"連絡先取扱状況報告書2026-\d\d-\d\d–2026-\d\d-\d\d\d+/\d+$")


def operations(*entries: Entry) -> Operations:
    found = Operations()
    for number, entry in enumerate(entries, start=1):
        found.add(AuditRow(number, entry))
    return found


def entry(who: str, what: str, result: str = "ok", target: str | None = None) -> Entry:
    return Entry(at=AT, who=who, what=what, result=result, target=target)


QUIET = Handling(
    first=date(2026, 9, 1), last=date(2026, 9, 30), office_names={"minato": "みなと市役所"}, time_zone="Asia/Tokyo",
    made_at=MADE, made_by="cli:root", version="0.1.0", responsible="市民課長", handlers=("市民課", "情報政策課"),
    erased=(), not_erased=(), operations=Operations(), notices={}, recipients=(), erasure_chain=ChainState(0, ()),
    audit_chain=ChainState(3, ()),
)  # fmt: skip


def printed(handling: Handling) -> str:
    """The text of all pages as one, without what stands below each."""
    return "".join(FOOTER.sub("", page) for page in pages_of(handling_report(handling)))


def test_report_of_a_quiet_period_says_so_in_every_part() -> None:
    assert printed(QUIET) == (
        "作成日時2026年10月1日9時30分00秒連絡先取扱状況報告書令和8年9月1日（火）から令和8年9月30日（水）まで"
        "1概要拠点みなと市役所（minato）責任者市民課長取扱者市民課、情報政策課"
        "消去した連絡先0件（電子メール0件、LINE0件、電話0件）消去の記録0件うち期日に遅れたもの0件"
        "期日を過ぎて未消去0件作成cli:rootJunban0.1.0"
        "2連絡先の件数と消去該当なし。"
        "連絡先は翌日に消去するため、件数は消去記録による。利用者の求めにより当日中に消去したものを含まない。"
        "3期日に遅れた消去と、未消去の業務日該当なし。"
        "4お知らせの送信結果方法送信済み失敗送信せず処理中電子メール0000LINE0000電話0000"
        "「送信せず」は、意味のある時刻を過ぎたもの、利用者が連絡先を消去したもの等。"
        "5連絡先を渡す外部の相手先連絡先を渡す外部の相手先はない。"
        "作成日時における設定による。期間中の変更は「設定の変更」を参照。"
        "6失敗した操作と拒否した操作該当なし。"
        "7職員によるアクセス該当なし。"
        "窓口業務の操作（呼出し等）は、連絡先に触れないため数えない。業務記録と操作記録には残る。"
        "8管理者の操作と自動の処理該当なし。"
        "9設定の変更該当なし。"
        "10記録の検証（作成時点）消去記録全0件異常なし（変更、削除又は挿入された記録はない）"
        "操作記録全3件異常なし（変更、削除又は挿入された記録はない）"
        "確認の方法junbanerasuresverify、junbanauditverify"
    )


def test_erasures_are_listed_and_late_ones_again() -> None:
    late = replace(changed(day=date(2026, 9, 4), counts={"phone": 2}), id=43)
    early = replace(changed(day=date(2026, 9, 5), is_future=True), id=44)
    erased = [ErasedDay(RECORD, AT), ErasedDay(late, AT - timedelta(hours=2)), ErasedDay(early, AT)]

    text = printed(replace(QUIET, erased=erased))

    assert "消去した連絡先1028件（電子メール424件、LINE602件、電話2件）消去の記録3件うち期日に遅れたもの1件" in text
    assert (
        "業務日拠点電子メールLINE電話記録消去の完了"
        "令和8年9月3日（木）minato2123010第42号2026-09-0400:10"
        "令和8年9月4日（金）minato002第43号2026-09-0400:10遅延"
        "令和8年9月5日（土）minato2123010第44号2026-09-0400:10繰上げ"
    ) in text
    assert "業務日拠点期日消去の完了遅れ令和8年9月4日（金）minato2026-09-0322:102026-09-0400:102時間4お知らせ" in text


def test_long_period_is_printed_by_month() -> None:
    october = replace(changed(day=date(2026, 10, 1)), id=43)
    erased = [ErasedDay(RECORD, AT), ErasedDay(october, AT - timedelta(hours=2))]

    text = printed(replace(QUIET, last=date(2026, 12, 31), erased=erased))

    assert (
        "月拠点電子メールLINE電話記録消去の完了令和8年9月minato21230101件遅延なし令和8年10月minato21230101件遅延1件"
    ) in text


def test_day_that_is_overdue_and_still_there_is_named() -> None:
    due = DueDay("minato", DAY, AT, MADE - timedelta(days=1, hours=2), is_open=False)

    text = printed(replace(QUIET, not_erased=[due]))

    assert "期日を過ぎて未消去1件" in text
    assert "令和8年9月3日（木）minato2026-09-3007:30未消去1日2時間" in text


def test_access_is_listed_by_account_and_operation_and_apart_from_administrators() -> None:
    done = operations(
        entry("staff:sato", "session.create"),
        entry("staff:sato", "list.export"),
        entry("staff:sato", "list.export"),
        entry("unknown", "session.create", "wrong_password"),
        entry("staff:abe", "access.refused", "not_allowed"),
        entry("cli:root", "configuration.change", target="0123456789abcdef"),
        entry("purge", "purge", "failed"),
    )

    text = printed(replace(QUIET, operations=done))

    at = "2026-09-0400:10"
    for row in (
        "abe権限のない操作（拒否）01",
        "sato日次一覧の出力20",
        "satoサインイン10",
        "（存在しない名前）サインイン01",
    ):
        assert f"{at}{row}{at}" in text or f"アカウント操作実行拒否・失敗最後{row}{at}" in text
    assert f"実行者操作実行拒否・失敗最後cli:root設定の変更10{at}purge消去の実行01{at}9設定の変更" in text
    assert (
        "操作理由件数最後"
        f"権限のない操作（拒否）権限なし1{at}消去の実行失敗1{at}サインイン名前又はパスワードの誤り1{at}7職員"
    ) in text
    assert f"適用実行者設定の識別子{at}cli:root0123456789abcdef" in text


def test_messages_and_recipients_are_told_by_channel() -> None:
    text = printed(
        replace(
            QUIET,
            notices={("email", "sent"): 7, ("email", "failed"): 1, ("line", "dropped"): 2, ("phone", "open"): 3},
            recipients=[
                Recipient("line", "LINE（公式アカウント @city）", "第13号"),
                Recipient("phone", "架空通信", ""),
            ],
        )
    )

    assert "電子メール7100LINE0020電話0003" in text
    assert "渡すもの相手先承認LINELINE（公式アカウント@city）第13号電話架空通信（承認の記載なし）作成日時" in text


def test_broken_chains_are_told() -> None:
    text = printed(replace(QUIET, audit_chain=ChainState(3, ("Operation 2 is missing.",))))

    assert "操作記録異常ありOperation2ismissing.確認の方法" in text


def test_pages_are_numbered_under_the_period() -> None:
    first, second = pages_of(handling_report(QUIET))

    assert first.endswith("連絡先取扱状況報告書2026-09-01–2026-09-301/2")
    assert second.endswith("連絡先取扱状況報告書2026-09-01–2026-09-302/2")


def test_same_facts_give_the_same_report() -> None:
    assert handling_report(QUIET) == handling_report(QUIET)
