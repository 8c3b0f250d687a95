"""Nix: locks, flake references, flake.nix, nix.conf and the command line."""
