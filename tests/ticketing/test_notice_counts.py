from datetime import UTC, date, datetime, timedelta

from ticketing.notice import line_linked
from ticketing.notice_counts import notices_between
from ticketing.notices import Notices
from ticketing.storage.database import Database

DAY = date(2026, 9, 3)
NOW = datetime(2026, 9, 3, 1, tzinfo=UTC)


async def test_messages_are_counted_by_channel_and_what_became_of_them(contacts_part: Database) -> None:
    notices = Notices(contacts_part)
    for offset, numbers in ((-1, 1), (0, 3), (1, 1), (2, 1)):
        for number in range(numbers):
            await notices.add("minato", line_linked(DAY + timedelta(days=offset), f"A00{number}", NOW))
    sent, failed = [each for each in await notices.claim("line", NOW, 10, 60) if each.day == DAY][:2]
    await notices.note_sent(sent, NOW)
    await notices.note_failed(failed, NOW, "refused")

    counts = await notices_between(contacts_part, DAY, DAY + timedelta(days=1))

    assert counts == {("line", "sent"): 1, ("line", "failed"): 1, ("line", "open"): 2}
