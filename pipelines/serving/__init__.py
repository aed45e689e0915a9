"""Conversations that are still going on: kept in bounded memory, stored, answered turn by turn."""
