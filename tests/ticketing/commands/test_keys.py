import base64
from datetime import timedelta
from pathlib import Path

from tests.processes import junban
from tests.ticketing.commands.shell import DAY, OFFICE_ID, Shell
from ticketing.keys import DayKeys
from ticketing.signing import SigningKey, read_public_key

NEW = bytes(range(32))


def add_keys(shell: Shell) -> list[bytes]:
    shell.serve_two()
    keys = DayKeys(shell.installation.data / "keys", master_key(shell))
    return [keys.key(OFFICE_ID, DAY + timedelta(days=days)) for days in (0, 1)]


def master_key(shell: Shell) -> bytes:
    return base64.b64decode((shell.installation.data / "master.key").read_bytes())


def test_keys_list_names_every_day_and_no_key(shell: Shell) -> None:
    day_keys = add_keys(shell)
    keys = DayKeys(shell.installation.data / "keys", master_key(shell))
    (shell.installation.data / "keys" / OFFICE_ID / "2026-09-04.key").write_bytes(b"x" * 40)

    code, output, errors = shell.run("keys", "list")

    fingerprint = keys.fingerprint(OFFICE_ID, DAY)
    assert (code, output, errors) == (
        0, f"{OFFICE_ID}\t2026-09-03\t{fingerprint}\n{OFFICE_ID}\t2026-09-04\tunreadable\n", "",
    )  # fmt: skip
    assert not any(key.hex() in output or base64.b64encode(key).decode() in output for key in day_keys)
    assert shell.recorded("keys.list") == [(None, "ok")]


def test_keys_rotate_to_a_new_file_makes_it_and_leaves_every_key_readable(shell: Shell, tmp_path: Path) -> None:
    day_keys = add_keys(shell)
    before, new_file = master_key(shell), tmp_path / "new.key"

    code, output, errors = shell.run("keys", "rotate", "--to", str(new_file))

    configured = shell.installation.data / "master.key"
    keys = DayKeys(shell.installation.data / "keys", master_key(shell))
    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        "Day keys wrapped with the new master key: 2.",
        f"{configured} holds the new master key; keep {new_file} apart, or destroy it.",
    ]
    assert (configured.read_bytes(), new_file.stat().st_mode & 0o777) == (new_file.read_bytes(), 0o600)
    assert master_key(shell) != before
    assert [keys.existing(OFFICE_ID, DAY + timedelta(days=days)) for days in (0, 1)] == day_keys
    assert shell.recorded("keys.rotate") == [(None, "begun"), ("2 day keys", "ok")]


def test_keys_rotate_to_the_file_in_use_is_refused(shell: Shell) -> None:
    add_keys(shell)
    configured = shell.installation.data / "master.key"

    told = shell.run("keys", "rotate", "--to", str(configured))

    assert told == (1, "", f"{configured} is the master key in use; name another file for the new one.\n")


def test_keys_rotate_in_a_folder_that_does_not_exist_says_so(shell: Shell, tmp_path: Path) -> None:
    add_keys(shell)
    path = tmp_path / "mistyped" / "new.key"

    told = shell.run("keys", "rotate", "--to", str(path))

    assert told == (1, "", f"The new master key {path} is missing, and so is its folder; --to names it\n")


def test_keys_rotate_with_a_key_command_is_done_in_two_steps(shell: Shell, tmp_path: Path) -> None:
    given, new_file = tmp_path / "vault", tmp_path / "new.key"
    given.write_bytes(base64.b64encode(bytes(32)))
    new_file.write_bytes(base64.b64encode(NEW))
    config = shell.installation.config
    config.write_text(f'[security]\nkey_command = ["/bin/cat", "{given}"]\n' + config.read_text("utf-8"), "utf-8")
    shell.serve_two()
    key = DayKeys(shell.installation.data / "keys", bytes(32)).key(OFFICE_ID, DAY)

    first = shell.run("keys", "rotate", "--to", str(new_file))
    listed = shell.run("keys", "list")
    given.write_bytes(new_file.read_bytes())
    second = shell.run("keys", "rotate", "--to", str(new_file))

    assert first[1].splitlines()[1] == (
        f"Now let the key command print the key in {new_file}, and run this command once more."
    )
    assert listed[2] == "A rotation was begun and not finished: run junban keys rotate again.\n"
    assert (second[0], second[1].splitlines()) == (0, ["Day keys wrapped with the new master key: 1."])
    assert shell.run("keys", "list")[2] == ""
    assert DayKeys(shell.installation.data / "keys", NEW).existing(OFFICE_ID, DAY) == key
    assert not (shell.installation.data / "master.key").exists()
    assert shell.recorded("keys.rotate")[1] == ("1 day keys", "key command still old")


def test_key_command_that_fails_is_one_sentence(shell: Shell) -> None:
    config = shell.installation.config
    shell.serve_two()
    config.write_text('[security]\nkey_command = ["/bin/false", "token"]\n' + config.read_text("utf-8"), "utf-8")

    assert shell.run("purge") == (1, "", "The key command /bin/false failed with exit code 1.\n")


def test_keys_public_prints_what_others_can_read(shell: Shell, tmp_path: Path) -> None:
    shell.serve_two()
    path = tmp_path / "public.pem"

    path.write_text(shell.run("keys", "public")[1])

    seed = base64.b64decode((shell.installation.data / "signing.key").read_bytes())
    assert read_public_key(path) == SigningKey.of(seed).public_key


async def test_server_goes_on_through_a_rotation(tmp_path: Path, shell: Shell) -> None:
    made = shell.installation
    async with made.serving() as server:
        client = server.client()
        first = await client.post("/api/v1/offices/minato/tickets", json={"service": "family"})
        code, _, errors = await junban(
            "keys", "rotate", "--to", str(tmp_path / "new.key"), "--config", str(made.config), "--data", str(made.data)
        )
        shown = await client.get("/api/v1/ticket", headers={"Authorization": f"Bearer {first.json()['secret']}"})
        second = await client.post("/api/v1/offices/minato/tickets", json={"service": "family"})

    assert (code, errors, first.status_code, shown.status_code, second.status_code) == (0, "", 201, 200, 201)
