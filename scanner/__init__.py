"""snowfence: a security and policy scanner for Nix flakes and GitHub Actions."""

__version__ = "0.1.0"

HOME = "https://github.com/snowfence/snowfence"
"""Where the project is."""
