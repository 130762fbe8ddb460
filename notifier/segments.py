"""What fits into one text message (SMS)."""

from collections.abc import Callable

#: Characters of the GSM 7-bit default alphabet; those of its extension count as foreign, for they take twice the room.
GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Characters of one message in that alphabet …
GSM_7_ROOM = 160
#: … and in UTF-16 units when any other character is in it.
UTF_16_ROOM = 70
#: A name cut shorter than this says nothing; it is left out.
LEAST_OF_A_NAME = 4


def fits(text: str) -> bool:
    """Whether the text needs no more than one message."""
    if GSM_7.issuperset(text):
        return len(text) <= GSM_7_ROOM
    return len(text.encode("utf-16-be")) // 2 <= UTF_16_ROOM


def with_name(compose: Callable[[str], str], name: str) -> str | None:
    """The text with as much of a name as there is room for; None: with next to none of it."""
    if fits(text := compose(name)):
        return text
    end = "..." if GSM_7.issuperset(name) else "…"
    shorter = (compose(name[:length].rstrip() + end) for length in range(len(name) - 1, LEAST_OF_A_NAME - 1, -1))
    return next((text for text in shorter if fits(text)), None)
