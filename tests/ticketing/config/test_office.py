from collections.abc import Callable
from datetime import time

import pytest

from ticketing.config import Config
from ticketing.config.office import LANGUAGES
from ticketing.hall.office import Board, Counter, Hours, Office, Phrase, Reason, Rules, Series, Service, WebRules

KNOWN = ", ".join(map(repr, LANGUAGES))
EVERYTHING = """
[[office]]
id = "hall"
name = { ja = "役所", en = "Hall" }
time_zone = "Europe/Berlin"
day_starts_at = "04:00"
languages = ["en", "ja"]

[office.rules]
undo_seconds = 0
calls_before_no_show = 2
no_show_after_seconds = 120
defer_by = 5
defer_limit = 1
max_overtakes = "off"
transfer_place = "head"
call_number = "supervisor"
arrival = ["tap"]

[office.board]
chime = false
languages = ["en"]

[[office.series]]
id = "a"
prefix = "AB"
first = 0
last = 99

[[office.service]]
id = "papers"
name = { ja = "証明", en = "Papers" }
public_name = { ja = "窓口", en = "Counter" }
series = "a"
priority = -1
expected_seconds = 60
alert_ahead = 0
alert_minutes = 10
wait_target_minutes = 20
icon = "stamp"
[office.service.kiosk_hours]
sun = "closed"
[office.service.web]
hours = { mon = ["09:30-12:00", "13:00-16:00"] }
quota = 0
most_open = 5
arrival_needed = false
grace_calls = 1
grace_seconds = 60

[[office.counter]]
id = "1"
label = "1番"
services = ["papers"]
order = "listed"

[[office.phrase]]
code = "busy"
text = { ja = "混雑", en = "Busy" }

[[office.reason]]
code = "form"
name = { ja = "記入", en = "Form" }
"""
DAY = ((0, 1440),)


def test_an_office_takes_every_key(read: Callable[[str], Config]) -> None:
    (office,) = read(EVERYTHING).offices

    assert office == Office(
        id="hall",
        names={"ja": "役所", "en": "Hall"},
        time_zone="Europe/Berlin",
        day_starts_at=time(4),
        languages=("en", "ja"),
        rules=Rules(0, 2, 120, 5, 1, None, "head", ("tap",), "supervisor"),
        board=Board(False, ("en",)),
        series=(Series("a", "AB", 0, 99),),
        services=(
            Service(
                "papers",
                {"ja": "証明", "en": "Papers"},
                "a",
                {"ja": "窓口", "en": "Counter"},
                -1,
                60,
                WebRules(Hours((((570, 720), (780, 960)), *(DAY,) * 6)), 0, 5, False, 1, 60),
                Hours((*(DAY,) * 6, ())),
                0,
                10,
                "stamp",
                20,
            ),
        ),
        counters=(Counter("1", "1番", ("papers",), "listed"),),
        reasons=(Reason("form", {"ja": "記入", "en": "Form"}),),
        phrases=(Phrase("busy", {"ja": "混雑", "en": "Busy"}),),
    )


