"""From a recipe and corpora to an artefact: one loop for all three components."""
