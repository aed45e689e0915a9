import pytest

from pipelines.cli.sparkline import sparkline


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        pytest.param([-1, 0, 1], "▁▄▇", id="the whole scale"),
        pytest.param([0.0], "▄", id="one value"),
        pytest.param([], "", id="none"),
        pytest.param([-5, 5], "▁▇", id="beyond the scale"),
    ],
)
def test_bars(values: list[float], bars: str) -> None:
    assert sparkline(values) == bars


def test_many_values_are_drawn_as_means_of_equal_stretches() -> None:
    assert sparkline([-1, -1, 1, 1, 1, -1], longest=3) == "▁▇▄"


def test_ascii() -> None:
    assert sparkline([-1, 0, 1], ascii_only=True) == "_-^"
