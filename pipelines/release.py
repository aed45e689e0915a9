"""Which release of the toolkit this is."""


def release() -> str | None:
    """Its version; None where it is run from its sources without being installed."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import, seldom wanted

    try:
        return version("nlp-lstm")
    except PackageNotFoundError:
        return None
