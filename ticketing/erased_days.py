"""Days whose contacts were erased: nothing is registered for them any more."""

from datetime import date

from ticketing.hall.refusals import Refusal
from ticketing.storage.database import Connection, Database

_FIND = "SELECT 1 FROM erased_days WHERE office_id = ? AND business_day = ?"


class DayErased(Refusal):
    """The contacts of this day were erased; no more are taken for it."""

    code = "day_erased"


async def refuse_erased(file: Database, office_id: str, day: date) -> None:
    """Raises DayErased. Asked before the day's key: a late registration must not make an erased day a new one."""
    if await file.fetch_one(_FIND, (office_id, day.isoformat())) is not None:
        raise DayErased


async def refuse_erased_in(connection: Connection, office_id: str, day: date) -> None:
    """Raises DayErased. Asked again in the transaction that writes: the day may have been erased since."""
    if list(await connection.execute_fetchall(_FIND, (office_id, day.isoformat()))):
        raise DayErased
