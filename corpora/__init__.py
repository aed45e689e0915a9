"""What was said: conversations, their labels, and readers of transcripts and published corpora."""
