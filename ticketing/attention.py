"""How often something outside needed somebody to put it right: numbers for the metrics, never an address."""

from collections import Counter


class Attention:
    """Counts since the process started, by channel and short code."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, channel: str, code: str) -> None:
        self._counts[channel, code] += 1

    def counts(self) -> list[tuple[str, str, int]]:
        """Channel, code and count, in order."""
        return [(channel, code, count) for (channel, code), count in sorted(self._counts.items())]
