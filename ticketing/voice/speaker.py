"""Makes the audio of a call; the same call is put together once."""

import zipfile
from functools import cache, lru_cache
from pathlib import Path

from ticketing.voice.ogg import ogg_file, packets_of
from ticketing.voice.reading import number_reading, reading

MEDIA_TYPE = "audio/ogg"
#: Calls whose audio is kept in memory, some 15 kB each.
CALLS_KEPT = 256
_FOLDER = Path(__file__).parent / "parts"


@lru_cache(maxsize=CALLS_KEPT)
def spoken_call(language: str, number: str, label: str, is_again: bool) -> bytes:
    """An Ogg Opus file; raises KeyError for a language without a voice."""
    parts = parts_of(language)
    names = reading(language, number, label, is_again)
    return ogg_file([packet for name in names for packet in parts[name]])


@lru_cache(maxsize=CALLS_KEPT)
def spoken_number(language: str, number: str) -> bytes:
    """The number alone, for its visitor; raises KeyError for a language without a voice."""
    parts = parts_of(language)
    return ogg_file([packet for name in number_reading(number) for packet in parts[name]])


@cache
def parts_of(language: str) -> dict[str, list[bytes]]:
    """The recorded parts of a language by name, as Opus packets."""
    with zipfile.ZipFile(_FOLDER / f"{language}.zip") as archive:
        return {name.removesuffix(".opus"): packets_of(archive.read(name)) for name in archive.namelist()}
