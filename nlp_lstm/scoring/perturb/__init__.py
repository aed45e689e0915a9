"""Conversations as people might have typed them, labels kept right: slips, capitals, doubts.

A tracker is judged on such turns (`evaluate --perturb`), and may learn from them.
"""

from nlp_lstm.scoring.perturb.corrections import JUDGED_BY, TAUGHT
from nlp_lstm.scoring.perturb.perturbing import KINDS, Perturbation, perturbed, slot_values

__all__ = ["JUDGED_BY", "KINDS", "TAUGHT", "Perturbation", "perturbed", "slot_values"]
