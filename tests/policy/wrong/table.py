"""All wrong policies."""

from typing import Final

from tests.policy.wrong.checks import CHECKS
from tests.policy.wrong.format import FORMAT
from tests.policy.wrong.rules import RULES

EVERY: Final = (*FORMAT, *RULES, *CHECKS)
