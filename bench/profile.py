"""When visitors come to a hall in the course of a day: before noon, over lunch, and in the early afternoon."""

import random
from collections.abc import Sequence

#: Visitors of each half hour from opening at 8:30 to closing at 17:15, relative to each other. Halls are fullest from
#: ten to noon; those who work come at lunch.
HALF_HOURS: Sequence[float] = (3, 5, 7, 8, 8.5, 8.5, 8, 9, 8, 6.5, 6, 6, 5.5, 5, 4.5, 3.5, 2, 0.5)
#: The busiest half hour against the mean of the day.
PEAK = max(HALF_HOURS) * len(HALF_HOURS) / sum(HALF_HOURS)


def arrivals(visitors: int, seconds: float, seed: int) -> list[float]:
    """So many independent visitors in a day that is compressed into so many seconds, in order."""
    chance = random.Random(seed)
    width = seconds / len(HALF_HOURS)
    places = chance.choices(range(len(HALF_HOURS)), HALF_HOURS, k=visitors)
    return sorted((place + chance.random()) * width for place in places)
