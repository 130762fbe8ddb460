from datetime import timedelta

from purge_jobs.erasure_log import Erasure
from tests.ticketing.commands.shell import DAY, MORNING, OFFICE_ID, Shell
from ticketing.commands.node import Node
from ticketing.signing import SigningKey, read_public_key

RECORDS = 3


def erase(shell: Shell) -> None:
    async def work(node: Node) -> None:
        for days in range(RECORDS):
            await node.erasures.append(
                Erasure(
                    office_id=OFFICE_ID, day=DAY - timedelta(days=days + 1), counts={"email": days, "line": 1},
                    key_fingerprint="0123456789abcdef" if days else None, started_at=MORNING, finished_at=MORNING,
                    as_of=MORNING, is_future=days == 2, version="0.1.0", responsible="Citizens' Affairs",
                    handlers=("Example Systems Ltd.",),
                )
            )  # fmt: skip

    shell.happens(work)


def test_erasures_list_prints_a_line_for_each_record(shell: Shell) -> None:
    erase(shell)

    code, output, errors = shell.run("erasures", "list")

    lines = [line.split("\t") for line in output.splitlines()]
    assert (code, errors) == (0, "")
    assert [line[:8] for line in lines] == [
        ["1", "minato", "2026-09-02", "email=0 line=1", "-", "2026-09-03T02:00:00.000Z", "0.1.0", "erased"],
        [
            "2", "minato", "2026-09-01", "email=1 line=1", "0123456789abcdef", "2026-09-03T02:00:00.000Z", "0.1.0",
            "erased",
        ],
        [
            "3", "minato", "2026-08-31", "email=2 line=1", "0123456789abcdef",
            "2026-09-03T02:00:00.000Z (as of a future time)", "0.1.0", "erased",
        ],
    ]  # fmt: skip
    assert len({line[8] for line in lines}) == RECORDS
    assert shell.recorded("erasures.list") == [(None, "ok")]


def test_erasures_verify_finds_the_chain_whole(shell: Shell) -> None:
    erase(shell)

    code, output, errors = shell.run("erasures", "verify")

    last = shell.run("erasures", "list")[1].splitlines()[-1].split("\t")[-1]
    first_line, last_line = output.splitlines()
    assert (code, errors) == (0, "")
    assert first_line == "Erasure records checked: 3; all are as they were written."
    assert last_line.startswith(f"The last one is 3, hash {last}")
    assert shell.recorded("erasures.verify") == [(None, "ok")]


def test_erasures_verify_names_what_was_changed_and_removed(shell: Shell) -> None:
    erase(shell)
    shell.change("DROP TRIGGER erasures_refuse_update")
    shell.change("DROP TRIGGER erasures_refuse_delete")
    shell.change("UPDATE erasures SET counts = '{}' WHERE id = 3")
    shell.change("DELETE FROM erasures WHERE id = 2")

    code, output, errors = shell.run("erasures", "verify")

    assert (code, output) == (1, "")
    assert errors.splitlines() == [
        "Between record 1 and record 3 something is missing.",
        "Record 3 was changed.",
        "Record 2 was removed: the record of operations names it.",
        "Record 2 was removed: a signed head names it.",
    ]


def test_erasures_verify_believes_only_the_public_keys_it_is_given(shell: Shell) -> None:
    erase(shell)
    own, foreign = shell.installation.data / "own.pem", shell.installation.data / "foreign.pem"
    own.write_text(shell.run("keys", "public")[1])
    foreign.write_text(SigningKey.of(bytes(32)).public_pem)

    with_own = shell.run("erasures", "verify", "--public-key", str(own))
    with_foreign = shell.run("erasures", "verify", "--public-key", str(foreign))
    with_both = shell.run("erasures", "verify", "--public-key", str(foreign), "--public-key", str(own))

    public_key = read_public_key(own)
    assert (with_own[0], with_both, with_foreign[:2]) == (0, with_own, (1, ""))
    assert with_foreign[2].splitlines()[0] == f"Record 1 was signed with another key ({public_key[:16]}…)."


def test_erasures_verify_without_the_signing_key_asks_for_the_public_one(shell: Shell) -> None:
    erase(shell)
    key = shell.installation.data / "signing.key"
    key.unlink()

    told = shell.run("erasures", "verify")

    assert told == (
        1, "", f"The signing key {key} is missing; name the file of its public key with --public-key.\n"
    )  # fmt: skip
    assert not key.exists()


def test_erasures_of_a_new_installation_are_none(shell: Shell) -> None:
    shell.serve_two()

    assert shell.run("erasures", "list") == (0, "", "")
    assert shell.run("erasures", "verify") == (0, "Erasure records checked: 0; all are as they were written.\n", "")
