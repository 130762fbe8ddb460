from datetime import timedelta
from pathlib import Path

from tests.ticketing.commands.shell import DAY, MORNING, OFFICE_ID, Shell
from tests.ticketing.papers.reading import pages_of
from ticketing.commands.node import Node


def report(shell: Shell, paper: Path, *words: str) -> tuple[int, str, str]:
    return shell.run("handling-report", "2026-09-01", "2026-09-30", "-o", str(paper), *words)


def text_of(paper: Path) -> str:
    return "".join(pages_of(paper.read_bytes()))


async def register(node: Node) -> None:
    await node.site.contacts.put(
        OFFICE_ID, DAY, "A001", "email", "hanako@example.jp", "ja", None, None, node.clock.now()
    )


def test_report_tells_what_was_erased_and_is_on_record(shell: Shell, tmp_path: Path) -> None:
    async def erase(node: Node) -> None:
        await node.run_purge()

    shell.serve_two()
    shell.happens(register)
    shell.happens(erase, MORNING + timedelta(days=1))
    paper = tmp_path / "paper.pdf"

    told = report(shell, paper)

    text = text_of(paper)
    assert told == (0, "", "")
    assert "消去した連絡先1件（電子メール1件、LINE0件、電話0件）消去の記録1件うち期日に遅れたもの1件" in text
    assert "令和8年9月3日（木）minato100第1号2026-09-0411:00遅延" in text
    assert "消去記録全1件異常なし" in text
    assert "purge消去の実行10" in text
    assert "hanako" not in text
    assert shell.recorded("handling.report") == [("2026-09-01 2026-09-30", "ok")]


def test_day_that_is_overdue_is_told_without_the_master_key(shell: Shell, tmp_path: Path) -> None:
    long_ago = MORNING.replace(year=2020)

    async def register_then(node: Node) -> None:
        await node.site.contacts.put(
            OFFICE_ID, long_ago.date(), "A001", "email", "hanako@example.jp", "ja", None, None, long_ago
        )

    shell.serve_two(long_ago)
    shell.happens(register_then, long_ago)
    master = shell.installation.data / "master.key"
    master.rename(tmp_path / "elsewhere.key")
    paper = tmp_path / "paper.pdf"

    code, _, _ = shell.run("handling-report", "2020-09-01", "2020-09-30", "-o", str(paper))

    assert (code, master.exists()) == (0, False)
    assert "期日を過ぎて未消去1件" in text_of(paper)
    assert "令和2年9月3日（木）minato2020-09-0400:10未消去" in text_of(paper)


def test_period_that_ends_before_it_begins_is_refused(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two()

    told = shell.run("handling-report", "2026-09-30", "2026-09-01", "-o", str(tmp_path / "paper.pdf"))

    assert told == (1, "", "The last day of the period lies before the first.\n")
    assert shell.recorded("handling.report") == [("2026-09-30 2026-09-01", "wrong_period")]


def test_report_replaces_a_file_only_when_told_to(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two()
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"something else")

    refused = report(shell, paper)
    kept = paper.read_bytes()
    code, _, _ = report(shell, paper, "--force")

    sentence = "There is a file of that name already; name another one, or replace it with --force.\n"
    assert (refused, kept) == ((1, "", sentence), b"something else")
    assert (code, paper.read_bytes()[:5]) == (0, b"%PDF-")


def test_report_of_an_installation_that_is_not_there_is_refused(shell: Shell, tmp_path: Path) -> None:
    code, output, errors = report(shell, tmp_path / "paper.pdf")

    assert (code, output) == (1, "")
    assert errors.startswith("There is no database ")
