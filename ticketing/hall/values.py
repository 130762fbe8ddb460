"""Immutable values that are cheap to make."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from dataclasses import dataclass

    def value(*, frozen, **options):
        """A dataclass whose immutability the type checker sees to.

        An interpreter that guards every field takes four times as long to make one, and a ticket has 27 fields.
        """
        return dataclass(unsafe_hash=frozen, **options)


__all__ = ["value"]
