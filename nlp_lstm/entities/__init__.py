"""Named entities: which stretches of a turn name something, and what kind of thing."""
