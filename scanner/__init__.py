"""snowfence: a security and policy scanner for Nix flakes and GitHub Actions."""

__version__ = "0.1.0"
