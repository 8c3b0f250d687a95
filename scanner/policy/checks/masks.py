"""Sets of small numbers as the bits of one integer: what is asked of thousands of nodes is a few operations on them."""

from collections.abc import Iterable, Iterator


def mask_of(numbers: Iterable[int], size: int) -> int:
    """The set of these numbers, all below `size`; linear, which setting one bit after the other is not."""
    found = bytearray((size >> 3) + 1)
    for number in numbers:
        found[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(found, "little")


def mask_of_flags(flags: bytearray) -> int:
    """The numbers at which a flag is set."""
    # A digit for each flag, the first one last, is the number in base two.
    return int(flags[::-1].translate(_DIGITS), 2) if flags else 0


_DIGITS = bytes([ord("0")]) + bytes([ord("1")]) * 255

_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def numbers_of(mask: int) -> Iterator[int]:
    """The numbers of a set, the smallest first."""
    for at, byte in enumerate(mask.to_bytes((mask.bit_length() + 7) >> 3, "little")):
        if byte:
            base = at << 3
            for bit in _BITS[byte]:
                yield base + bit
