"""Which phone numbers a visitor may register, and the forms in which they are stored and dialled."""

import re
import unicodedata
from collections.abc import Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from ticketing.hall.refusals import Refusal

#: Stands before a number that is called, and not before one that a text message goes to.
SPOKEN_PREFIX = "voice:"
#: Characters of a number as people write it, with room for blanks and hyphens.
MOST_CHARACTERS = 40

#: Digits with what people put between them; the hyphens are those that Japanese and Western keyboards give.
_WRITTEN = re.compile(r"\+?[0-9() .\u2010-\u2015\u2212\u30fc-]+")
_HYPHENS = re.compile(r"[\u2010-\u2015\u2212\u30fc]")
_TAKES_TEXTS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
#: Everything else costs the caller or the called more than a call, or is no person's: 0570, 0990, 0120, pagers.
_TAKES_CALLS = _TAKES_TEXTS | {PhoneNumberType.FIXED_LINE, PhoneNumberType.VOIP, PhoneNumberType.PERSONAL_NUMBER}


class BadNumber(Refusal):
    """This does not look like a phone number that alerts can go to; please check it."""

    code = "bad_number"
    status = 422


class ForeignNumber(Refusal):
    """Numbers of this country are not taken here."""

    code = "foreign_number"
    status = 422


class NotMobile(Refusal):
    """Text messages go to mobile phones only; please choose a spoken call for this number."""

    code = "not_mobile"
    status = 422


def check_number(text: str, countries: Sequence[str] = ("JP",), *, is_spoken: bool = False) -> str:
    """The number in the one form that is stored: E.164, behind ``voice:`` for a spoken call.

    Full-width digits, blanks, hyphens and brackets are taken; without a country's code the number is one of the first
    of ``countries`` (ISO 3166). Emergency, short and premium numbers are never taken.

    Raises BadNumber, ForeignNumber, and NotMobile for a text message to a landline.
    """
    number = _parsed(text, countries[0])
    kind = phonenumbers.number_type(number)
    if kind not in _TAKES_CALLS:
        raise BadNumber
    if phonenumbers.region_code_for_number(number) not in countries:
        raise ForeignNumber
    if not is_spoken and kind not in _TAKES_TEXTS:
        raise NotMobile
    dialled = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return f"{SPOKEN_PREFIX}{dialled}" if is_spoken else dialled


def goes_to_voice(address: str) -> bool:
    """Whether a stored phone contact is called instead of written to."""
    return address.startswith(SPOKEN_PREFIX)


def dialled_number(address: str) -> str:
    """The number of a stored phone contact in E.164, such as ``+819012345678``."""
    return address.removeprefix(SPOKEN_PREFIX)


def national_number(dialled: str) -> str:
    """The digits that are dialled within the number's own country, such as ``09012345678``."""
    written = phonenumbers.format_number(phonenumbers.parse(dialled), PhoneNumberFormat.NATIONAL)
    return "".join(each for each in written if each.isdecimal())


def _parsed(text: str, country: str) -> PhoneNumber:
    written = text.strip()
    if len(written) > MOST_CHARACTERS:
        raise BadNumber
    plain = unicodedata.normalize("NFKC", written)
    if not _WRITTEN.fullmatch(plain):
        raise BadNumber
    try:
        number = phonenumbers.parse(_HYPHENS.sub("-", plain), country)
    except NumberParseException:
        # "from None": the library's words quote the number.
        raise BadNumber from None
    if not phonenumbers.is_valid_number(number):
        raise BadNumber
    return number
