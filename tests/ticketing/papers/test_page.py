from datetime import UTC, datetime

from tests.ticketing.papers.reading import catalogue_of, fonts_of, packet_of, pages_of, size_of
from ticketing.papers.page import Cell, Column, Paper

AT = datetime(2026, 9, 3, 15, tzinfo=UTC)
COLUMNS = (Column("番号", 0.5), Column("件数", 0.5, "R"))


def paper() -> Paper:
    return Paper(title="試験", made_at=AT, footer="脚注")


def test_document_is_a4_and_carries_its_fonts() -> None:
    made = paper()
    made.title("題名")
    made.text("本文 abc")

    document = made.bytes()

    assert [round(each) for each in size_of(document)] == [595, 842]
    assert sorted(set(fonts_of(document))) == [("/MPDFAA+BIZUDGothic", True), ("/MPDFAA+BIZUDGothicBold", True)]
    assert len(document) < 60_000
    assert pages_of(document) == ["題名本文abc脚注1/1"]


def test_document_is_made_for_archives() -> None:
    packet = packet_of(paper().bytes())

    assert "<pdfaid:part>2</pdfaid:part>" in packet
    assert packet.count("2026-09-03T15:00:00+00:00") == 3
    assert catalogue_of(paper().bytes())["/Lang"] == "ja"


def test_same_content_gives_the_same_bytes() -> None:
    first, second = paper(), paper()

    for each in (first, second):
        each.table(COLUMNS, [["1", "2"]])

    assert first.bytes() == second.bytes()


def test_headings_of_a_table_come_again_on_the_next_page() -> None:
    made = paper()

    made.table(COLUMNS, [[f"第{number}号", "1"] for number in range(60)])

    first, second = pages_of(made.bytes())
    assert first.startswith("番号件数第0号1")
    assert second.startswith("番号件数第")
    assert second.endswith("第59号1脚注2/2")


def test_row_of_a_ledger_is_not_parted_by_the_pages_end() -> None:
    made = paper()

    made.ledger([(f"{number}番", Cell("上\n下", is_code=True)) for number in range(40)])

    pages = pages_of(made.bytes())
    assert len(pages) == 2
    assert all(page.count("上") == page.count("下") for page in pages)


def test_smaller_scale_holds_more() -> None:
    small = Paper(title="試験", made_at=AT, footer="脚注", scale=0.7)

    small.table(COLUMNS, [[f"第{number}号", "1"] for number in range(45)])

    assert len(pages_of(small.bytes())) == 1
