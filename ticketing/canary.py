"""A made-up address for each day, sealed as real ones are; after the erasure it must not open."""

import secrets
from datetime import date

from ticketing.sealing import NONCE_BYTES, binding, seal, unseal
from ticketing.storage.database import Connection

#: In the place where contacts have their channel; no contact can be mistaken for a canary, nor the other way round.
_CHANNEL = "canary"


async def plant_canary(connection: Connection, key: bytes, office_id: str, day: date) -> None:
    """Give the day its canary, in the transaction that is under way, unless it has one."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    # Nobody knows the address: what is found of it was kept in clear by mistake.
    sealed = seal(key, nonce, f"{secrets.token_hex(16)}@canary.invalid", binding(office_id, day, "", _CHANNEL))
    await connection.execute(
        """
        INSERT INTO canaries (office_id, business_day, nonce, sealed)
        VALUES (?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """,
        (office_id, day.isoformat(), nonce, sealed),
    )


def open_canary(key: bytes, office_id: str, day: date, canary: bytes) -> str | None:
    """The address in a canary (its nonce and what is sealed); None: this key does not open it."""
    nonce, sealed = canary[:NONCE_BYTES], canary[NONCE_BYTES:]
    return unseal(key, nonce, sealed, binding(office_id, day, "", _CHANNEL))
