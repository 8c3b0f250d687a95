"""Where Nix puts what it fetches: the store path that follows from the hash of its content.

Nix store path specification (nix.dev, "Complete Store Path Calculation"): a source that is added to the store with its NAR hash
is `/nix/store/<digest>-source`, a file that is fetched as it is `/nix/store/<digest>-<name>`, the digest being 160 bits
folded from a SHA-256.
"""

from hashlib import sha256
from typing import Final

from scanner.parse.nix.hashes import parse_nar_hash

_ALPHABET: Final = "0123456789abcdfghijklmnpqrsvwxyz"
_FOLDED: Final = 20
_LONGEST_NAME: Final = 211
_IN_NAMES: Final = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-._?=")


def nar_digest(nar_hash: str) -> bytes | None:
    """The SHA-256 of an SRI hash (`sha256-<base64>`), None when it is no such hash."""
    found = parse_nar_hash(nar_hash) if nar_hash else None
    return found.octets if found is not None else None


def store_path(nar_hash: str, name: str = "source") -> str | None:
    """The store path of a fetched source, None when the hash is not one, or Nix does not take the name."""
    digest = nar_digest(nar_hash)
    return _path(f"source:sha256:{digest.hex()}", name) if digest is not None else None


def file_store_path(file_hash: str, name: str) -> str | None:
    """The store path of a single file whose hash is that of its octets, as `fetchurl` makes it."""
    digest = nar_digest(file_hash)
    if digest is None:
        return None
    inner = sha256(f"fixed:out:sha256:{digest.hex()}:".encode()).hexdigest()
    return _path(f"output:out:sha256:{inner}", name)


def _path(content: str, name: str) -> str | None:
    if not name or len(name) > _LONGEST_NAME or name[0] == "." or not _IN_NAMES.issuperset(name):
        return None
    outer = sha256(f"{content}:/nix/store:{name}".encode()).digest()
    folded = bytearray(_FOLDED)
    for at, byte in enumerate(outer):
        folded[at % _FOLDED] ^= byte
    return f"/nix/store/{_nix32(bytes(folded))}-{name}"


def _nix32(data: bytes) -> str:
    """Nix's base 32: five bits at a time from the end."""
    number = int.from_bytes(data, "little")
    digits = (len(data) * 8 + 4) // 5
    return "".join(_ALPHABET[number >> 5 * at & 31] for at in reversed(range(digits)))
