"""The type of options that hold licences. It is apart so that a policy without such lists loads nothing that reads them."""

from typing import NewType

LicenseId = NewType("LicenseId", str)
"""One licence in a list of a policy: an SPDX id, also `id+` or `id WITH exception`; checked when the policy is read."""
