"""What in a script leaves nothing harmful of a text: commands that count, digest or pick letters, patterns that a text must match
before it is used (`checked.py` says where it must). Conservative: what is not understood lets everything through.

Harmless are letters, digits and `_ - . / : , @ % + =`; no shell gives a meaning to them inside a word.
"""

from collections.abc import Sequence
from typing import Final

from scanner.parse.shell_words import Command

MAX_PATTERN: Final = 400

_SAFE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+=")
_CLASSES: Final = frozenset("alnum alpha digit upper lower xdigit".split())
_ESCAPED: Final = frozenset("dw")
"""`\\d`, `\\w`."""

_COUNTS: Final = frozenset(
    "b2sum base32 base64 bc cksum date du hostname id length md5sum mktemp nproc od pwd seq sha1sum sha224sum sha256sum sha384sum "
    "sha512sum shasum sum tty uname uuidgen wc which whoami".split()
)
"""Programs that print numbers, digests, dates and texts of the machine, whatever they are given."""

SILENT: Final = frozenset(
    ": [ [[ alias break cd chmod chown continue cp declare exit export false git-config kill let local ln mkdir mv popd pushd read "
    "readonly return rm rmdir set shift shopt sleep source test touch trap true type ulimit umask unset wait".split()
)
"""Programs that print nothing."""


def safe_letters(text: str) -> bool:
    return _SAFE.issuperset(text)


def safe_class(text: str, at: int) -> tuple[bool, bool, int]:
    """The `[…]` at an index of a pattern: whether it is closed and names only harmless letters, whether it is negated, and the index
    behind it."""
    begin, size = at, len(text)
    at += 1
    negated = text[at : at + 1] in ("^", "!")
    at += negated
    first, safe = at, True
    while at < size and (text[at] != "]" or at == first):
        if text.startswith("[:", at):
            end = text.find(":]", at)
            if end < 0:
                return False, negated, size
            safe = safe and text[at + 2 : end] in _CLASSES
            at = end + 2
        elif text[at] == "\\":
            letter = text[at + 1 : at + 2]
            safe = (
                safe
                and (letter in _ESCAPED or letter in _SAFE)
                and (not letter.isalpha() or letter in _ESCAPED)
            )
            at += 2
        elif text[at + 1 : at + 2] == "-" and text[at + 2 : at + 3] not in ("]", ""):
            one, two = text[at], text[at + 2]
            same = (one.isdigit() and two.isdigit()) or (one.islower() and two.islower())
            safe = safe and (same or (one.isupper() and two.isupper())) and one.isascii() and two.isascii()
            at += 3
        else:
            safe = safe and text[at] in _SAFE
            at += 1
    return safe and at < size and at > begin + 1, negated, at + 1


def safe_pattern(text: str, *, anchored: bool = True) -> bool:
    """Whether a text that matches a regular expression as a whole holds only harmless letters. `anchored` asks that the
    pattern itself stands for the whole text: `^…$`."""
    if not text or len(text) > MAX_PATTERN:
        return False
    if anchored:
        if not text.startswith("^") or not text.endswith("$") or text.endswith("\\$"):
            return False
        text = text[1:-1]
    at, depth, size = 0, 0, len(text)
    while at < size:
        char = text[at]
        if char == "[":
            safe, negated, at = safe_class(text, at)
            if not safe or negated:
                return False
            continue
        if char == "\\":
            letter = text[at + 1 : at + 2]
            known = letter in _ESCAPED or (letter in _SAFE and not letter.isalpha())
            if not known and letter not in ("b", "(", ")", "{", "}", "?"):
                return False
            at += 2
        elif char == "(":
            depth += 1
            at += 3 if text.startswith("(?:", at) else 1
        elif char == ")":
            depth -= 1
            at += 1
        elif char == "{":
            end = text.find("}", at)
            if end < 0 or not set(text[at + 1 : end]) <= set("0123456789,"):
                return False
            at = end + 1
        elif char == "|":
            if depth == 0 and anchored:
                return False
            at += 1
        elif char in "+*?":
            at += 1
        elif char == "." or char not in _SAFE:
            return False
        else:
            at += 1
    return depth == 0


