"""Nix in workflows: what steps run, from where, with which tool and which credentials."""
