import json
import re

import pytest

from tests.ticketing.commands.shell import DAY, OFFICE_ID, Shell
from ticketing.__main__ import main
from ticketing.commands.node import Node
from ticketing.data_map.elsewhere import FILES
from ticketing.data_map.model import rows_of
from ticketing.data_map.show import as_json, as_markdown


def test_data_map_prints_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["data-map"])

    assert (code, capsys.readouterr().out) == (0, as_markdown() + "\n")


def test_data_map_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["data-map", "--format", "json"])

    assert (code, json.loads(capsys.readouterr().out)) == (0, json.loads(as_json()))


def test_every_file_that_an_installation_makes_is_listed(shell: Shell) -> None:
    data, found = shell.installation.data, set[str]()

    async def look(node: Node) -> None:
        await node.site.contacts.put(
            OFFICE_ID, DAY, "A001", "email", "hanako@example.jp", "ja", None, None, node.clock.now()
        )
        found.update(str(path.relative_to(data)) for path in data.rglob("*") if path.is_file())
        await node.run_purge()
        found.update(str(path.relative_to(data)) for path in data.rglob("*") if path.is_file())

    shell.serve_two()
    shell.happens(look)
    shell.run("keys", "list")

    patterns = [
        re.compile(re.escape(row.field).replace("OFFICE", "[a-z0-9-]+").replace("DAY", r"\d{4}-\d\d-\d\d"))
        for row in rows_of(FILES)
    ]
    assert f"keys/minato/{DAY}.key" in found
    assert [name for name in sorted(found) if not any(pattern.fullmatch(name) for pattern in patterns)] == []
