"""The lessons after the first in a real browser: as test_browser.py, in a file of its own for another worker."""

import pytest
from test_browser import WITH_EXPLORERS, go_through, lab, pytestmark  # noqa: F401  lab is a fixture


@pytest.mark.chromium
@pytest.mark.parametrize("name", WITH_EXPLORERS[1:])
def test_a_student_goes_through(lab, name, axe_or_none):  # noqa: F811
    go_through(lab, name, axe_or_none)
