from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from purge_jobs.erase_contacts import UNREADABLE_KEY
from purge_jobs.erasure_log import Erasure, ErasureRecord
from purge_jobs.proof import Proof
from tests.ticketing.papers.reading import pages_of
from ticketing.papers.certificate import UNSIGNED, certificate
from ticketing.papers.sheets import ChainState, Sheet
from ticketing.signing import Signature

#: 00:10 in Tokyo.
AT = datetime(2026, 9, 3, 15, 10, tzinfo=UTC)
ISSUED = datetime(2026, 9, 10, 1, 30, tzinfo=UTC)
DAY = date(2026, 9, 3)
PROOF = Proof(canary="closed", searched_for=("key", "row", "text"), files=23, unread=0)
ERASURE = Erasure(
    office_id="minato", day=DAY, counts={"email": 212, "line": 301}, key_fingerprint="7f3a9c0be1d24455", started_at=AT,
    finished_at=AT + timedelta(seconds=1), as_of=AT, is_future=False, version="0.1.0", responsible="みなと市 市民課長",
    handlers=("市民課", "情報政策課"), proof=PROOF,
)  # fmt: skip
RECORD = ErasureRecord(42, ERASURE, "a3" * 32, "5c" * 32, Signature("0f" * 32, "d4" * 64))
WHOLE = ChainState(57, ())


def sheet(*records: ErasureRecord) -> Sheet:
    return Sheet("minato", "みなと市役所 市民課", "Asia/Tokyo", DAY, records)


def printed(*records: ErasureRecord, chain: ChainState = WHOLE) -> str:
    (page,) = pages_of(certificate([sheet(*records)], chain, ISSUED))
    return page


def changed(**fields: object) -> ErasureRecord:
    return replace(RECORD, erasure=replace(ERASURE, **fields))  # type: ignore[arg-type]


def test_certificate_says_everything_of_the_record() -> None:
    assert printed(RECORD) == (
        "記録番号第42号発行日時2026年9月10日10時30分00秒消去証明書"
        "下記の業務日に登録された、呼出しのお知らせのための連絡先を、下記のとおり消去したことを証明する。"
        "1対象、方法及び件数拠点みなと市役所市民課（minato）業務日令和8年9月3日（木）2026-09-03"
        "消去したもの電子メールアドレス、LINEの利用者識別子及び電話番号（暗号化して保管していたもの）"
        "方法①連絡先、連携用の符号及び未送信のお知らせの宛先を、データベースから削除した。"
        "②その業務日専用の暗号鍵を乱数で上書きし、破棄した。"
        "③連絡先のファイルを再構成し、空き領域と書込み記録（WAL）に残る暗号文を除いた。"
        "消去記録電子メール（件）LINE（件）電話（件）合計（件）第42号2123010513"
        "件数は、消去の時点で登録されていた連絡先の数。利用者の求めにより業務日のうちに消去したものを含まない。"
        "2消去記録第42号実施2026年9月4日0時10分00秒から0時10分01秒まで（Asia/Tokyo）"
        "検証その業務日の連絡先が0件であることを確かめた。"
        "試験用の暗号文（カナリア）が、消去前には開き、消去後に残るどの鍵でも開かないことを確かめた。"
        "データ領域のファイル23個を検索し、その暗号文、その平文、破棄した鍵がどこにもないことを確かめた。"
        "実施した版Junban0.1.0責任者みなと市市民課長取扱者市民課、情報政策課鍵の識別子7f3a9c0be1d24455"
        f"記録のハッシュ{'5c' * 32}前の記録のハッシュ{'a3' * 32}"
        f"署名（Ed25519）{'d4' * 64}署名の公開鍵{'0f' * 32}"
        "3記録の連鎖の検証（発行時点）検証した記録消去記録全57件（2026年9月10日10時30分00秒現在）"
        "結果異常なし（変更、削除又は挿入された記録はない）"
        "確認の方法：システムの管理者にjunbanerasureslist、junbanerasuresverify及びjunbanauditverifyの実行を求め、"
        "記録番号、件数及びハッシュが本書と一致し、検証が成功することを確かめる。"
        "記録の変更、削除又は挿入があれば、検証はその記録の番号を示して失敗する。"
        "確認欄年月日所属・氏名消去証明書2026-09-031/1"
    )


