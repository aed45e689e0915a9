"""Whether models are read by compiled kernels, and whether in bfloat16."""

_precision = "auto"
_kernels = True


def set_precision(precision: str) -> None:
    """Choose how models read from now on, in this process.

    Args:
        precision: `auto` reads in bfloat16 where that is fast, `float32` never does. Models that
            have read before keep what they use until their `eval()` is called.

    Raises:
        ValueError: It is neither.
    """
    global _precision  # noqa: PLW0603 - one processor, one choice
    if precision not in ("auto", "float32"):
        raise ValueError(f"precision {precision!r} is neither 'auto' nor 'float32'")
    _precision = precision


def halves_wanted() -> bool:
    """Whether bfloat16 may be used."""
    return _precision == "auto"


def set_kernels(wanted: bool) -> None:
    """Choose whether models read by compiled kernels from now on, in this process.

    Without them PyTorch and NumPy read, in float32, every kind of cell alike.

    Args:
        wanted: False turns them off. Models that have read before keep what they use until their
            `eval()` is called.
    """
    global _kernels  # noqa: PLW0603 - one processor, one choice
    _kernels = wanted


def kernels_wanted() -> bool:
    """Whether kernels may be used."""
    return _kernels
