"""Shows what differs when one of the helper's assertions fails."""

import pytest

pytest.register_assert_rewrite("tests.ticketing.hall.given")
