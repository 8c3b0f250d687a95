"""What GitHub refuses in workflows and actions, or reads otherwise than it looks."""
