"""Conversations written down: in our own form, and in those that other programs read.

Each of them, read again with `read_transcript`, gives the same conversations: what a form has no
place for stands beside it. Only `line` and `source` are those of the file that was read last.
"""

from corpora.written.forms import FORMS, Form, distinct

__all__ = ["FORMS", "Form", "distinct"]
