"""A password or token that does not show itself."""


class Secret:
    """Text that prints as ``***``; false when it is empty, that is: not given."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the one place that needs it, never for a log."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return self._text == other._text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "***" if self._text else ""

    __str__ = __repr__


#: What is there when none was given.
NO_SECRET = Secret()
