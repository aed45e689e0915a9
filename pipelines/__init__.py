"""What to do with it: components over a conversation, records, routing, batches, spaCy."""
