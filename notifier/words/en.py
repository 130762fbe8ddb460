"""Messages in English."""

from string import ascii_uppercase

from notifier.words.base import Words

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

EN = Words(
    language="en",
    subjects={
        "turn_near": "{number}: your turn is near",
        "called": "{number}: you are being called",
        "called_again": "{number}: you are being called again",
        "absent": "{number}: you were not there",
        "call_withdrawn": "{number}: the call was withdrawn",
        "expiry_near": "{number}: you have not checked in",
        "closed": "{number}: closed for today",
        "cancelled": "{number}: your ticket was cancelled",
    },
    leads={
        "turn_near": "The turn of number {number} is near. Please come to the waiting area.\n"
        "A number taken on the web is called only after you have checked in.",
        "called": "Number {number} is being called. Please go to the counter below.",
        "called_again": "Number {number} is being called again. Please go to the counter below.",
        "absent": "Number {number} was called, but you were not there. Please speak to our staff when you are back.",
        "call_withdrawn": "The call of number {number} was withdrawn. We are sorry; please wait a little longer.",
        "expiry_near": "The turn of number {number} has come, but you have not checked in, so you cannot be called.\n"
        "The number expires {when}; calls of other numbers may bring that forward.\n"
        "Please come to the office and check in. The page below tells you how.",
        "closed": "We have closed for today, and number {number} cannot be called any more.\n"
        "We are sorry. Please take a new number another time.",
        "cancelled": "Number {number} was cancelled by our staff. Please ask them if you did not expect this.",
    },
    service="Service: {}",
    counter="Counter: {}",
    ahead="People before you: {}",
    wait="Expected wait: {} to {} minutes",
    wait_one="Expected wait: about {} minutes",
    link="Your ticket:",
    estimates="Waiting times are estimates, and the order may change.",
    foot=(
        "Your address is used for this ticket only and is erased tomorrow. "
        "To erase it now, remove the alert on the page above.",
        "Please do not reply to this message.",
    ),
    sms={
        "turn_near": "The turn of number {number} is near{ahead}. Please come.",
        "called": "Number {number} is being called. Please go to {counter}.",
        "called_again": "Number {number} is called again. Please go to {counter}.",
        "absent": "Number {number} was called, but you were away. Please ask our staff.",
        "call_withdrawn": "The call of number {number} was withdrawn. Please wait.",
        "expiry_near": "Number {number} expires {when} unless you check in.",
        "closed": "We have closed. Number {number} cannot be called. We are sorry.",
        "cancelled": "Our staff cancelled number {number}. Please ask them if unexpected.",
    },
    sms_frame="{office}: {text}",
    ahead_in_short=" ({} before you)",
    spoken={
        "turn_near": "The turn of number, {number}, is near. Please come to the waiting area.",
        "called": "Number, {number}, is being called. Please go to {counter}.",
        "called_again": "Number, {number}, is being called again. Please go to {counter}.",
        "absent": "Number, {number}, was called, but you were not there. Please speak to our staff when you are back.",
        "call_withdrawn": "The call of number, {number}, was withdrawn. We are sorry. Please wait a little longer.",
        "expiry_near": "Number, {number}, expires {when}, because you have not checked in. Please check in.",
        "closed": "We have closed for today. We are sorry that number, {number}, cannot be called any more.",
        "cancelled": "Number, {number}, was cancelled by our staff. Please ask them if you did not expect this.",
    },
    spoken_frame="This is a message from {office}. {text} Once more. {text} Goodbye.",
    # A lone A would be read as the article.
    characters={letter: f"letter {letter}" for letter in ascii_uppercase}
    | {str(digit): word for digit, word in enumerate(_DIGITS)},
    pause=", ",
    is_ascii_only=True,
    at="at {0.hour}:{0.minute:02}",
    soon="soon",
    counter_by_number="counter {}",
    some_counter="the counter on the display",
    some_office="the service desk",
)
