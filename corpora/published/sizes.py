"""How large the published corpora are: conversations and turns a split, as they are read here.

Counted by `nlp-lstm corpora check` on the files that docs/corpora.md names.
"""

from collections.abc import Mapping

Size = Mapping[str, tuple[int, int]]

SIZES: Mapping[str, Size] = {
    "multiwoz21": {"train": (7_904, 102_078), "dev": (1_000, 13_744)},
    "multiwoz21-raw": {"dev": (999, 14_730)},
    "woz2": {"train": (600, 4_472), "dev": (200, 1_460)},
    "woz2-de": {"train": (600, 4_472), "dev": (200, 1_460)},
    "woz2-it": {"train": (600, 4_472), "dev": (200, 1_460)},
    "multidogo": {"train": (9_948, 85_296), "dev": (1_419, 11_970)},
    "multidogo-turn": {"train": (9_900, 81_676), "dev": (1_413, 11_585)},
    "multidogo-states": {"train": (9_900, 81_676), "dev": (1_413, 11_585)},
    "multidogo-support": {"train": (9_900, 81_676), "dev": (1_413, 11_585)},
    "restaurant8k": {"train": (7_357, 9_035), "dev": (841, 1_040)},
    "restaurant8k-1": {"train": (3_689, 4_538), "dev": (841, 1_040)},
    "restaurant8k-2": {"train": (1_849, 2_279), "dev": (841, 1_040)},
    "restaurant8k-3": {"train": (921, 1_128), "dev": (841, 1_040)},
    "restaurant8k-4": {"train": (456, 561), "dev": (841, 1_040)},
    "restaurant8k-5": {"train": (223, 274), "dev": (841, 1_040)},
    "restaurant8k-6": {"train": (110, 137), "dev": (841, 1_040)},
    "restaurant8k-7": {"train": (58, 75), "dev": (841, 1_040)},
    "restaurant8k-8": {"train": (30, 40), "dev": (841, 1_040)},
    "wnut17": {"train": (3_394, 3_394), "dev": (1_009, 1_009)},
    "btc": {"train": (6_338, 6_338), "dev": (1_001, 1_001)},
    "btc-signs": {"train": (6_338, 6_338), "dev": (1_001, 1_001)},
    "btc-names": {"train": (6_338, 6_338), "dev": (1_001, 1_001)},
    "crossner": {"train": (700, 700), "dev": (2_121, 2_121)},
    "crossner-ai": {"train": (100, 100), "dev": (350, 350)},
    "crossner-literature": {"train": (100, 100), "dev": (400, 400)},
    "crossner-music": {"train": (100, 100), "dev": (380, 380)},
    "crossner-politics": {"train": (200, 200), "dev": (541, 541)},
    "crossner-science": {"train": (200, 200), "dev": (450, 450)},
    "sgd": {"train": (12_174, 223_756), "dev": (2_098, 38_768)},
    "sim-m": {"train": (384, 3_562), "dev": (120, 1_134)},
    "sim-r": {"dev": (349, 2_629)},
    "meld": {"train": (1_038, 9_989), "dev": (114, 1_109)},
    "emorynlp": {"train": (659, 7_551), "dev": (89, 954)},
    "dailydialog": {"train": (10_987, 86_052), "dev": (1_000, 8_069)},
    "goemotions": {"train": (43_410, 43_410), "dev": (5_426, 5_426)},
    "uss": {"all": (3_125, 72_213)},
    "uss-mwoz": {"all": (875, 19_165)},
    "uss-sgd": {"all": (900, 22_982)},
    "uss-redial": {"all": (900, 19_370)},
    "uss-ccpe": {"all": (450, 10_696)},
    "irc": {"train": (20, 28_300), "dev": (10, 12_500)},
}


def size_of(name: str) -> Size:
    """Conversations and turns of each split that was counted; none where nothing was."""
    return SIZES.get(name, {})
