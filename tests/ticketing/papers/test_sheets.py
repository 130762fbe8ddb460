import subprocess
import sys

LOOK = """
import sys
from ticketing.__main__ import parser_for
parser_for([])
print({"fpdf", "escpos"} & {*sys.modules})
"""


def test_commands_that_print_nothing_load_nothing_that_prints() -> None:
    found = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert found.stdout == "set()\n"
