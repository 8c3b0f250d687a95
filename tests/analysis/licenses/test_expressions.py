"""Expressions are read as SPDX means them; whatever else the text is, that is said."""

import pytest
from cyclonedx.spdx import fixup_id, is_supported_id
from hypothesis import given
from hypothesis import strategies as st

from scanner.analysis.licenses.expressions import (
    _COMMON,
    MAX_LENGTH,
    Both,
    Either,
    License,
    NoLicense,
    _ids,
    read,
    read_license,
)


@pytest.mark.parametrize(
    ("text", "meant", "versions"),
    [
        ("MIT", "MIT", ("MIT",)),
        ("mit", "MIT", ("MIT",)),
        ("GPL-2.0-only", "GPL-2.0-only", ("GPL-2.0",)),
        ("GPL-2.0-or-later", "GPL-2.0-or-later", ("GPL-2.0", "GPL-3.0")),
        ("GPL-2.0+", "GPL-2.0-or-later", ("GPL-2.0", "GPL-3.0")),
        ("LGPL-2.0-or-later", "LGPL-2.0-or-later", ("LGPL-2.0", "LGPL-2.1", "LGPL-3.0")),
        ("MPL-1.1+", "MPL-1.1+", ("MPL-1.1", "MPL-2.0")),
        ("Apache-2.0+", "Apache-2.0+", ("Apache-2.0",)),
        ("BSD-2-Clause-NetBSD", "BSD-2-Clause", ("BSD-2-Clause",)),
        ("BSD-2-Clause+", "BSD-2-Clause+", ("BSD-2-Clause",)),
        ("CC-BY-SA-3.0+", "CC-BY-SA-3.0+", ("CC-BY-SA-3.0", "CC-BY-SA-4.0")),
        ("LicenseRef-Mine", "LicenseRef-Mine", ("LicenseRef-Mine",)),
        (
            "GPL-2.0-only WITH classpath-exception-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            ("GPL-2.0",),
        ),
        (
            "GPL-2.0-with-classpath-exception",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            ("GPL-2.0",),
        ),
        ("wxWindows", "LGPL-2.0-or-later WITH WxWindows-exception-3.1", ("LGPL-2.0", "LGPL-2.1", "LGPL-3.0")),
    ],
)
def test_one_license(text: str, meant: str, versions: tuple[str, ...]) -> None:
    found = read_license(text)
    assert str(found) == meant
    assert found.versions == versions
    assert read_license(meant) == found


def test_operators() -> None:
    mit, isc, zlib = License("MIT"), License("ISC"), License("Zlib")
    assert read("MIT OR ISC AND Zlib") == Either((mit, Both((isc, zlib))))
    assert read("(MIT OR ISC) AND Zlib") == Both((Either((mit, isc)), zlib))
    assert read("(MIT)") == mit


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no SPDX license expression"),
        ("MIT OR", "no SPDX license expression"),
        ("MIT ISC", "no SPDX license expression"),
        ("(MIT", "no SPDX license expression"),
        ("( )", "no SPDX license expression"),
        ("MTI", "did you mean `MIT`?"),
        ("Apache-2", "did you mean `Apache-2.0`?"),
        ("apache2", "did you mean `Apache-2.0`?"),
        ("GPL-3", "did you mean `GPL-3.0-only` or `GPL-3.0-or-later`?"),
        ("LGPLv2.1", "did you mean `LGPL-2.1-only` or `LGPL-2.1-or-later`?"),
        ("GPL", "did you mean `GPL-3.0-only` or `GPL-3.0-or-later`?"),
        ("LGPL", "did you mean `LGPL-3.0-only` or `LGPL-3.0-or-later`?"),
        ("GFDL", "did you mean `GFDL-1.3-only` or `GFDL-1.3-or-later`?"),
        ("BSD", "did you mean `BSD-3-Clause`?"),
        ("BSD-2", "did you mean `BSD-2-Clause`?"),
        ("MPL", "did you mean `MPL-2.0`?"),
        ("Apache", "did you mean `Apache-2.0`?"),
        ("CC-BY", "did you mean `CC-BY-4.0`?"),
        ("CC-BY-SA", "did you mean `CC-BY-SA-4.0`?"),
        ("OFL", "did you mean `OFL-1.1`?"),
        ("mit-license", "did you mean `MIT`?"),
        ("Unlicence", "did you mean `Unlicense`?"),
        ("BSD3", "did you mean `BSD-3-Clause`?"),
        ("NOASSERTION", "SPDX has no licence `NOASSERTION`"),
        ("MIT WITH ISC", "SPDX has no exception `ISC`"),
        ("Classpath-exception-2.0", "SPDX has no licence"),
        ("GPL-2.0-only WITH classpath-exception", "did you mean `Classpath-exception-2.0`?"),
        ("M" * (MAX_LENGTH + 1), f"more than {MAX_LENGTH} characters"),
    ],
)
def test_what_is_none(text: str, why: str) -> None:
    with pytest.raises(NoLicense) as error:
        read(text)
    assert why in str(error.value)


def test_deprecated_names_are_read_as_spdx_reads_them() -> None:
    assert read("GPL-2.0") == License("GPL-2.0")
    assert str(read("AGPL-3.0")) == "AGPL-3.0-only"


@pytest.mark.parametrize("text", ["GPL-2.0", "lgpl-2.1", "(GPL-2.0)", "GPL-2.0 WITH Classpath-exception-2.0"])
def test_on_a_list_a_name_says_which_versions_are_meant(text: str) -> None:
    name = text.strip("()").partition(" ")[0]
    with pytest.raises(NoLicense) as error:
        read_license(text)
    only = str(read(name))
    assert str(error.value) == (
        f"`{name}` does not say whether later versions are meant; write `{only}` or `{only.removesuffix('only')}or-later`"
    )


def test_names_that_spdx_has_had() -> None:
    """Every name that is read is one of SPDX's list: https://spdx.org/licenses/."""
    names = [name for name in _ids().licenses if not name.endswith("+")]
    assert len(names) > 600
    assert [name for name in names if not is_supported_id(fixup_id(name) or "")] == []
    assert set(_COMMON) <= set(_ids().licenses.values())


def test_a_list_names_one_at_a_time() -> None:
    with pytest.raises(NoLicense, match="list each of them"):
        read_license("MIT OR ISC")


WORDS = [
    "MIT",
    "GPL-2.0+",
    "(",
    ")",
    "OR",
    "and",
    "WITH",
    "Classpath-exception-2.0",
    "+",
    " ",
    "NOT",
    "|",
    "&",
    "\0",
    "é",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read(text)
    except NoLicense as error:
        assert str(error)


@pytest.mark.parametrize("text", ["(" * 490 + "MIT" + ")" * 490, "(MIT OR " * 90 + "ISC" + ")" * 90])
def test_deep_expressions(text: str) -> None:
    read(text)
