"""Store paths and hashes are those that Nix computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanner.parse.nix.hashes import parse_nar_hash, parse_rev
from scanner.parse.nix.store_path import file_store_path, store_path
from tests.nix.installed import Nix, needs_nix
from tests.support import clean_environment, run

pytestmark = [pytest.mark.registry, needs_nix]

NAMES = ("source", "x-1.2.tar.gz", "a+b_c?d=e", "X")


def tree(folder: Path) -> Path:
    (folder / "sub").mkdir(parents=True)
    (folder / "flake.nix").write_text("{ outputs = _: { }; }\n", encoding="utf-8")
    (folder / "sub" / "run").write_bytes(b"\0binary\xff")
    (folder / "sub" / "run").chmod(0o755)
    (folder / "sub" / "link").symlink_to("../flake.nix")
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_the_path_of_a_folder(tmp_path: Path, name: str) -> None:
    folder = tree(tmp_path / "folder")
    nix = Nix(tmp_path / "nix")
    nar_hash = nix.run("nix", "hash", "path", folder).stdout.strip()
    digest = parse_nar_hash(nar_hash)
    assert digest is not None
    # The path is that of the usual store, which is not opened for that.
    printed = run(
        ["nix-store", "--print-fixed-path", "--recursive", "sha256", digest.octets.hex(), name],
        env=_elsewhere(tmp_path),
    )
    assert store_path(nar_hash, name) == printed.stdout.strip()


@pytest.mark.parametrize("name", NAMES)
def test_the_path_of_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"data\n")
    file_hash = Nix(tmp_path / "nix").run("nix", "hash", "file", file).stdout.strip()
    digest = parse_nar_hash(file_hash)
    assert digest is not None
    printed = run(
        ["nix-store", "--print-fixed-path", "sha256", digest.octets.hex(), name], env=_elsewhere(tmp_path)
    )
    assert file_store_path(file_hash, name) == printed.stdout.strip()


def test_the_path_that_nix_puts_a_folder_to(tmp_path: Path) -> None:
    """Added for real, to a store of the test's own that calls itself /nix/store."""
    folder = tree(tmp_path / "source")
    nix = Nix(tmp_path / "nix")
    added = run(
        ["nix-store", "--store", tmp_path / "root", "--add-fixed", "--recursive", "sha256", folder],
        env=_elsewhere(tmp_path),
    )
    assert store_path(nix.run("nix", "hash", "path", folder).stdout.strip()) == added.stdout.strip()


def _elsewhere(tmp_path: Path) -> dict[str, str]:
    """All of Nix's state in the test's folder, but not the name of its store."""
    state = {
        f"NIX_{name}_DIR": str(tmp_path / "state" / name.lower())
        for name in ("STATE", "LOG", "CONF", "LOCALSTATE")
    }
    return clean_environment(**state, HOME=str(tmp_path / "home"), NIX_CONFIG="build-users-group =")


@pytest.mark.parametrize("base", ["base16", "base32", "base64"])
def test_a_commit_in_each_base(tmp_path: Path, base: str) -> None:
    rev = "abcdef0123456789abcdef0123456789abcdef01"
    nix = Nix(tmp_path / "nix")
    written = nix.run("nix", "hash", f"to-{base}", "--type", "sha1", rev).stdout.strip()
    found = parse_rev(written)
    assert found is not None
    assert found.octets.hex() == rev
    assert parse_rev(f"sha1:{written}") == found
