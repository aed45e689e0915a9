"""Numbers that belong to the tracker's weights, whatever computes with them."""

STATUSES = 3  # of a slot: empty, don't care, filled
PLAIN = 3  # scores that a slot has of its own: nothing, don't care, keep
MATCH_SCALE = 0.2  # of a bilinear score beside the others, when training starts
# Index 0 of the mention vectors is no mention at all.
NO_MENTION = 0
# One labelled change in a hundred empties a slot, but long talk about something else makes a
# tracker doubt little by little what was said before: of 579 slots 71 were emptied in 200 turns.
LEAST_SURE_DELETION = 0.75
