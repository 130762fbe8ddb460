from ticketing.commands.node import Node
from ticketing.demo.furniture import ACCOUNTS, PASSWORD, invite
from ticketing.demo.start import Demo


async def test_accounts_are_added_once(demo: Demo, node: Node) -> None:
    await demo.furnish(node.site)
    await node.site.staff.disable("sato")

    await demo.furnish(node.site)

    accounts = await node.site.staff.list()
    assert sorted((one.name, *sorted(one.roles)) for one in accounts) == sorted(
        (one.name, *one.roles) for one in ACCOUNTS
    )
    assert [one.name for one in accounts if one.is_disabled] == ["sato"]


async def test_printed_password_signs_in_and_is_hashed_in_full_then(demo: Demo, node: Node) -> None:
    await demo.furnish(node.site)
    quick = await stored_hash(node, "yamada")

    account = await node.site.staff.authenticate("yamada", PASSWORD)

    assert account is not None
    assert account.roles == {"supervisor"}
    assert "m=8192," in quick
    assert "m=65536," in await stored_hash(node, "yamada")
    assert await node.site.staff.authenticate("yamada", PASSWORD) == account


async def stored_hash(node: Node, name: str) -> str:
    row = await node.main_file.fetch_one("SELECT password_hash FROM staff WHERE name = ?", (name,))
    assert row is not None
    return str(row["password_hash"])


async def test_every_start_prints_fresh_links_that_enrol_once(demo: Demo, node: Node) -> None:
    first, second = links(await demo.furnish(node.site)), links(await demo.furnish(node.site))
    now = node.site.clock.now()

    enrolled = [await node.site.devices.enrol(link.partition("#")[2], now) for link in (*second, second[0])]

    assert len(set(first) | set(second)) == 8
    assert [one[0].kind if one else None for one in enrolled] == ["kiosk", "board", "kiosk", "board", None]


def links(printed: str) -> list[str]:
    return [word for word in printed.split() if "/enrol#" in word]


async def test_what_is_done_for_the_demonstration_is_recorded(demo: Demo, node: Node) -> None:
    await demo.furnish(node.site)
    await invite(node.site, "sakura", "kiosk", "web", "127.0.0.1")

    rows = [row.entry for row in await node.site.audit.list()]
    done = [(row.who, row.what) for row in rows if row.what in ("staff.add", "device.invite")]
    assert done == [
        *[("cli:demonstration", "staff.add")] * len(ACCOUNTS),
        *[("cli:demonstration", "device.invite")] * 4,
        ("web", "device.invite"),
    ]