@pytest.mark.parametrize(
    ("replaced", "by", "problem"),
    [
        ('id = "hall"', "", "office[0].id: is missing"),
        ('id = "hall"', 'id = ""', "office[0].id: must not be empty"),
        ('id = "hall"', 'id = "Hall"', "office[0].id: 'Hall' must be 1 to 32 of the characters a-z, 0-9 and -"),
        (
            "Europe/Berlin",
            "../passwd",
            "office[0].time_zone: there is no time zone '../passwd'; the names are like Asia/Tokyo",
        ),
        ("Europe/Berlin", "Asia", "office[0].time_zone: there is no time zone 'Asia'; the names are like Asia/Tokyo"),
        ('"04:00"', '"4:00"', "office[0].day_starts_at: must be a time of day such as \"00:10\", not '4:00'"),
        ('["en", "ja"]', '["en", "ja", "xx"]', f"office[0].languages: 'xx' is not one of {KNOWN}"),
        ('["en", "ja"]', '["en", "ja", "en"]', "office[0].languages: 'en' is there more than once"),
        ('["en", "ja"]', "[]", "office[0].languages: must name at least one language"),
        (', en = "Hall" }', " }", "office[0].name.en: is missing"),
        ('en = "Hall" }', 'en = "Hall", xx = "X" }', "office[0].name.xx: there is no such key"),
        (
            'name = { ja = "役所", en = "Hall" }',
            'name = "Hall"',
            'office[0].name: must be names by language, such as { en = "…", ja = "…" }',
        ),
        ('"Hall"', f'"{"x" * 81}"', "office[0].name.en: is longer than 80 characters"),
        ('prefix = "AB"', 'prefix = "ab"', "office[0].series[0].prefix: 'ab' must be none to three of the letters A-Z"),
        ("first = 0", "first = -1", "office[0].series[0].first: -1 must be from 0 to 99999"),
        ("first = 0", "first = 100", "office[0].series[0].last: 99 is before the first number, 100"),
        ('series = "a"', 'series = "x"', "office[0].service[0].series: there is no series 'x'"),
        ('series = "a"', "", "office[0].service[0].series: is missing"),
        ("quota = 0", "quota = -1", "office[0].service[0].web.quota: -1 must be from 0 to 100000"),
        (
            "quota = 0",
            'quota = "many"',
            "office[0].service[0].web.quota: must be a whole number, or \"off\", not 'many'",
        ),
        (
            "wait_target_minutes = 20",
            "wait_target_minutes = 481",
            "office[0].service[0].wait_target_minutes: 481 must be from 1 to 480",
        ),
        (
            "wait_target_minutes = 20",
            'wait_target_minutes = "none"',
            "office[0].service[0].wait_target_minutes: must be a whole number, or \"off\", not 'none'",
        ),
        (', en = "Busy" }', " }", "office[0].phrase[0].text.en: is missing"),
        (
            'code = "busy"',
            'code = "BUSY"',
            "office[0].phrase[0].code: 'BUSY' must be 1 to 32 of the characters a-z, 0-9 and -",
        ),
        ("quota = 0", "quote = 0", "office[0].service[0].web.quote: there is no such key; is it quota?"),
        ('"1番"', '""', "office[0].counter[0].label: must be 1 to 20 characters"),
        ('"listed"', '"random"', "office[0].counter[0].order: 'random' is not one of 'merged', 'listed'"),
        (
            'services = ["papers"]',
            'services = ["papers", "x"]',
            "office[0].counter[0].services[1]: there is no service 'x'",
        ),
        (
            'services = ["papers"]',
            'services = ["papers", "papers"]',
            "office[0].counter[0].services[1]: 'papers' is there more than once",
        ),
        ("defer_by = 5", "defer_by = 0", "office[0].rules.defer_by: 0 must be from 1 to 100"),
        ('"head"', '"tail"', "office[0].rules.transfer_place: 'tail' is not one of 'issue', 'end', 'head'"),
        ('["tap"]', '["walk", "tap"]', "office[0].rules.arrival: 'walk' is not one of 'kiosk', 'code', 'staff', 'tap'"),
        (
            '["tap"]',
            "[]",
            'office[0].rules.arrival: must name at least one way; staff always may, so the least is ["staff"]',
        ),
        ('languages = ["en"]', 'languages = ["fr"]', "office[0].board.languages: 'fr' is not one of 'en', 'ja'"),
        (
            'code = "form"',
            'code = "FORM"',
            "office[0].reason[0].code: 'FORM' must be 1 to 32 of the characters a-z, 0-9 and -",
        ),
    ],
)
def test_a_mistake_in_an_office_is_refused_at_its_path(
    problems: Callable[[str], list[str]], replaced: str, by: str, problem: str
) -> None:
    assert EVERYTHING.count(replaced) == 1 or replaced == '["en", "ja"]'

    assert problems(EVERYTHING.replace(replaced, by, 1)) == [problem]


def test_an_office_with_nothing_in_it_is_refused(problems: Callable[[str], list[str]]) -> None:
    assert problems('[[office]]\nid = "hall"\nname = { ja = "役所", en = "Hall" }') == [
        "office[0].series: an office needs at least one; write it under [[office.series]]",
        "office[0].service: an office needs at least one; write it under [[office.service]]",
        "office[0].counter: an office needs at least one; write it under [[office.counter]]",
    ]


def test_a_service_that_no_counter_serves_is_refused(problems: Callable[[str], list[str]], office: str) -> None:
    more = '[[office.service]]\nid = "cards"\nname = { ja = "カード", en = "Cards" }\nseries = "a"\n'

    assert problems(office + more) == [
        "office[0].service[1].id: no counter serves 'cards', so its visitors would never be called"
    ]


def test_a_counter_without_services_is_refused(problems: Callable[[str], list[str]], office: str) -> None:
    assert problems(office + '[[office.counter]]\nid = "2"\n') == [
        "office[0].counter[1].services: must name at least one service"
    ]


def test_series_that_could_give_the_same_number_are_refused(problems: Callable[[str], list[str]], office: str) -> None:
    more = '[[office.series]]\nid = "b"\nprefix = "A"\nfirst = 1001\nlast = 1999\n'

    assert problems(office + more) == [
        "office[0].series[1].prefix: series 'a' has the prefix 'A' too; "
        + "past its end a series goes on with more digits, so both would give the same number one day"
    ]


def test_names_that_are_there_twice_are_refused(problems: Callable[[str], list[str]], office: str) -> None:
    reason = '[[office.reason]]\ncode = "form"\nname = { ja = "記入", en = "Form" }\n'
    counter = '[[office.counter]]\nid = "1"\nservices = ["papers"]\n'
    service = '[[office.service]]\nid = "papers"\nname = { ja = "証明", en = "Papers" }\nseries = "a"\n'
    series = '[[office.series]]\nid = "a"\nprefix = "B"\n'

    assert problems(office + series + service + counter + reason + reason + office) == [
        "office[0].series[1].id: there is another series 'a' above",
        "office[0].service[1].id: there is another service 'papers' above",
        "office[0].counter[1].id: there is another counter '1' above",
        "office[0].reason[1].code: there is another reason 'form' above",
        "office[1].id: there is another office 'hall' above",
    ]


def test_a_part_that_is_not_a_list_of_tables_is_refused(problems: Callable[[str], list[str]], office: str) -> None:
    text = office.replace('id = "hall"', 'id = "hall"\nreason = "form"')

    assert problems(text) == [
        "office[0].reason: must be a list of tables, each written under [[office.reason]], not text"
    ]
