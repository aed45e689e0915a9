"""Dialogue-state tracking: what the customer wants so far, turn by turn."""
