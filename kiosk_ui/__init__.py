"""The pages that visitors, clerks and boards open in a browser: HTML, CSS, ES modules and texts."""

from pathlib import Path

ROOT = Path(__file__).parent
