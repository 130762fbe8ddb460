import subprocess
from pathlib import Path

import pytest

from ticketing.keys import KeyFileError
from ticketing.signing import (
    Signature,
    SigningKey,
    is_signed,
    load_signing_key,
    read_public_key,
    signature_problem,
    trusted_keys,
)

KEY, OTHER = SigningKey.of(bytes(range(32))), SigningKey.of(bytes(32))


def test_signing_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "data" / "signing.key"

    made = load_signing_key(path, tmp_path / "data")

    assert load_signing_key(path, tmp_path / "data").public_key == made.public_key
    assert path.stat().st_mode & 0o777 == 0o600


def test_signing_key_does_not_show_itself() -> None:
    assert repr(KEY) == "SigningKey()"


def test_signature_is_of_its_text_and_key_only() -> None:
    signature = KEY.sign(b"text")
    foreign = Signature(OTHER.public_key, signature.signature)

    found = [is_signed(b"text", signature), is_signed(b"other", signature), is_signed(b"text", foreign)]

    assert found == [True, False, False]
    assert not is_signed(b"text", Signature("no hexadecimal", signature.signature))


def test_signature_of_a_stranger_counts_for_nothing() -> None:
    trusted = {KEY.public_key}

    problems = [signature_problem(b"text", key.sign(b"text"), trusted) for key in (KEY, OTHER)]

    assert problems == [None, f"was signed with another key ({OTHER.public_key[:16]}…)"]


def test_public_key_is_read_as_it_is_printed(tmp_path: Path) -> None:
    path = tmp_path / "public.pem"
    path.write_text(KEY.public_pem)

    assert read_public_key(path) == KEY.public_key
    assert trusted_keys(tmp_path / "none", [path]) == {KEY.public_key}


def test_public_key_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "public.pem"
    path.write_text("-----BEGIN NOTHING-----")

    with pytest.raises(KeyFileError, match="holds no public key"):
        read_public_key(path)
    with pytest.raises(KeyFileError, match="cannot be read: No such file"):
        read_public_key(tmp_path / "none")


def test_signature_is_checked_by_another_program_too(tmp_path: Path) -> None:
    public, text, signature = tmp_path / "public.pem", tmp_path / "text", tmp_path / "signature"
    public.write_text(KEY.public_pem)
    text.write_bytes(b"text")
    signature.write_bytes(bytes.fromhex(KEY.sign(b"text").signature))

    checked = subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", text, "-sigfile", signature],
        capture_output=True, check=False,
    )  # fmt: skip

    assert checked.stdout == b"Signature Verified Successfully\n"