def safe_replacement(operator: str) -> bool:
    """Whether `${NAME<operator>}` keeps only harmless letters: `//[^a-z0-9]/-`; or is none of the text: `:+set`."""
    if operator == "#" or operator.startswith((":+", "+")):
        return True
    if not operator.startswith("//["):
        return False
    safe, negated, end = safe_class(operator, 2)
    rest = operator[end:]
    return safe and negated and (rest == "" or (rest.startswith("/") and safe_letters(rest[1:])))


def cleans(command: Command) -> bool:
    """Whether what a command prints is harmless, whatever it is given."""
    program, words = command.program.lower(), command.texts[1:]
    if program in _COUNTS:
        return not (
            program in ("base64", "base32") and any(w in ("-d", "-D", "--decode", "-di") for w in words)
        )
    match program:
        case "tr":
            flags = "".join(word for word in words if word.startswith("-") and len(word) > 1)
            sets = [word for word in words if not word.startswith("-") or word == "-"]
            picks = "d" in flags and ("c" in flags or "C" in flags)
            swaps = not picks and ("c" in flags or "C" in flags) and len(sets) == 2 and safe_letters(sets[1])
            return (picks or swaps) and bool(sets) and _safe_set(sets[0])
        case "sed":
            return any(map(_safe_substitution, words))
        case "grep" | "egrep" | "rg":
            return _grep_cleans(words)
        case "jq" | "yq":
            program_ = next((word for word in words if not word.startswith("-")), "")
            return program_.rstrip(" )").endswith(("length", "type", "@base64", "@uri", "tonumber"))
        case "awk" | "gawk":
            return any(
                word.replace(" ", "") in ("{printNF}", "END{printNR}", "{printlength}") for word in words
            )
        case "go" | "brew":
            return words[:1] in (("env",), ("--prefix",))
        case "openssl":
            return words[:1] in (("rand",), ("dgst",), ("sha256",))
        case "git":
            return any(word.startswith(("--format=%H", "--format=%h", "--pretty=%H")) for word in words)
    return False


def _grep_cleans(words: Sequence[str]) -> bool:
    flags = "".join(word[1:] for word in words if word.startswith("-") and not word.startswith("--"))
    if "q" in flags or "c" in flags or "--quiet" in words or "--count" in words:
        return True
    if "v" in flags:
        return False
    pattern = next((word for word in words if not word.startswith("-")), "")
    if "o" in flags or "--only-matching" in words:
        pattern = pattern.partition("\\K")[2] or pattern
        return safe_pattern(pattern.removeprefix("^").removesuffix("$"), anchored=False)
    return safe_pattern(pattern, anchored=not ("x" in flags or "--line-regexp" in words))


def _safe_set(text: str) -> bool:
    """The set of `tr`: letters, ranges, `[:alnum:]`, `\\n`."""
    safe, _, end = safe_class(
        "[" + text.replace("\\n", "").replace("\n", "").replace("[:space:]", "?") + "]", 0
    )
    return safe and end >= len(text.replace("\\n", ""))


def _safe_substitution(text: str) -> bool:
    """`s/[^a-z0-9]/-/g`."""
    for part in text.split(";"):
        part = part.strip()
        if len(part) < 6 or part[0] != "s" or not part[2:].startswith("["):
            continue
        mark = part[1]
        safe, negated, end = safe_class(part, 2)
        rest = part[end:].lstrip("+*\\")
        fields = rest.split(mark)
        if (
            safe
            and negated
            and len(fields) == 3
            and fields[0] == ""
            and safe_letters(fields[1])
            and "g" in fields[2]
        ):
            return True
    return False
