"""What the phone costs: how many messages went to the gateway, a day and a number, and when that is enough."""

from datetime import date
from typing import Literal

from ticketing.keys import DayKeys
from ticketing.sealing import address_index
from ticketing.storage.database import Database, Steps

PhoneKind = Literal["sms", "voice"]
#: Free: it may be sent and is counted from now on. Counted: it was before, with this key, and may have been sent then.
Verdict = Literal["free", "counted", "day_limit", "number_limit", "erased"]


class PhoneCosts:
    """The messages of all offices, counted in the contacts' file, so that several processes keep one limit.

    ``most_per_day``: in all offices together; ``most_per_number``: from one office. Both a business day.
    """

    def __init__(self, file: Database, keys: DayKeys, most_per_day: int, most_per_number: int) -> None:
        self._file = file
        self._keys = keys
        self._most_per_day = most_per_day
        self._most_per_number = most_per_number

    async def take(self, office_id: str, day: date, number: str, kind: PhoneKind, retry_key: str) -> Verdict:
        """Count a message before it is sent, if the limits allow it; looked up and counted in one transaction.

        ``number`` is the same for text messages and calls. Only "free" changes anything. Raises KeyFileError.
        """
        key = self._keys.existing(office_id, day)
        if key is None:
            return "erased"
        row = (retry_key, office_id, day.isoformat(), kind, address_index(key, "phone", number))
        return await self._file.carry_out(self._take(row))

    async def give_back(self, retry_key: str) -> None:
        """A message that was certainly not sent costs nothing."""
        await self._file.carry_out(_give_back(retry_key))

    async def count(self, day: date) -> dict[PhoneKind, int]:
        """How many messages of a business day were counted, in all offices; also after its erasure."""
        rows = await self._file.fetch_all(
            "SELECT kind, count(*) AS many FROM phone_costs WHERE business_day = ? GROUP BY kind", (day.isoformat(),)
        )
        many = {row["kind"]: row["many"] for row in rows}
        return {"sms": many.get("sms", 0), "voice": many.get("voice", 0)}

    def _take(self, row: tuple[str, str, str, PhoneKind, bytes]) -> Steps[Verdict]:
        verdict = yield from self._verdict(row)
        if verdict == "free":
            yield (
                """
                INSERT INTO phone_costs (retry_key, office_id, business_day, kind, number_index)
                VALUES (?, ?, ?, ?, ?)
                """,
                row,
            )
        return verdict

    def _verdict(self, row: tuple[str, str, str, PhoneKind, bytes]) -> Steps[Verdict]:
        retry_key, office_id, day, _, number_index = row
        if (yield "SELECT 1 FROM erased_days WHERE office_id = ? AND business_day = ?", (office_id, day)):
            return "erased"
        if (yield "SELECT 1 FROM phone_costs WHERE retry_key = ?", (retry_key,)):
            return "counted"
        if (yield from _count("business_day = ?", day)) >= self._most_per_day:
            return "day_limit"
        of_number = "business_day = ? AND office_id = ? AND number_index = ?"
        if (yield from _count(of_number, day, office_id, number_index)) >= self._most_per_number:
            return "number_limit"
        return "free"


def _give_back(retry_key: str) -> Steps[None]:
    yield "DELETE FROM phone_costs WHERE retry_key = ?", (retry_key,)


def _count(where: str, *parameters: str | bytes) -> Steps[int]:
    # "where" is one of the constants above.
    rows = yield f"SELECT count(*) FROM phone_costs WHERE {where}", parameters  # noqa: S608
    return int(rows[0][0])
