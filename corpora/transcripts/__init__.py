"""Transcripts of chats and calls, in the formats that people have.

for conversation in read_transcript("chats/17.txt"):
    print(conversation.id, len(conversation.turns))
"""

from corpora.transcripts.read import FORMATS, read_documents, read_transcript

__all__ = ["FORMATS", "read_documents", "read_transcript"]
