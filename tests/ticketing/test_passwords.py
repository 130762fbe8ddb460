import asyncio
from statistics import median
from time import process_time

from argon2 import PasswordHasher

from ticketing.passwords import Passwords, TooManySignIns

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


async def test_passwords_match_their_own_hash_only() -> None:
    passwords = Passwords(QUICK)
    stored = await passwords.hash("correct horse battery")

    assert [await passwords.matches(stored, text) for text in ("correct horse battery", "correct horse", "")] == [
        True,
        False,
        False,
    ]


async def test_passwords_match_however_the_keyboard_composes_letters() -> None:
    passwords = Passwords(QUICK)

    stored = await passwords.hash("がぎぐげござじずぜぞだぢ")

    assert await passwords.matches(stored, "がぎぐげござじずぜぞだぢ".replace("が", "か\u3099"))


async def test_passwords_take_any_text() -> None:
    passwords = Passwords(QUICK)

    stored = await passwords.hash("\ud800\x00 twelve or more")

    assert await passwords.matches(stored, "\ud800\x00 twelve or more")


async def test_passwords_never_match_an_unknown_name_or_a_broken_hash() -> None:
    passwords = Passwords(QUICK)

    assert [await passwords.matches(stored, "x") for stored in (None, "$argon2id$broken")] == [False, False]


async def test_passwords_default_to_argon2id_with_64_mib() -> None:
    stored = await Passwords().hash("correct horse battery")

    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_passwords_of_older_parameters_are_outdated() -> None:
    stored = await Passwords(QUICK).hash("correct horse battery")

    assert (Passwords(QUICK).is_outdated(stored), Passwords().is_outdated(stored)) == (False, True)


async def test_passwords_for_an_unknown_name_cost_the_same_time() -> None:
    passwords = Passwords(PasswordHasher(time_cost=4, memory_cost=4096, parallelism=1))
    stored = await passwords.hash("correct horse battery")

    async def seconds(known: str | None) -> float:
        start = process_time()
        await passwords.matches(known, "wrong")
        return process_time() - start

    # Each beside the other: how fast the processor is changes from moment to moment.
    ratios = [await seconds(None) / await seconds(stored) for _ in range(15)]

    assert 0.5 < median(ratios) < 2


async def test_passwords_refuse_when_too_many_wait() -> None:
    passwords = Passwords(QUICK, most_waiting=2)

    results = await asyncio.gather(*(passwords.matches(None, "x") for _ in range(3)), return_exceptions=True)

    assert [type(result) for result in results] == [bool, bool, TooManySignIns]
