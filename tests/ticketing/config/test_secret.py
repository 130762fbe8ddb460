from ticketing.config import Secret


def test_secret_shows_only_that_it_is_there() -> None:
    secret = Secret("hunter2")

    assert (repr(secret), str(secret), f"{secret}", f"{secret!r:>5}") == ("***", "***", "***", "  ***")
    assert secret.reveal() == "hunter2"


def test_secret_that_is_empty_is_false() -> None:
    assert (bool(Secret()), bool(Secret("x")), str(Secret())) == (False, True, "")


def test_secret_equals_only_the_same_secret() -> None:
    secret = Secret("x")

    assert [secret == other for other in (Secret("x"), Secret("y"), "x")] == [True, False, False]
    assert len({secret, Secret("x")}) == 1
