"""The rules, one `.py` (logic) and one `.md` (page and examples) each, in folders by what they read."""
