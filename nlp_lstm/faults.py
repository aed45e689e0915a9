"""What pydantic finds wrong, as the parts of a message of ours."""

from pydantic import ValidationError

from corpora.errors import quoted


def first_fault(error: ValidationError) -> tuple[str, str]:
    """The first thing that pydantic found wrong: what was found, and what was expected."""
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"]) or "the whole"
    return f"{where} = {quoted(str(fault['input']))}", fault["msg"]
