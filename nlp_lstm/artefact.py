"""A model on disk: a directory that is checked before anything in it is used.

    states-multiwoz/
        config.json  weights.safetensors  tokenizer.json  calibration.json  metrics.json  card.md

Nothing is ever unpickled, downloaded or partly loaded.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from corpora.errors import ToolkitError
from nlp_lstm.stored_weights import StoredWeights, packed

if TYPE_CHECKING:  # a model can be used without torch: see `nlp_lstm.runtime`
    from torch import Tensor, nn

FORMAT = "nlp-lstm-artefact/2"
# The first format had every weight in half precision; what was saved in it is read as it is.
READABLE = (FORMAT, "nlp-lstm-artefact/1")
SHIPPED = Path(__file__).parent / "models"
# What `retention --store` measured later: beside the config, which the fingerprint covers.
VALIDATED = "validated.json"
FILES = ("config.json", "weights.safetensors", "tokenizer.json", "calibration.json")


class ArtefactError(ToolkitError):
    """A model, or a memory that it wrote, cannot be used."""


@dataclass(frozen=True, slots=True, eq=False)
class Artefact:
    """A model as it lies on disk, every part checked.

    Attributes:
        name: What it is called: the directory's name.
        task: `states`, `entities` or `sentiment`.
        config: Hyper-parameters, labels or schema, training corpus and seed.
        weights: As arrays, float32.
        tokenizer: `tokenizer.json` as text.
        calibration: Numbers that turn raw scores into probabilities.
        metrics: What was measured on dev, per corpus.
        card: The model card, Markdown.
        fingerprint: Hash of task, config, weights and tokenizer: equal means equal answers.
    """

    name: str
    task: str
    config: Mapping[str, Any]
    weights: StoredWeights
    tokenizer: str
    calibration: Mapping[str, Any]
    metrics: Mapping[str, Any]
    card: str
    fingerprint: str

    @property
    def tensors(self) -> "dict[str, Tensor]":
        """The weights as torch's tensors, float32: unpacked at every call."""
        from nlp_lstm.tensors import as_tensors

        return as_tensors(self.weights)


def shipped_models() -> list[str]:
    """Names of the models that came with the package, sorted."""
    if not SHIPPED.is_dir():
        return []
    return sorted(path.name for path in SHIPPED.iterdir() if (path / "config.json").is_file())


def find_artefact(name_or_path: str | Path) -> Path:
    """The directory of a shipped model's name, or of a path.

    Raises:
        ArtefactError: There is no such directory.
    """
    shipped = SHIPPED / str(name_or_path)
    path = Path(name_or_path)
    if path.is_dir():
        return path
    if path.name == str(name_or_path) and shipped.is_dir():
        return shipped
    raise ArtefactError(
        str(name_or_path),
        found="no model directory" if not path.exists() else "something that is no directory",
        expected=f"a path, or one of {', '.join(shipped_models()) or '(none shipped)'}",
        remedy="see `nlp-lstm info`, or train one with `nlp-lstm train`",
    )


