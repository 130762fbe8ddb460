from datetime import timedelta
from pathlib import Path

import pytest

from purge_jobs.erasure_log import Erasure
from tests.ticketing.commands.shell import DAY, MORNING, OFFICE_ID, Shell
from tests.ticketing.papers.reading import pages_of
from ticketing.commands.node import Node

ERASURE = Erasure(
    office_id=OFFICE_ID, day=DAY, counts={"email": 3}, key_fingerprint="0123456789abcdef", started_at=MORNING,
    finished_at=MORNING, as_of=MORNING, is_future=False, version="0.1.0", responsible="市民課長", handlers=("市民課",),
)  # fmt: skip


def erase(shell: Shell, *others: Erasure) -> None:
    async def work(node: Node) -> None:
        for erasure in (ERASURE, *others):
            await node.erasures.append(erasure)

    shell.happens(work)


def of_office(office_id: str) -> Erasure:
    values = {name: getattr(ERASURE, name) for name in Erasure.__dataclass_fields__}
    return Erasure(**values | {"office_id": office_id})


def test_certificate_is_written_and_on_record(shell: Shell, tmp_path: Path) -> None:
    erase(shell)
    paper = tmp_path / "paper.pdf"

    told = shell.run("erasures", "certificate", "2026-09-03", "-o", str(paper))

    assert told == (0, "", "")
    (page,) = pages_of(paper.read_bytes())
    assert page.startswith("記録番号第1号")
    assert "みなと市役所（minato）業務日令和8年9月3日（木）2026-09-03" in page
    assert "責任者市民課長取扱者市民課鍵の識別子0123456789abcdef" in page
    assert "署名（Ed25519）" in page
    assert "結果異常なし" in page
    assert shell.recorded("erasures.certificate") == [("every office 2026-09-03", "ok")]
    assert paper.stat().st_mode & 0o007 == 0


def test_certificate_has_a_page_an_office_also_of_one_no_longer_configured(shell: Shell, tmp_path: Path) -> None:
    erase(shell, of_office("kita"))
    paper = tmp_path / "paper.pdf"

    shell.run("erasures", "certificate", "2026-09-03", "-o", str(paper))

    pages = pages_of(paper.read_bytes())
    assert ["拠点kita（kita）" in page for page in pages] == [False, True]


def test_certificate_of_one_office_leaves_the_others_out(shell: Shell, tmp_path: Path) -> None:
    erase(shell, of_office("kita"))
    paper = tmp_path / "paper.pdf"

    shell.run("erasures", "certificate", "2026-09-03", "--office", "kita", "-o", str(paper))

    assert [page[:7] for page in pages_of(paper.read_bytes())] == ["記録番号第2号"]


@pytest.mark.parametrize(
    "words", [("2026-09-04",), ("2026-09-03", "--office", "kita")], ids=["another day", "another office"]
)
def test_day_that_was_not_erased_has_no_certificate(shell: Shell, tmp_path: Path, words: tuple[str, ...]) -> None:
    erase(shell)
    paper = tmp_path / "paper.pdf"

    code, output, errors = shell.run("erasures", "certificate", *words, "-o", str(paper))

    sentence = "There is no erasure record of that day and office; `junban erasures list` shows those there are.\n"
    assert (code, output, errors) == (1, "", sentence)
    assert not paper.exists()
    assert [result for _, result in shell.recorded("erasures.certificate")] == ["not_erased"]


def test_certificate_replaces_a_file_only_when_told_to(shell: Shell, tmp_path: Path) -> None:
    erase(shell)
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"something else")
    words = ("erasures", "certificate", "2026-09-03", "-o", str(paper))

    refused = shell.run(*words)
    kept = paper.read_bytes()
    code, _, _ = shell.run(*words, "--force")

    sentence = "There is a file of that name already; name another one, or replace it with --force.\n"
    assert (refused, kept) == ((1, "", sentence), b"something else")
    assert (code, paper.read_bytes()[:5]) == (0, b"%PDF-")


def test_certificate_in_a_folder_that_is_not_there_is_refused(shell: Shell, tmp_path: Path) -> None:
    erase(shell)

    told = shell.run("erasures", "certificate", "2026-09-03", "-o", str(tmp_path / "none" / "paper.pdf"))

    assert told == (1, "", "The file cannot be written there.\n")


def test_certificate_of_a_changed_record_says_so_and_fails(shell: Shell, tmp_path: Path) -> None:
    erase(shell)
    shell.change("DROP TRIGGER erasures_refuse_update")
    shell.change("UPDATE erasures SET counts = '{}' WHERE id = 1")
    paper = tmp_path / "paper.pdf"

    code, output, errors = shell.run("erasures", "certificate", "2026-09-03", "-o", str(paper))

    assert (code, output, errors) == (1, "", "The certificate says: Record 1 was changed.\n")
    (page,) = pages_of(paper.read_bytes())
    assert "ただし、発行時点で記録の連鎖に異常がある" in page
    assert "結果異常あり検証の出力Record1waschanged." in page


def test_certificate_of_a_record_of_operations_with_a_gap_says_so_and_fails(shell: Shell, tmp_path: Path) -> None:
    erase(shell)
    shell.change("DROP TRIGGER audit_refuses_delete")
    shell.change("DELETE FROM audit WHERE id = 1")
    paper = tmp_path / "paper.pdf"

    code, _, errors = shell.run("erasures", "certificate", "2026-09-03", "-o", str(paper))

    assert (code, errors) == (1, "The certificate says: Operation 1 is missing at the end.\n")
    (page,) = pages_of(paper.read_bytes())
    assert "結果異常あり検証の出力Operation1ismissingattheend." in page


def test_day_reopened_and_erased_again_has_both_records(shell: Shell, tmp_path: Path) -> None:
    values = {name: getattr(ERASURE, name) for name in Erasure.__dataclass_fields__}
    erase(shell, Erasure(**values | {"started_at": MORNING + timedelta(hours=1)}))
    paper = tmp_path / "paper.pdf"

    shell.run("erasures", "certificate", "2026-09-03", "-o", str(paper))

    assert [page[:11] for page in pages_of(paper.read_bytes())] == ["記録番号第1号・第2号"]


def test_who_is_responsible_goes_from_the_configuration_into_record_and_certificate(
    shell: Shell, tmp_path: Path
) -> None:
    async def register(node: Node) -> None:
        await node.site.contacts.put(
            OFFICE_ID, DAY, "A001", "email", "hanako@example.jp", "ja", None, None, node.clock.now()
        )

    async def purge(node: Node) -> None:
        await node.run_purge()

    config = shell.installation.config
    privacy = '[privacy]\nresponsible = "みなと市 市民課長"\nhandlers = ["市民課", "例示システム株式会社"]\n'
    config.write_text(privacy + config.read_text("utf-8"), "utf-8")
    shell.serve_two()
    shell.happens(register)
    shell.happens(purge, MORNING + timedelta(days=1))
    paper = tmp_path / "paper.pdf"

    code, _, _ = shell.run("erasures", "certificate", "2026-09-03", "-o", str(paper))

    (page,) = pages_of(paper.read_bytes())
    assert code == 0
    assert "責任者みなと市市民課長取扱者市民課、例示システム株式会社鍵の識別子" in page
    assert "第1号1001件数は、" in page
    assert "試験用の暗号文（カナリア）が、消去前には開き、消去後に残るどの鍵でも開かないことを確かめた。" in page
    assert "hanako" not in page
