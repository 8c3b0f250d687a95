"""References to container images: `[registry/]name[:tag][@digest]` (the distribution project's grammar)."""

from typing import Final, NamedTuple

from scanner.model.secrets import masked

DEFAULT_REGISTRY = "docker.io"
_SCHEME: Final = "docker://"


class Image(NamedTuple):
    """`name` is without the registry (`library/` is not added); tag and digest are None when absent."""

    registry: str
    name: str
    tag: str | None
    digest: str | None

    @property
    def repository(self) -> str:
        """Registry and name, the registry left out when it is Docker Hub."""
        return self.name if self.registry == DEFAULT_REGISTRY else f"{self.registry}/{self.name}"

    @property
    def pinned(self) -> bool:
        """Whether it is fixed by a digest that can be one: `sha256:` and 64 hex digits, or `sha512:` and 128."""
        algorithm, _, digest = (self.digest or "").partition(":")
        size = {"sha256": 64, "sha512": 128}.get(algorithm)
        return size is not None and len(digest) == size and all(char in "0123456789abcdef" for char in digest)


def without_secrets(text: str) -> str:
    """A reference without the password that somebody has written into it as into a URL, which no registry takes."""
    return masked(_SCHEME + text).removeprefix(_SCHEME)


def image_of(text: str) -> Image:
    text = without_secrets(text.strip())
    rest, _, digest = text.partition("@")
    head, slash, tail = rest.rpartition("/")
    name, colon, tag = tail.partition(":")
    path = f"{head}{slash}{name}"
    first, slash, below = path.partition("/")
    # Docker's rule: the first part is a host if it has a dot or a port or is `localhost`.
    if slash and ("." in first or ":" in first or first == "localhost"):
        registry, path = first.lower(), below
    else:
        registry = DEFAULT_REGISTRY
    if registry in ("index.docker.io", "registry-1.docker.io"):
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY:
        path = path.removeprefix("library/")
    return Image(registry, path, tag if colon and tag else None, digest or None)
