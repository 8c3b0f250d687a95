"""What `uses:` names: actions, called workflows, their versions, and what is handed to them."""
