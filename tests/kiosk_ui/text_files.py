"""The text files as they lie on the disk, and what the pages' scripts make of them."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from kiosk_ui import ROOT

NODE = shutil.which("node")
TEXTS = ROOT / "texts"
#: The languages of the pages for visitors; staff pages speak the first and the third.
LANGUAGES = ("ja", "ja-x-easy", "en", "zh-Hans", "zh-Hant", "ko", "vi", "ne", "my")
STAFF_LANGUAGES = ("ja", "en")
#: Where a text has an argument: ``{name}``, ``{name, plural, …}``.
ARGUMENT = re.compile(r"\{\s*([a-z]\w*)\s*[,}]")


def file_of(language: str, folder: str = "") -> dict[str, Any]:
    read: dict[str, Any] = json.loads((TEXTS / folder / f"{language}.json").read_text("utf-8"))
    return read


def texts(language: str, folder: str = "") -> dict[str, str]:
    return {key: text for key, text in file_of(language, folder).items() if not key.startswith("@@")}


def arguments(text: str) -> set[str]:
    return set(ARGUMENT.findall(text))


def sources(folder: str, suffix: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((ROOT / folder).rglob(f"*{suffix}")))


def in_node(module: str, expression: str, *values: Any) -> Any:
    """The value of an expression over ``module`` (one of ``js/shared``) and ``values``."""
    return node(ROOT / "js" / "shared" / module, expression, *values)


def node(path: Path, expression: str, *values: Any) -> Any:
    script = f"""
        const module = await import({json.dumps(path.as_uri())});
        const values = {json.dumps(values)};
        console.log(JSON.stringify({expression}));
    """
    command = [str(NODE), "--no-warnings", "--experimental-default-type=module", "--input-type=module"]
    done = subprocess.run(command, input=script, check=True, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)
