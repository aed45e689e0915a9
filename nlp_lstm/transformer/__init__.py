"""A stronger and dearer reader, to which answers can be routed: MiniLM, trained further.

Needs the extra `transformer`. Its models are components like any other.
"""
