import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app

pytestmark = pytest.mark.usefixtures("fake_models")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["--host", "0.0.0.0"], "NLP_LSTM_TOKEN", id="other machines and no token"),
        pytest.param(["--port", "70000"], "--port", id="no port"),
        pytest.param(["--state-dir", "/dev/null/x"], "/dev/null", id="no place for conversations"),
        pytest.param(["--remember", "0"], "--remember", id="nothing remembered"),
        pytest.param(["--redact-labels", "shoes"], "shoes", id="unknown label"),
        pytest.param(["--policy", "no-such.toml"], "no-such.toml", id="no policy"),
    ],
)
def test_what_cannot_be_served_is_wrong_usage(
    arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NLP_LSTM_TOKEN", raising=False)

    result = CliRunner().invoke(app, ["serve", "--port", "0", *arguments])

    assert result.exit_code == 2
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.cli.serve.NEEDED", ("no_such_package",))

    result = CliRunner().invoke(app, ["serve"])

    assert result.exit_code == 2
    assert "pip install 'nlp-lstm[serve]'" in result.stderr
