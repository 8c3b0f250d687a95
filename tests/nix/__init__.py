"""Real Nix and we agree: whatever `nix` is on the machine is asked, without network, on stores of its own.

The cases are those that Nix 2.8 to 2.34 answer alike.
"""
