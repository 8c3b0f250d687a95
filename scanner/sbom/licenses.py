"""Licences of components: what is known of a repository's, as bills of materials name it.

They are `declared`: what the authors say in the repository, be it the table or a forge that has read it there. Nobody has gone through
its files, which `concluded` would say (https://cyclonedx.org/docs/1.6/json/#components_items_licenses).
"""

from scanner.analysis.remotes.licenses import Licensed
from scanner.sbom.bill import License


def license_of(found: Licensed) -> License | None:
    """An id where there is one licence that SPDX has, else an expression; None for what a forge says and SPDX does not know."""
    if not found.by_forge:  # the table holds nothing else, see its test
        return License(found.expression, " " not in found.expression)
    # It loads the ids of SPDX, which only `--online` needs.
    from scanner.analysis.licenses.expressions import NoLicense, id_of, read

    id = id_of(found.expression)
    if id is not None:
        return License(id, True)
    try:
        read(found.expression)
    except NoLicense:
        return None
    return License(found.expression, False)
