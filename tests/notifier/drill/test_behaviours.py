import pytest

from notifier.drill.behaviours import Behaviour, WrongBehaviour


@pytest.mark.parametrize(
    ("text", "behaviour"),
    [
        ("ok", Behaviour("ok")),
        ("hang", Behaviour("hang", "connect")),
        ("hang@end+taken", Behaviour("hang", "end", True)),
        ("trickle", Behaviour("trickle")),
        ("451", Behaviour("451", "rcpt")),
        ("421", Behaviour("421", "connect")),
        ("552", Behaviour("552", "end")),
        ("550@mail", Behaviour("550", "mail")),
        ("down", Behaviour("down")),
    ],
)
def test_behaviour_of_a_mail_server_strikes_where_it_usually_does(text: str, behaviour: Behaviour) -> None:
    assert Behaviour.read(text, "smtp") == behaviour


@pytest.mark.parametrize("text", ["ok", "hang+taken", "429-quota", "503", "wrong-json"])
def test_behaviour_of_a_gateway_is_written_as_it_is_read(text: str) -> None:
    assert str(Behaviour.read(text, "http")) == text


@pytest.mark.parametrize("text", ["coffee", "", "hang@lunch", "hang+eaten", "99", "600", "٤٥١", "html", "429-rate"])
def test_behaviour_that_no_mail_server_has_is_refused(text: str) -> None:
    with pytest.raises(WrongBehaviour):
        Behaviour.read(text, "smtp")


@pytest.mark.parametrize("text", ["garbage", "tls-broken", "hang@end", "ok@connect"])
def test_behaviour_that_no_gateway_has_is_refused(text: str) -> None:
    with pytest.raises(WrongBehaviour):
        Behaviour.read(text, "http")


def test_behaviour_strikes_at_its_stage_only() -> None:
    stages = [stage for stage in ("connect", "mail", "end") if Behaviour.read("hang@mail", "smtp").strikes(stage)]

    assert stages == ["mail"]


def test_behaviour_without_a_stage_strikes_everywhere() -> None:
    assert all(Behaviour.read("trickle", "smtp").strikes(stage) for stage in ("connect", "mail", "end"))


def test_server_that_is_well_strikes_nowhere() -> None:
    assert not Behaviour().strikes("connect")
