"""How good: scores of the three tasks by their published protocols, and calibration."""
