"""Make the list of English words that tells English chats from others: `make_english.py`.

Counts the words of the training turns that `make_encoder.py targets` kept of GoEmotions, IRC,
MultiDoGO and SGD, each corpus counting the same, and writes the most frequent ones. Capitalised
words are not counted: El Paso must not make Spanish look English.
"""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

from safetensors import safe_open

from nlp_lstm.text.language import ENGLISH, letters_of

TARGETS = Path("build/turn-targets")
CORPORA = ("goemotions", "sgd", "multidogo", "irc")
CAPITALISED = re.compile(r"\b[^\W\d_a-z][\w'’]*")
MOST = 4000


def main() -> None:
    shares: defaultdict[str, float] = defaultdict(float)
    for corpus in CORPORA:
        with safe_open(TARGETS / f"{corpus}.safetensors", framework="pt") as stored:
            texts = json.loads(stored.metadata()["texts"])
        counts = Counter(word for text in texts for word in _counted(text))
        total = sum(counts.values())
        for word, count in counts.items():
            shares[word] += count / total
    ranked = sorted(shares, key=lambda word: (-shares[word], word))
    ENGLISH.write_text("".join(f"{word}\n" for word in sorted(ranked[:MOST])), encoding="utf-8")
    print(f"{ENGLISH}: {MOST} words of {len(shares)}")


def _counted(text: str) -> list[str]:
    return letters_of(CAPITALISED.sub(" ", text))


if __name__ == "__main__":
    main()