def test_day_without_contacts_gets_a_certificate() -> None:
    assert "第42号0000件数は、" in printed(changed(counts={}))


def test_record_without_signature_says_so() -> None:
    text = printed(replace(RECORD, signature=None))

    assert f"署名{UNSIGNED}3記録の連鎖" in text
    assert "公開鍵" not in text


def test_record_without_responsible_says_so() -> None:
    assert "責任者（設定なし）取扱者（設定なし）鍵の識別子" in printed(changed(responsible="", handlers=()))


@pytest.mark.parametrize(
    ("fingerprint", "said"),
    [
        (None, "鍵の識別子なし（この業務日の鍵は作られていなかったため、復号の試験の対象がない）"),
        (UNREADABLE_KEY, "鍵の識別子不明（鍵を開けられなかったため、復号の試験を行わずに破棄した）"),
    ],
)
def test_missing_key_is_not_made_up(fingerprint: str | None, said: str) -> None:
    assert said in printed(changed(key_fingerprint=fingerprint))


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (None, "確かめた（検証の詳細を記録する前の版によるため、詳細の記録はない）。"),
        (
            Proof("none", (), 3, 0),
            "検証その業務日の連絡先が0件であることを確かめた。試験用の暗号文（カナリア）はなかった。実施した版",
        ),
        (
            Proof("none", ("key",), 3, 2),
            "データ領域のファイル3個（ほかに読めないもの2個）を検索し、破棄した鍵がどこにもない",
        ),
    ],
)
def test_verification_claims_no_more_than_was_done(proof: Proof | None, said: str) -> None:
    assert said in printed(changed(proof=proof))


def test_erasure_ahead_of_its_time_says_so() -> None:
    text = printed(changed(is_future=True, as_of=AT + timedelta(days=1)))

    assert "期日の指定2026年9月5日0時10分00秒（実施時より先の期日を指定して、繰り上げて消去した）" in text


def test_broken_chain_stands_at_the_top_and_with_its_result() -> None:
    text = printed(RECORD, chain=ChainState(57, ("Record 41 was changed.", "Record 42 was removed.")))

    assert "証明する。ただし、発行時点で記録の連鎖に異常がある（末尾を参照）。1対象" in text
    assert "結果異常あり検証の出力Record41waschanged.Record42wasremoved.確認の方法" in text


def test_all_records_of_a_day_stand_on_its_page() -> None:
    second = replace(RECORD, id=44, hash="6d" * 32)

    text = printed(RECORD, second)

    assert text.startswith("記録番号第42号・第44号")
    assert "第42号2123010513第44号2123010513" in text
    assert "3消去記録第44号" in text
    assert "版・責任者・取扱者消去記録第42号に同じ" in text
    assert "4記録の連鎖" in text


def test_other_responsible_of_a_later_record_is_printed() -> None:
    second = replace(changed(responsible="新しい課長"), id=44)

    assert "責任者新しい課長" in printed(RECORD, second)


def test_long_names_still_fit_on_the_page() -> None:
    handlers = tuple(f"取扱者の長い名前の課 第{number}係（委託先 例示システム運用株式会社）" for number in range(12))
    record = changed(handlers=handlers, responsible="総括保護管理者の命を受けて連絡先の取扱いを統括する市民課長" * 4)

    document = certificate([replace(sheet(record), office_name="とても長い名前の窓口" * 8)], WHOLE, ISSUED)

    (page,) = pages_of(document)
    assert all("".join(handler.split()) in page for handler in handlers)


def test_each_office_has_a_page() -> None:
    sheets: Sequence[Sheet] = [sheet(RECORD), replace(sheet(RECORD), office_id="kita", office_name="北出張所")]

    pages = pages_of(certificate(sheets, WHOLE, ISSUED))

    assert ["北出張所（kita）" in page for page in pages] == [False, True]


def test_what_no_readable_size_holds_goes_on_to_the_next_page() -> None:
    records = [replace(RECORD, id=number) for number in range(1, 9)]

    pages = pages_of(certificate([sheet(*records)], WHOLE, ISSUED))

    assert len(pages) > 1
    assert all(f"消去記録第{number}号実施" in "".join(pages) for number in range(1, 9))


def test_same_record_gives_the_same_document() -> None:
    assert certificate([sheet(RECORD)], WHOLE, ISSUED) == certificate([sheet(RECORD)], WHOLE, ISSUED)
