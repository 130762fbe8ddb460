from ticketing.attention import Attention


def test_counts_are_by_channel_and_code_in_order() -> None:
    attention = Attention()

    for channel, code in (("line", "line_quota"), ("email", "smtp_535"), ("line", "line_quota"), ("email", "smtp_tls")):
        attention.note(channel, code)

    assert attention.counts() == [("email", "smtp_535", 1), ("email", "smtp_tls", 1), ("line", "line_quota", 2)]
