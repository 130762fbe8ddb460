import pytest

from ticketing.__main__ import main


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "junban: the following arguments are required: COMMAND."),
        (("serve", "--fast"), "junban: unrecognized arguments: --fast."),
        (("serve", "--roles", "boss"), "junban serve: argument --roles: the roles are web, notifier, purge."),
        (("staff",), "junban staff: the following arguments are required: ACTION."),
        (("staff", "disable"), "junban staff disable: the following arguments are required: NAME."),
        (("report", "minato", "a\nb"), "junban report: argument DAY: a day is written like 2026-09-03."),
        (("serve", "a\nb"), "junban: unrecognized arguments: a b."),
    ],
)
def test_parser_says_in_one_sentence_what_is_wrong(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert (ended.value.code, capsys.readouterr()) == (2, ("", sentence + "\n"))
