"""How a process that only annotates uses torch: one thread, and kernels within bounds."""

import os

import torch

# oneDNN keeps the kernels of the last 1,024 shapes of a batch, and over a corpus every batch has
# another: measured over 5,000 chats that grows by 300 MiB, and with a hundred not at all.
KERNELS_KEPT = "100"


def calm_torch() -> None:
    """Call it before the first model reads; a setting in the environment is left as it is.

    A second thread spins more than it computes on turns this short.
    """
    torch.set_num_threads(1)
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS_KEPT)
