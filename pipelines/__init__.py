"""What to do with it: the three components over a conversation, records, routing, batches, spaCy."""
