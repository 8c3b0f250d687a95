"""Settings of Nix, wherever they are made, and what they let others do."""
