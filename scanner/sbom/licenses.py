"""Licences of components: what is known of a repository's, in the words of CycloneDX.

They are `declared`: what the authors say in the repository, be it the table or a forge that has read it there. Nobody has gone through
its files, which `concluded` would say (https://cyclonedx.org/docs/1.6/json/#components_items_licenses).
"""

from cyclonedx.model.license import (
    DisjunctiveLicense,
    LicenseAcknowledgement,
    LicenseExpression,
)

from scanner.analysis.remotes.licenses import Licensed

License = DisjunctiveLicense | LicenseExpression

_DECLARED = LicenseAcknowledgement.DECLARED


def license_of(found: Licensed) -> License | None:
    """An id where there is one licence that SPDX has, else an expression; None for what a forge says and SPDX does not know."""
    if not found.by_forge:  # the table holds nothing else, see its test
        return _single(found.expression) if " " not in found.expression else _several(found.expression)
    # These load the ids of SPDX, which only `--online` needs.
    from cyclonedx.spdx import fixup_id

    from scanner.analysis.licenses.expressions import NoLicense, read

    id = fixup_id(found.expression)
    if id is not None:
        return _single(id)
    try:
        read(found.expression)
    except NoLicense:
        return None
    return _several(found.expression)


def _single(id: str) -> License:
    return DisjunctiveLicense(id=id, acknowledgement=_DECLARED)


def _several(expression: str) -> License:
    return LicenseExpression(expression, acknowledgement=_DECLARED)
