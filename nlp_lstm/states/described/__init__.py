"""A tracker that reads its schema: slots with descriptions, values found in what was said."""
