"""Locks and what they lock: where inputs come from, how old they are, and what departs from what was asked for."""
