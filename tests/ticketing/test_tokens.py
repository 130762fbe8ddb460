from hashlib import sha256

import pytest

from ticketing.tokens import new_token, token_hash


def test_new_token_has_its_bits() -> None:
    assert (len(new_token()), len(new_token(bits=128))) == (43, 22)


def test_new_token_is_never_the_same() -> None:
    assert len({new_token() for _ in range(1000)}) == 1000


def test_token_hash_is_sha256() -> None:
    token = "a" * 43

    assert token_hash(token) == sha256(b"a" * 43).hexdigest()


@pytest.mark.parametrize(
    "text", ["", "short", "a" * 65, "a" * 42 + "=", "a" * 42 + "é", "a" * 42 + "\udc80", "a" * 43 + "\n"]
)
def test_token_hash_of_no_token_is_none(text: str) -> None:
    assert token_hash(text) is None
