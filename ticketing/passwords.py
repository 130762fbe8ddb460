"""Hashing and checking passwords with argon2id, two at a time and outside the event loop."""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ticketing.hall.refusals import Refusal

T = TypeVar("T")

#: One hash takes 64 MiB. The pool, unlike a semaphore, also holds when a request goes away while its hash is running.
_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


class TooManySignIns(Refusal):
    """Too many people are signing in at the moment; please try again in a few seconds."""

    code = "too_many_sign_ins"
    status = 503


class Passwords:
    """Holds the hash parameters; when ``most_waiting`` callers are waiting, the next gets ``TooManySignIns``."""

    def __init__(self, hasher: PasswordHasher | None = None, most_waiting: int = 64) -> None:
        self._hasher = hasher or PasswordHasher()
        self._most_waiting = most_waiting
        self._waiting = 0

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(_bytes(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password has this hash. ``None``, for an unknown name, takes the same time and is False."""
        if stored is None:
            await self.hash(password)
            return False
        return await self._run(lambda: self._verify(stored, password))

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._most_waiting:
            raise TooManySignIns
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(_POOL, work)
        finally:
            self._waiting -= 1


def _bytes(password: str) -> bytes:
    """The same bytes from every keyboard (RFC 8265 asks for NFC); lone surrogates are data like any other."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
