import base64
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from ticketing.config.model import Security
from ticketing.keys import DayKeys, KeyFileError
from ticketing.master_key import ask_for_key, configured_master_key, load_master_key

MASTER = bytes(range(32))
DAY = date(2026, 9, 3)


def load(path: Path, folder: Path) -> bytes:
    """As an installation in ``folder`` does whose data directory is ``data``."""
    return load_master_key(path, folder / "data" / "keys", folder / "data")


def test_master_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "data" / "master.key"

    made = load(path, tmp_path)

    assert (len(made), load(path, tmp_path)) == (32, made)
    assert [each.stat().st_mode & 0o777 for each in (path, path.parent)] == [0o600, 0o700]


def test_master_key_elsewhere_is_made_in_a_folder_that_exists(tmp_path: Path) -> None:
    path = tmp_path / "master.key"

    assert load(path, tmp_path) == load(path, tmp_path)


def test_master_key_in_a_folder_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mistyped" / "master.key"

    with pytest.raises(KeyFileError) as refused:
        load(path, tmp_path)

    assert str(refused.value) == (f"The master key {path} is missing, and so is its folder; master_key_file names it")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["data", "elsewhere"])
def test_master_key_is_not_made_beside_day_keys(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    DayKeys(tmp_path / "data" / "keys", MASTER).key("minato", DAY)
    path = tmp_path / folder / "master.key"

    with pytest.raises(KeyFileError) as refused:
        load(path, tmp_path)

    assert str(refused.value) == (
        f"The master key {path} is missing; the day keys in {tmp_path / 'data' / 'keys'} need the one that made them."
    )
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"!!!", "is not a line of base64"), (b"AAAA", "has 3 bytes; it needs 32"), (b"", "has 0 bytes; it needs 32")],
)
def test_master_key_of_another_form_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(content)

    with pytest.raises(KeyFileError, match=sentence):
        load(path, tmp_path)


def test_master_key_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read or made"):
        load(tmp_path, tmp_path)


def printing(text: str) -> tuple[str, ...]:
    """A key command that prints a text."""
    return (sys.executable, "-c", f"print({text!r})")


def security(folder: Path, *, master: Path | None = None, command: tuple[str, ...] = ()) -> Security:
    return Security(folder / "keys", master, folder / "signing.key", command)


def test_key_command_gives_the_key() -> None:
    assert ask_for_key(printing(base64.b64encode(MASTER).decode())) == MASTER


@pytest.mark.parametrize(
    ("command", "end"),
    [
        ((sys.executable, "-c", "import sys; print('c2VjcmV0'); sys.exit(3)"), "failed with exit code 3."),
        ((sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"), "failed with exit code -9."),
        (("/nowhere/vault", "token-of-the-vault"), "cannot be run: No such file or directory."),
    ],
)
def test_key_command_that_fails_is_named_without_its_arguments(command: tuple[str, ...], end: str) -> None:
    with pytest.raises(KeyFileError) as refused:
        ask_for_key(command)

    assert str(refused.value) == f"The key command {command[0]} {end}"


@pytest.mark.parametrize(
    ("printed", "end"), [("c2VjcmV0", "has 6 bytes; it needs 32."), ("no key", "is not a line of base64.")]
)
def test_what_a_key_command_prints_is_never_repeated(printed: str, end: str) -> None:
    with pytest.raises(KeyFileError) as refused:
        ask_for_key(printing(printed))

    assert str(refused.value) == f"What the key command {sys.executable} printed {end}"


def test_key_command_that_gives_no_answer_is_ended_with_all_it_started() -> None:
    began = time.monotonic()

    with pytest.raises(KeyFileError) as refused:
        ask_for_key(("/bin/sh", "-c", "sleep 60 & sleep 60"), timeout_seconds=0.2)

    assert str(refused.value) == "The key command /bin/sh gave no answer within 0.2 seconds."
    assert time.monotonic() - began < 10


def test_master_key_of_a_command_opens_what_it_wrapped(tmp_path: Path) -> None:
    command = printing(base64.b64encode(MASTER).decode())

    made = DayKeys(tmp_path / "keys", configured_master_key(security(tmp_path, command=command), tmp_path))
    key = made.key("minato", DAY)

    assert DayKeys(tmp_path / "keys", MASTER).existing("minato", DAY) == key


def test_master_key_file_put_in_anothers_place_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    master = configured_master_key(security(tmp_path, master=path), tmp_path)
    before = master.candidates()

    path.unlink()
    path.write_bytes(base64.b64encode(MASTER))

    assert (len(before), master.candidates()) == (1, (MASTER,))


def test_master_key_does_not_show_itself(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_bytes(base64.b64encode(MASTER))
    master = configured_master_key(security(tmp_path, master=path), tmp_path)
    master.candidates()

    shown = repr(master)

    assert (repr(MASTER) in shown, shown.startswith("MasterKey(key_dir=")) == (False, True)