def save_artefact(
    directory: Path,
    *,
    task: str,
    config: Mapping[str, Any],
    tensors: "Mapping[str, Tensor]",
    tokenizer: str,
    calibration: Mapping[str, Any],
    metrics: Mapping[str, Any],
    card: str,
) -> str:
    """Write a model, its weights rounded as `as_stored` does, and return its fingerprint."""
    from nlp_lstm.tensors import as_arrays

    directory.mkdir(parents=True, exist_ok=True)
    save_file(packed(as_arrays(tensors)), directory / "weights.safetensors")
    # safetensors writes for the owner alone; a model is read by whoever may read its directory.
    (directory / "weights.safetensors").chmod(0o644)
    (directory / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
    core = {"format": FORMAT, "task": task, **config}
    fingerprint = _fingerprint(core, directory)
    _write_json(directory / "config.json", {**core, "fingerprint": fingerprint})
    _write_json(directory / "calibration.json", calibration)
    _write_json(directory / "metrics.json", metrics)
    (directory / "card.md").write_text(card, encoding="utf-8")
    return fingerprint


def save_calibration(
    name_or_path: str | Path, directory: Path, calibration: Mapping[str, Any], *, told: str
) -> None:
    """Copy a model with another calibration; its answers, and so its fingerprint, stay.

    Args:
        name_or_path: The model, which is left as it is.
        directory: Where the copy goes.
        calibration: Its `calibration.json`.
        told: Added to its card, Markdown.
    """
    source = find_artefact(name_or_path)
    directory.mkdir(parents=True, exist_ok=True)
    for name in (*FILES, "metrics.json", "card.md", VALIDATED):
        if (source / name).is_file():
            shutil.copyfile(source / name, directory / name)
    _write_json(directory / "calibration.json", calibration)
    with (directory / "card.md").open("a", encoding="utf-8") as card:
        card.write(f"\n## Calibrated again\n\n{told}\n")


def calibration_hash(calibration: Mapping[str, Any]) -> str:
    """Hash of how sure a model says it is, which its fingerprint does not tell."""
    return hashlib.sha256(json.dumps(calibration, sort_keys=True).encode()).hexdigest()[:16]


def load_artefact(name_or_path: str | Path, *, task: str | None = None) -> Artefact:
    """Read a model and check it whole.

    Args:
        name_or_path: A shipped model's name, or a directory.
        task: What the caller needs it for; None takes any.

    Raises:
        ArtefactError: Something is missing, truncated, of another task, altered or not finite.
    """
    directory = find_artefact(name_or_path)
    for name in FILES:
        if not (directory / name).is_file():
            raise ArtefactError(
                str(directory),
                found=f"no {name}",
                expected=f"the files {', '.join(FILES)}",
                remedy="copy the whole directory, or train the model again",
            )
    config = _read_json(directory / "config.json")
    if config.get("format") not in READABLE:
        raise ArtefactError(
            str(directory / "config.json"),
            found=f"format {config.get('format')!r}",
            expected=" or ".join(map(repr, READABLE)),
            remedy="install the release that wrote it, or train the model again",
        )
    found_task = str(config.get("task"))
    if task is not None and found_task != task:
        raise ArtefactError(
            str(directory),
            found=f"a model of task {found_task}",
            expected=f"one of task {task}",
            remedy="see `nlp-lstm info` for which model does what",
        )
    stated = config.pop("fingerprint", None)
    weights = _read_weights(directory / "weights.safetensors")
    actual = _fingerprint(config, directory)
    if stated != actual:
        raise ArtefactError(
            str(directory),
            found=f"fingerprint {actual}",
            expected=f"{stated}, as config.json says",
            remedy="the files do not belong together: copy the directory again",
        )
    config = {**config, **_measured_later(directory)}
    metrics = directory / "metrics.json"
    card = directory / "card.md"
    return Artefact(
        name=directory.resolve().name,
        task=found_task,
        config={key: value for key, value in config.items() if key not in ("format", "task")},
        weights=weights,
        tokenizer=(directory / "tokenizer.json").read_text(encoding="utf-8"),
        calibration=_read_json(directory / "calibration.json"),
        metrics=_read_json(metrics) if metrics.is_file() else {},
        card=card.read_text(encoding="utf-8") if card.is_file() else "",
        fingerprint=actual,
    )


def save_validated(name_or_path: str | Path, measured: Mapping[str, Any]) -> Path:
    """Store up to which context a model was validated; its answers and its fingerprint stay.

    Args:
        name_or_path: The model.
        measured: `tokens`, in words, `method`, and whatever tells how it was measured.

    Returns:
        The file.
    """
    path = find_artefact(name_or_path) / VALIDATED
    _write_json(path, measured)
    return path


def _measured_later(directory: Path) -> dict[str, Any]:
    """`validated_tokens` as it was measured after the training, where it was."""
    path = directory / VALIDATED
    if not path.is_file():
        return {}
    content = _read_json(path)
    tokens = content.get("tokens")
    if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 0:
        raise ArtefactError(
            str(path),
            found=f"tokens {tokens!r}",
            expected="a number of words, 0 or more",
            remedy="measure it again with `nlp-lstm retention --store`, or delete the file",
        )
    return {"validated_tokens": tokens, "validated": content}


def load_weights(network: "nn.Module", artefact: Artefact) -> None:
    """Put an artefact's weights into a network, which must have just these.

    Raises:
        ArtefactError: A tensor is missing, unknown or of another shape.
    """
    wanted = {name: tuple(t.shape) for name, t in network.state_dict().items()}
    for name in sorted(wanted.keys() | artefact.weights.keys()):
        check_shape(artefact, name, wanted.get(name))
    network.load_state_dict(artefact.tensors)


def check_shape(artefact: Artefact, name: str, wanted: tuple[int, ...] | None) -> None:
    """Refuse a weight of another shape than config.json says, or one that it does not know.

    Raises:
        ArtefactError: The weight is missing, unknown or of another shape.
    """
    given = artefact.weights.shape(name) if name in artefact.weights else None
    if given != wanted:
        raise ArtefactError(
            f"{artefact.name}/weights.safetensors",
            found=f"{name} of shape {given or 'none'}",
            expected=f"{wanted or 'no such tensor'}, as config.json says",
            remedy="config and weights do not belong together: copy the directory again",
        )


def _fingerprint(config: Mapping[str, Any], directory: Path) -> str:
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    for name in ("weights.safetensors", "tokenizer.json"):
        digest.update((directory / name).read_bytes())
    return digest.hexdigest()[:16]


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ArtefactError(
            str(path),
            found=f"no JSON ({error})",
            expected="the JSON that was saved with the model",
            remedy="copy the file again, or train the model again",
        ) from error
    if not isinstance(content, dict):
        raise ArtefactError(
            str(path),
            found=f"JSON of type {type(content).__name__}",
            expected="an object",
            remedy="copy the file again, or train the model again",
        )
    return content


def _read_weights(path: Path) -> StoredWeights:
    try:
        with safe_open(path, framework="np") as stored:
            arrays = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        weights = StoredWeights(arrays)
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise ArtefactError(
            str(path),
            found=f"no readable safetensors ({error})",
            expected="a whole safetensors file; pickles are never opened",
            remedy="copy the file again, or train the model again",
        ) from error
    damaged = weights.not_finite()
    if damaged is not None:
        raise ArtefactError(
            str(path),
            found=f"NaN or infinity in {damaged}",
            expected="finite weights",
            remedy="the training diverged or the file is damaged: use another checkpoint",
        )
    return weights
