import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketing.phone_template import fill, fill_deep, names_in, template_problem

VALUES = {
    "to": "+819012345678",
    "text": "A012 <b> & {to} \"' {{x}}",
    "sender": "SAKURA",
    "language": "ja",
    "idempotency_key": "6f1c2c56-0f6e-4a5e-9b57-2f6a6f0e7a11",
    "username": "city",
    "password": "p{to}w",
    "token": "t",
}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("no placeholder", "no placeholder"),
        ("{to}", "+819012345678"),
        ("{to:digits}/{to:national}", "819012345678/09012345678"),
        ("{text}", VALUES["text"]),
        ("<Say>{text:xml}</Say>", "<Say>A012 &lt;b&gt; &amp; {to} &quot;&apos; {{x}}</Say>"),
        ('{{"text":"{text:json}"}}', '{"text":"A012 <b> & {to} \\"\' {{x}}"}'),
        ("{language} {language:region}", "ja ja-JP"),
        ("{{to}} {{{to}}}", "{to} {+819012345678}"),
        ("{username}:{password}:{token}", "city:p{to}w:t"),
        ("{sender} {idempotency_key}", f"SAKURA {VALUES['idempotency_key']}"),
    ],
)
def test_fill_puts_each_value_in_its_place_once(template: str, filled: str) -> None:
    assert template_problem(template) is None
    assert fill(template, VALUES) == filled


def test_unknown_language_goes_by_its_own_name() -> None:
    assert fill("{language:region}", {**VALUES, "language": "ko"}) == "ko"


def test_fill_deep_fills_texts_and_leaves_everything_else() -> None:
    template = {"{to}": "{to}", "list": ["{text}", 1, 1.5, True], "deep": {"key": "{language}"}}

    assert fill_deep(template, VALUES) == {
        "{to}": "+819012345678",
        "list": [VALUES["text"], 1, 1.5, True],
        "deep": {"key": "ja"},
    }


def test_names_in_finds_every_placeholder() -> None:
    assert names_in({"a": "{to} {{text}}", "b": [{"c": "{language:region}"}, 1]}) == {"to", "language"}


@given(st.text())
def test_xml_stays_xml_whatever_the_message_holds(text: str) -> None:
    filled = fill('<Say language="{language:xml}">{text:xml}</Say>', {**VALUES, "text": text, "language": text})

    element = ElementTree.fromstring(filled)
    assert (element.tag, list(element)) == ("Say", [])


@given(st.text())
def test_json_in_a_text_gives_the_message_back(text: str) -> None:
    filled = fill('{{"text":"{text:json}"}}', {**VALUES, "text": text})

    assert json.loads(filled) == {"text": text}


@given(st.text())
def test_value_is_never_read_as_a_template(text: str) -> None:
    assert fill("{text}|{to}", {**VALUES, "text": text}) == f"{text}|+819012345678"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{", "a brace stands alone; double it to mean the brace itself"),
        ("to}", "a brace stands alone; double it to mean the brace itself"),
        ("{To}", "a brace stands alone; double it to mean the brace itself"),
        ("{to.__class__}", "a brace stands alone; double it to mean the brace itself"),
        (
            "{number}",
            "there is no {number}; there are {to}, {text}, {sender}, {language}, {idempotency_key}, {username}, "
            "{password}, {token}",
        ),
        ("{text:html}", "{text} cannot be written as {text:html}"),
        ("{text:digits}", "{text} cannot be written as {text:digits}"),
        ("<Say>{text}</Say>", "inside of XML write {text:xml}, or a message could change it"),
        ("<Say>{text:json}</Say>", "inside of XML write {text:xml}, or a message could change it"),
        ('{{"text":"{text}"}}', "inside of JSON write {text:json}, or a message could change it"),
        ('{{"p":"{password}"}}', "inside of JSON write {password:json}, or a message could change it"),
    ],
)
def test_template_that_cannot_be_used_is_refused(template: str, problem: str) -> None:
    assert template_problem(template) == problem
