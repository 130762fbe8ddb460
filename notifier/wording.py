"""What the messages say, in Japanese and English."""

from dataclasses import dataclass, field
from math import ceil

from ticketing.hall.office import Office, name_in
from ticketing.notices import Notice, NoticeKind


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words."""

    subject: str
    body: str = field(repr=False)


#: By language and kind: subject and first sentence of a mail.
_MAIL: dict[str, dict[NoticeKind, tuple[str, str]]] = {
    "ja": {
        "turn_near": (
            "受付番号{number} まもなくお呼びします",
            "受付番号{number}のお呼び出しが近づきました。待合へお戻りください。",
        ),
        "called": (
            "受付番号{number} お呼び出し中です",
            "受付番号{number}をお呼びしています。下の窓口へお越しください。",
        ),
        "call_withdrawn": (
            "受付番号{number} お呼び出しの取り消し",
            "受付番号{number}のお呼び出しは取り消されました。恐れ入りますが、もうしばらくお待ちください。",
        ),
    },
    "en": {
        "turn_near": (
            "{number}: your turn is near",
            "The turn of number {number} is near. Please come back to the waiting area.",
        ),
        "called": (
            "{number}: you are being called",
            "Number {number} is being called. Please go to the counter below.",
        ),
        "call_withdrawn": (
            "{number}: the call was withdrawn",
            "The call of number {number} was withdrawn. We are sorry; please wait a little longer.",
        ),
    },
}

_LABELS: dict[str, dict[str, str]] = {
    "ja": {
        "service": "ご用件：{}",
        "counter": "窓口：{}",
        "ahead": "お待ちの方：あと{}人",
        "wait": "待ち時間の目安：{}〜{}分",
        "wait_one": "待ち時間の目安：約{}分",
        "link": "順番の確認：",
    },
    "en": {
        "service": "Service: {}",
        "counter": "Counter: {}",
        "ahead": "People before you: {}",
        "wait": "Expected wait: {} to {} minutes",
        "wait_one": "Expected wait: about {} minutes",
        "link": "Your ticket:",
    },
}

_FOOT: dict[str, tuple[str, ...]] = {
    "ja": (
        "お待ち時間は目安です。順番が前後することがあります。",
        "このメールアドレスは今回の受付のお知らせだけに使い、翌日に消去します。"
        "すぐに消去するには、上のページでお知らせを取り消してください。",
        "このメールには返信できません。",
    ),
    "en": (
        "Waiting times are estimates, and the order may change.",
        "Your address is used for this ticket only and is erased tomorrow. "
        "To erase it now, remove the alert on the page above.",
        "Please do not reply to this message.",
    ),
}

#: LINE reads these: no number, counter, service, office or name, and no link but the bare public address.
_LINE: dict[str, dict[NoticeKind, str]] = {
    "ja": {
        "turn_near": "まもなくお呼び出しの順番です。お近くでお待ちください。",
        "called": "お呼び出ししています。画面の表示をご確認のうえ、お越しください。",
        "call_withdrawn": "先ほどのお呼び出しは取り消されました。恐れ入りますが、もうしばらくお待ちください。",
        "line_linked": "お知らせの登録ができました。順番が近づくとここにお知らせします。登録は翌日に消去されます。",
    },
    "en": {
        "turn_near": "Your turn is near. Please wait close by.",
        "called": "You are being called. Please look at the screen and come over.",
        "call_withdrawn": "The call was withdrawn. We are sorry; please wait a little longer.",
        "line_linked": "You will be told here when your turn is near. This registration is erased tomorrow.",
    },
}


def language_of(language: str) -> str:
    """The language that the texts have for a visitor's language: Japanese, or English for all others."""
    return "ja" if language.partition("-")[0] == "ja" else "en"


def mail(notice: Notice, office: Office, language: str, public_url: str, secret: str) -> Letter:
    """A mail about a ticket. Services go by their public names; the secret stands behind the ``#`` only."""
    spoken = language_of(language)
    labels = _LABELS[spoken]
    subject, lead = (text.format(number=notice.number) for text in _MAIL[spoken][notice.kind])
    lines = [
        name_in(office.names, spoken),
        "",
        lead,
        "",
        *_facts(notice, office, spoken),
        "",
        labels["link"],
        f"{public_url}/t#{secret}",
        "",
        *_FOOT[spoken],
    ]
    return Letter(subject, "\n".join(lines) + "\n")


def line(kind: NoticeKind, language: str, public_url: str) -> str:
    """A LINE message. It cannot be told anything about the ticket, so it cannot give anything away."""
    return f"{_LINE[language_of(language)][kind]}\n{public_url}/"


def _facts(notice: Notice, office: Office, language: str) -> list[str]:
    labels = _LABELS[language]
    facts = []
    service = office.service(notice.service) if notice.service else None
    counter = office.counter(notice.counter) if notice.counter else None
    if service is not None:
        facts.append(labels["service"].format(name_in(service.public_names or service.names, language)))
    if counter is not None and notice.kind == "called":
        facts.append(labels["counter"].format(counter.label))
    if notice.ahead is not None:
        facts.append(labels["ahead"].format(notice.ahead))
    if notice.wait_low is not None and notice.wait_high is not None:
        facts.append(_wait(notice.wait_low, notice.wait_high, labels))
    return facts


def _wait(low_seconds: int, high_seconds: int, labels: dict[str, str]) -> str:
    """The range in whole minutes, so rounded that it holds the one in seconds."""
    low, high = low_seconds // 60, max(1, ceil(high_seconds / 60))
    return labels["wait_one"].format(high) if low >= high else labels["wait"].format(low, high)
