"""Where Nix puts what it fetches: the store path that follows from a `narHash`.

Nix store path specification (nix.dev, "Complete Store Path Calculation"): a source that is added to the store with its NAR hash
is `/nix/store/<digest>-source`, the digest being 160 bits folded from a SHA-256.
"""

from base64 import b64decode
from hashlib import sha256
from typing import Final

_ALPHABET: Final = "0123456789abcdfghijklmnpqrsvwxyz"
_FOLDED: Final = 20


def nar_digest(nar_hash: str) -> bytes | None:
    """The SHA-256 of an SRI hash (`sha256-<base64>`), None when it is no such hash."""
    algorithm, _, text = nar_hash.partition("-")
    try:
        digest = b64decode(text, validate=True)
    except ValueError:
        return None
    return digest if algorithm == "sha256" and len(digest) == sha256().digest_size else None


def store_path(nar_hash: str, name: str = "source") -> str | None:
    """The store path of a fetched source, None when the hash is not one."""
    digest = nar_digest(nar_hash)
    if digest is None or not name.isascii():
        return None
    outer = sha256(f"source:sha256:{digest.hex()}:/nix/store:{name}".encode()).digest()
    folded = bytearray(_FOLDED)
    for at, byte in enumerate(outer):
        folded[at % _FOLDED] ^= byte
    return f"/nix/store/{_nix32(bytes(folded))}-{name}"


def _nix32(data: bytes) -> str:
    """Nix's base 32: five bits at a time from the end, in an alphabet without e, o, t and u."""
    number = int.from_bytes(data, "little")
    digits = (len(data) * 8 + 4) // 5
    return "".join(_ALPHABET[number >> 5 * at & 31] for at in reversed(range(digits)))
