import subprocess
import sys

LOOK = "import sys, ticketing.__main__; print([name for name in ('fpdf', 'PIL', 'fontTools') if name in sys.modules])"


def test_commands_that_print_nothing_load_nothing_that_prints() -> None:
    found = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)

    assert found.stdout == "[]\n"
