"""What weaknesses are called in a few plain words, by their numbers in MITRE's Common Weakness Enumeration (https://cwe.mitre.org)."""

from collections.abc import Sequence
from typing import Final

WEAKNESSES: Final = {
    "CWE-20": "unchecked input",
    "CWE-22": "path traversal",
    "CWE-74": "injection",
    "CWE-77": "command injection",
    "CWE-78": "command injection",
    "CWE-79": "cross-site scripting",
    "CWE-88": "injected options",
    "CWE-94": "code injection",
    "CWE-95": "code injection",
    "CWE-116": "wrong escaping",
    "CWE-120": "buffer overflow",
    "CWE-140": "injection",
    "CWE-200": "exposed data",
    "CWE-201": "exposed data",
    "CWE-212": "exposed data",
    "CWE-215": "secrets in debug output",
    "CWE-221": "a gap in what is recorded",
    "CWE-250": "too many rights",
    "CWE-269": "too many rights",
    "CWE-276": "files that others may write",
    "CWE-284": "missing access control",
    "CWE-285": "missing authorization",
    "CWE-287": "missing authentication",
    "CWE-295": "unchecked certificates",
    "CWE-312": "secrets in plain text",
    "CWE-345": "unchecked origin",
    "CWE-347": "unchecked signatures",
    "CWE-349": "untrusted data taken for trusted",
    "CWE-352": "forged requests",
    "CWE-367": "a race between check and use",
    "CWE-400": "exhausted resources",
    "CWE-426": "programs from an untrusted place",
    "CWE-427": "programs from an untrusted place",
    "CWE-494": "unchecked downloads",
    "CWE-502": "code in serialized data",
    "CWE-506": "malicious code",
    "CWE-522": "badly kept secrets",
    "CWE-532": "secrets in the log",
    "CWE-693": "a protection that can be bypassed",
    "CWE-732": "files that others may write",
    "CWE-770": "exhausted resources",
    "CWE-778": "a gap in what is recorded",
    "CWE-829": "code from an untrusted place",
    "CWE-863": "a wrong check of rights",
    "CWE-913": "code injection",
    "CWE-918": "forged requests",
    "CWE-1236": "formulas in CSV files",
    "CWE-1357": "an untrusted component",
    "CWE-1395": "a vulnerable dependency",
}


_GENERAL: Final = frozenset(
    ("CWE-20", "CWE-74", "CWE-200", "CWE-284", "CWE-693", "CWE-829", "CWE-1357", "CWE-1395")
)
"""Classes that say less than another one beside them."""


def in_words(weaknesses: Sequence[str]) -> str | None:
    """The first of some weaknesses that has words here, one that says more before one that says less."""
    known = [id for id in weaknesses if id in WEAKNESSES]
    return next((WEAKNESSES[id] for id in sorted(known, key=_GENERAL.__contains__)), None)
