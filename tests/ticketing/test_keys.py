import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from ticketing.keys import DayKeys, KeyFileError, derive

MASTER = bytes(range(32))
DAY = date(2026, 9, 3)


@pytest.fixture
def key_dir(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def keys(key_dir: Path) -> DayKeys:
    return DayKeys(key_dir, MASTER)


def test_key_stays_the_same_and_another_process_reads_it(keys: DayKeys, key_dir: Path) -> None:
    key = keys.key("minato", DAY)

    assert (len(key), keys.key("minato", DAY), DayKeys(key_dir, MASTER).existing("minato", DAY)) == (32, key, key)


def test_key_differs_by_office_and_day(keys: DayKeys) -> None:
    found = {keys.key("minato", DAY), keys.key("kita", DAY), keys.key("minato", date(2026, 9, 4))}

    assert len(found) == 3
    assert keys.days() == [("kita", DAY), ("minato", DAY), ("minato", date(2026, 9, 4))]


def test_key_file_is_wrapped_and_for_its_owner_only(keys: DayKeys, key_dir: Path) -> None:
    key = keys.key("minato", DAY)

    path = key_dir / "minato" / "2026-09-03.key"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert [found.stat().st_mode & 0o777 for found in (path, path.parent, key_dir)] == [0o600, 0o700, 0o700]
    assert (len(path.read_bytes()), key in path.read_bytes()) == (40, False)


def test_key_made_by_many_at_once_is_one(key_dir: Path) -> None:
    makers = [DayKeys(key_dir, MASTER) for _ in range(16)]

    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda maker: maker.key("minato", DAY), makers))

    assert len(made) == 1


def test_existing_is_none_before_the_first_use(keys: DayKeys) -> None:
    assert (keys.existing("minato", DAY), keys.fingerprint("minato", DAY), keys.days()) == (None, None, [])


def test_destroyed_key_is_gone_for_other_processes_too(keys: DayKeys, key_dir: Path) -> None:
    other = DayKeys(key_dir, MASTER)
    key = other.key("minato", DAY)
    keys.key("minato", DAY)

    keys.destroy("minato", DAY)

    assert (keys.existing("minato", DAY), other.existing("minato", DAY), keys.days()) == (None, None, [])
    assert other.key("minato", DAY) != key


def test_key_that_another_process_made_anew_is_noticed(keys: DayKeys, key_dir: Path) -> None:
    other = DayKeys(key_dir, MASTER)
    other.key("minato", DAY)
    keys.destroy("minato", DAY)

    made_anew = keys.key("minato", DAY)

    assert other.existing("minato", DAY) == made_anew


def test_destroyed_key_is_overwritten_before_its_file_goes(keys: DayKeys, key_dir: Path) -> None:
    keys.key("minato", DAY)
    path = key_dir / "minato" / "2026-09-03.key"
    witness = key_dir / "witness"
    os.link(path, witness)
    wrapped = path.read_bytes()

    keys.destroy("minato", DAY)

    assert len(witness.read_bytes()) == 40
    assert witness.read_bytes() != wrapped


def test_key_half_destroyed_by_a_crash_is_no_key_any_more(
    keys: DayKeys, key_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.key("minato", DAY)

    def unlink(path: Path) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", unlink)
        with pytest.raises(KeyFileError, match="cannot be destroyed"):
            keys.destroy("minato", DAY)
    after = DayKeys(key_dir, MASTER)

    # Or no service would start the next morning: not one of its keys could be opened.
    after.check()
    assert (after.existing("minato", DAY), after.days()) == (None, [])
    after.destroy("minato", DAY)
    assert list((key_dir / "minato").iterdir()) == []


def test_destroy_without_a_key_does_nothing(keys: DayKeys) -> None:
    keys.destroy("minato", DAY)

    assert keys.days() == []


def test_fingerprint_is_short_and_the_same_everywhere(keys: DayKeys, key_dir: Path) -> None:
    keys.key("minato", DAY)

    fingerprint = keys.fingerprint("minato", DAY)

    assert fingerprint == DayKeys(key_dir, MASTER).fingerprint("minato", DAY)
    assert len(fingerprint or "") == 16


def test_key_under_another_master_key_is_refused(keys: DayKeys, key_dir: Path) -> None:
    keys.key("minato", DAY)
    other = DayKeys(key_dir, bytes(32))

    with pytest.raises(KeyFileError, match="cannot be opened with this master key"):
        other.key("minato", DAY)


@pytest.mark.parametrize("office_id", ["", "..", "a/b", ".hidden", "a\0"])
def test_office_id_that_leads_elsewhere_is_refused(keys: DayKeys, office_id: str) -> None:
    with pytest.raises(ValueError, match="not an office id"):
        keys.key(office_id, DAY)


def test_derive_gives_each_purpose_its_own_key() -> None:
    labels = [b"ticket", b"body", b"arrival", b"contact", b"index"]

    derived = {derive(MASTER, label) for label in labels}

    assert len(derived) == 5
    assert {len(key) for key in derived} == {32}


def test_check_finds_a_master_key_that_fits_no_day_key(keys: DayKeys, key_dir: Path) -> None:
    other = DayKeys(key_dir, bytes(32))
    other.check()
    keys.key("minato", DAY)

    keys.check()
    with pytest.raises(KeyFileError, match="cannot be opened with this master key"):
        other.check()


def test_check_is_content_with_one_day_key_that_opens(keys: DayKeys, key_dir: Path) -> None:
    keys.key("minato", DAY)
    (key_dir / "minato" / "2026-09-04.key").write_bytes(bytes(40))

    keys.check()
