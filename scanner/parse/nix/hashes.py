"""Hashes as Nix reads them (hash.cc of Nix 2.34): `sha1:` with base 16, base 32 or base 64, and `sha256-` with base 64."""

from string import ascii_letters, digits
from typing import Final, NamedTuple

from scanner.model.commit import HEX

SIZES: Final = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}
"""Octets of the hashes that Nix knows (BLAKE3 needs an experimental feature)."""

_NIX32: Final = {char: value for value, char in enumerate("0123456789abcdfghijklmnpqrsvwxyz")}
_BASE64: Final = frozenset(f"{ascii_letters}{digits}+/")


class Hash(NamedTuple):
    algorithm: str
    octets: bytes


def parse_rev(text: str) -> Hash | None:
    """A revision: SHA-1 unless it says otherwise (`Input::getRev`); None for what Nix refuses."""
    if len(text) == 40 and HEX.issuperset(text):
        return Hash("sha1", bytes.fromhex(text))
    algorithm, colon, rest = text.partition(":")
    if colon:
        return _digest(rest, algorithm, sri=False)
    algorithm, dash, rest = text.partition("-")
    if dash:
        return _digest(rest, algorithm, sri=True)
    return _digest(text, "sha1", sri=False)


def plain_rev(text: str) -> str:
    """A revision in lower case hexadecimal, however it is written; as it is when Nix would refuse it."""
    found = parse_rev(text)
    return found.octets.hex() if found is not None else text.lower()


def parse_nar_hash(text: str) -> Hash | None:
    """A `narHash`, which must be SHA-256 in the form `sha256-…`; empty, it is all zeros (`Input::getNarHash`)."""
    if not text:
        return Hash("sha256", bytes(SIZES["sha256"]))
    algorithm, dash, rest = text.partition("-")
    return _digest(rest, algorithm, sri=True) if dash and algorithm == "sha256" else None


def same_hash(one: str, other: str) -> bool:
    """Whether two spellings, in whatever encoding, mean one hash."""
    if one == other:
        return True
    found = [parse_nar_hash(text) or parse_rev(text) for text in (one, other)]
    return found[0] is not None and found[0] == found[1]


def sri(found: Hash) -> str:
    """`sha256-` and base 64."""
    from binascii import b2a_base64

    return f"{found.algorithm}-{b2a_base64(found.octets, newline=False).decode('ascii')}"


def _digest(text: str, algorithm: str, *, sri: bool) -> Hash | None:
    size = SIZES.get(algorithm)
    if size is None:
        return None
    octets: bytes | None = None
    if sri:
        octets = _base64(text)
    elif len(text) == 2 * size:
        octets = bytes.fromhex(text) if HEX.issuperset(text) else None
    elif len(text) == (size * 8 + 4) // 5:
        octets = _nix32(text, size)
    elif len(text) == (size + 2) // 3 * 4:
        octets = _base64(text)
    return Hash(algorithm, octets) if octets is not None and len(octets) == size else None


def _nix32(text: str, size: int) -> bytes | None:
    value = 0
    for char in text:
        digit = _NIX32.get(char)
        if digit is None:
            return None
        value = value << 5 | digit
    return value.to_bytes(size, "little") if value < 1 << (8 * size) else None


def _base64(text: str) -> bytes | None:
    """Base 64 as Nix reads it: it ends at the first `=`, line feeds do not count, bits that are left over neither."""
    from binascii import a2b_base64

    text = text.partition("=")[0].replace("\n", "")
    if len(text) > 200 or not _BASE64.issuperset(text):
        return None
    octets = len(text) * 6 // 8
    return a2b_base64(text + "A" * (-len(text) % 4))[:octets]
