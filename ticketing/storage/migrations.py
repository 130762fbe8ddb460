"""Numbered migrations of a database, kept beside the schema that they add up to."""

from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Schema:
    """One database's tables: the folder holds ``schema.sql`` (the whole) and ``NNNN_*.sql`` (the way there)."""

    name: str

    def whole(self) -> str:
        return (_FOLDER / self.name / "schema.sql").read_text("utf-8")

    def migrations(self) -> list[str]:
        """The migrations in order; version n is reached by running the first n."""
        return [path.read_text("utf-8") for path in sorted((_FOLDER / self.name).glob("[0-9]*_*.sql"))]
