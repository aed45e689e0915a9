"""The compiled kernels as functions over NumPy's arrays."""

import ctypes
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp_lstm.native.building import FOLDER, LIBRARY, mark_of
from nlp_lstm.native.precision import halves_wanted, kernels_wanted

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

# What `linear` does with its sums.
NOTHING, RELU, TANH, GELU = range(4)

# Flags of /proc/cpuinfo that each version needs, the best first.
_NEEDS = {
    "half": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd", "avx512_bf16"},
    "avx512": {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"},
    "avx2": {"avx2", "fma"},
    "base": set(),
}
_CPUINFO = Path("/proc/cpuinfo")
_long, _pointer, _byte = ctypes.c_long, ctypes.c_void_p, ctypes.c_char
_int = ctypes.c_int
# What the functions of each version give back, and what they are given.
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "packed": (_long, [_long, _long]),
    "size": (_long, []),
    "lanes": (_long, []),
    "pack": (None, [_pointer, _long, _long, _pointer]),
    "linear": (
        _int,
        [_pointer, _long, _long, _pointer, _long, _pointer, _pointer, _int, _pointer],
    ),
    "lstm": (
        _int,
        [
            *(_pointer, _long, _pointer, _pointer, _long, _pointer, _pointer, _long),
            *(_int, _pointer, _pointer, _pointer, _long),
        ],
    ),
    "pool": (None, [_pointer, _pointer, _pointer, _long, _long, _pointer, _pointer]),
    "attend": (
        _int,
        [
            *(_pointer, _pointer, _long, _long, _long, _long),
            *(_pointer, _pointer, _pointer, _pointer, _long, _pointer),
        ],
    ),
    "choose": (_int, [*[_pointer] * 4, _long, *[_pointer] * 5, _long, *[_pointer] * 5]),
    "spans": (_long, [_pointer, _pointer, _pointer, _long, _long, *[_pointer] * 14]),
}


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A matrix (N, K) as the kernels read it."""

    numbers: npt.NDArray[Any]
    address: int
    outputs: int
    inputs: int

    def __deepcopy__(self, memo: object) -> "Packed":
        return self  # the address is that of these numbers


class Kernels:
    """One version of the kernels.

    A row of a result has the same numbers whatever rows are computed with it, to the last bit.

    Attributes:
        version: Its name in `nlp_lstm.native.building`.
        lanes: An LSTM's width must be a multiple of this.
    """

    def __init__(self, library: ctypes.CDLL, version: str) -> None:
        """Look the functions up.

        Raises:
            AttributeError: The library has no such version.
        """
        self.version = version
        self._of = {}
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, f"nlp_lstm_{name}_{version}")
            function.restype, function.argtypes = result, arguments
            self._of[name] = function
        self.lanes: int = self._of["lanes"]()

    def __deepcopy__(self, memo: object) -> "Kernels":
        return self

    def pack(self, matrix: Floats) -> Packed:
        """A matrix (N, K) as `linear` and `lstm` read it."""
        matrix = np.ascontiguousarray(matrix, np.float32)
        outputs, inputs = matrix.shape
        count = self._of["packed"](outputs, inputs)
        numbers = np.empty(count * self._of["size"](), np.uint8)
        self._of["pack"](address(matrix), outputs, inputs, address(numbers))
        return Packed(numbers, address(numbers), outputs, inputs)

    def linear(
        self,
        inputs: Floats,
        matrix: Packed,
        base: Floats,
        places: Numbers | None = None,
        activation: int = NOTHING,
    ) -> Floats:
        """Rows times a matrix.

        Args:
            inputs: (M, K)
            matrix: (N, K)
            base: What sums begin with, a bias for example. (R, N)
            places: Which row of `base` each row begins with; None for the first. (M,)
            activation: `NOTHING`, `RELU`, `TANH` or `GELU`.

        Returns:
            (M, N)
        """
        inputs, base = _floats(inputs), _floats(base)
        if inputs.shape[1] != matrix.inputs or base.shape[1] != matrix.outputs:
            raise ValueError(f"{inputs.shape} and {base.shape} for {matrix.outputs, matrix.inputs}")
        rows = None if places is None else _numbers(places)
        out = np.empty((len(inputs), matrix.outputs), np.float32)
        failed = self._of["linear"](
            address(inputs),
            len(inputs),
            matrix.inputs,
            matrix.address,
            matrix.outputs,
            address(base),
            None if rows is None else address(rows),
            activation,
            address(out),
        )
        if failed:
            raise MemoryError("no memory for a product")
        return out

    def lstm(
        self,
        matrix: Packed,
        parts: Sequence[tuple[Floats, Numbers]],
        starts: Numbers,
        lengths: Numbers,
        out: Floats,
        *,
        column: int = 0,
        state: Floats | None = None,
        backwards: bool = False,
    ) -> Floats:
        """Read turns with an LSTM, one way.

        Its gates are ordered as `gate_order` has them.

        Args:
            matrix: Of the recurrence. (4H, H)
            parts: What tokens give to the gates is the sum of one row of each table (V, 4H), the
                row that its places, one a token, name.
            starts: The first token of each turn. (B,)
            lengths: Tokens of each. (B,)
            out: Where the states of tokens are written, contiguous and H wide or wider; what
                belongs to no turn stays. (tokens, …)
            column: Where in its rows.
            state: Before each turn the states and the cells; None for zeros. (2, B, H)
            backwards: Whether turns are read from their ends.

        Returns:
            The states and the cells after each turn. (2, B, H)
        """
        H = matrix.inputs
        tables = [_floats(table) for table, _ in parts]
        places = [_numbers(numbers) for _, numbers in parts]
        starts, lengths = _numbers(starts), _numbers(lengths)
        if state is None:
            after = np.zeros((2, len(lengths), H), np.float32)
        else:
            after = np.array(state, np.float32, order="C")  # a copy: it is written to
        before = address(after)
        failed = self._of["lstm"](
            *(matrix.address, H, _pointers(tables), _pointers(places), len(parts)),
            *(address(starts), address(lengths), len(lengths), int(backwards)),
            before,
            before + after[0].nbytes,
            address(out) + column * out.itemsize,
            out.shape[1],
        )
        if failed:
            raise MemoryError("no memory for an LSTM")
        return after

    def gate_order(self, width: int) -> Numbers:
        """Where torch has each of an LSTM's gates that the kernels read in order: (4H,)."""
        gates = np.arange(4 * width).reshape(4, width // self.lanes, self.lanes)
        return gates.transpose(1, 0, 2).ravel()

    def pool(self, states: Floats, starts: Numbers, lengths: Numbers) -> tuple[Floats, Floats]:
        """The largest value of each feature within turns, and its mean.

        Args:
            states: Of words. (words, W)
            starts: The first word of each turn. (B,)
            lengths: Words of each, at least 1. (B,)

        Returns:
            (B, W) each.
        """
        states, starts, lengths = _floats(states), _numbers(starts), _numbers(lengths)
        largest, means = np.empty((2, len(lengths), states.shape[1]), np.float32)
        self._of["pool"](
            *(address(states), address(starts), address(lengths), len(lengths), states.shape[1]),
            *(address(largest), address(means)),
        )
        return largest, means

    def questions(self, queries: Floats) -> Floats:
        """Questions (R, K) as `attend` reads them: (K, R), filled up to whole vectors."""
        room = -(-len(queries) // self.lanes) * self.lanes
        return np.ascontiguousarray(np.pad(_floats(queries), ((0, room - len(queries)), (0, 0))).T)

    def attend(
        self,
        questions: Floats,
        base: Floats,
        keys: Floats,
        values: Sequence[Floats],
        starts: Numbers,
        lengths: Numbers,
    ) -> Floats:
        """What each of S askers of Q questions finds in turns.

        To each question the words of a turn say something in shares of one, by the products of the
        question with their keys; an asker finds the sum over its questions and the words.

        Args:
            questions: Of `questions`, those of an asker side by side. (K, …)
            base: What is added to what each asker finds. (S, X)
            keys: Of words. (words, K)
            values: What words say to an asker's first question, second and so on. Q of (words, X)
            starts: The first word of each turn. (B,)
            lengths: Words of each, at least 1. (B,)

        Returns:
            (B, S, X)
        """
        S, X = base.shape
        base, keys = _floats(base), _floats(keys)
        said = [_floats(array) for array in values]
        starts, lengths = _numbers(starts), _numbers(lengths)
        out = np.empty((len(lengths), S, X), np.float32)
        failed = self._of["attend"](
            *(address(questions), address(base), S, len(said), keys.shape[1], X),
            *(address(keys), _pointers(said), address(starts), address(lengths), len(lengths)),
            address(out),
        )
        if failed:
            raise MemoryError("no memory to attend")
        return out

    def choose(
        self,
        parameters: int,
        floats: Sequence[Floats],
        numbers: Sequence[Numbers],
        out: Sequence[npt.NDArray[Any]],
    ) -> None:
        """What slots hold: for `nlp_lstm.states.choosing`, which says what the arrays are.

        Args:
            parameters: Address of a `struct chooser`.
            floats: hidden, heads and mapped.
            numbers: previous, cells, offered, users, others and bits.
            out: values, chosen, stayed and copied, as they lie in memory.
        """
        hidden, heads, mapped = map(_floats, floats)
        previous, *offers = map(_numbers, numbers)
        failed = self._of["choose"](
            *(parameters, address(hidden), address(heads), address(previous), len(previous)),
            *(*map(address, offers), len(offers[0]), address(mapped), *map(address, out)),
        )
        if failed:
            raise MemoryError("no memory to choose")

    def spans(
        self, scores: Floats, starts: Numbers, lengths: Numbers, transitions: Sequence[Floats]
    ) -> tuple[Numbers, Numbers, Numbers, Numbers, Doubles, Doubles]:
        """The spans of the likeliest BIOES taggings.

        Args:
            scores: Of words, 4L + 1 each. (words, K)
            starts: The first word of each turn. (B,)
            lengths: Words of each, 0 of a blank one. (B,)
            transitions: As `nlp_lstm.layers.bioes.TRANSITIONS` names them.

        Returns:
            Of the N spans, in reading order, their turns, first words, last words, labels and
            log-marginals, (N,) each; and the log-probability of each turn's tagging, (B,).
        """
        scores, starts, lengths = _floats(scores), _numbers(starts), _numbers(lengths)
        room = int(lengths.sum())
        found = [np.empty(room, np.int64) for _ in range(4)]
        marginals, taggings = np.empty(room), np.empty(len(lengths))
        count = self._of["spans"](
            *(address(scores), address(starts), address(lengths), len(lengths)),
            scores.shape[1] // 4,
            *(address(part) for part in transitions),
            *(address(column) for column in (*found, marginals, taggings)),
        )
        if count < 0:
            raise MemoryError("no memory to decode")
        turns, firsts, lasts, labels = (column[:count] for column in found)
        return turns, firsts, lasts, labels, marginals[:count], taggings


def find_kernels(*, exact: bool = False) -> Kernels | None:
    """The fastest kernels that this processor runs; None where none were compiled, or wanted.

    Args:
        exact: In float32 even where bfloat16 is faster and `set_precision` allows it.
    """
    return _kernels(halves_wanted() and not exact) if kernels_wanted() else None


def in_full(kernels: Kernels | None) -> Kernels | None:
    """Those of full precision beside some; none beside none."""
    return None if kernels is None else find_kernels(exact=True)


@lru_cache(maxsize=2)
def _kernels(halves: bool) -> Kernels | None:
    library = _library()
    if library is None:
        return None
    flags = _flags()
    for version, needs in _NEEDS.items():
        if needs <= flags and (halves or version != "half"):
            try:
                return Kernels(library, version)
            except AttributeError:
                continue  # the compiler was older than the processor
    return None


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL | None:
    mark = mark_of().encode()
    try:
        library = ctypes.CDLL(str(FOLDER / LIBRARY))
        told = (ctypes.c_char * (len(mark) + 1)).in_dll(library, "nlp_lstm_mark_base").value
    except (OSError, ValueError):
        return None
    # One of other sources may take other arguments.
    return library if told == mark else None


def _flags() -> set[str]:
    """What the processor can do, where the system says."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("flags"):
            return set(line.partition(":")[2].split())
    # macOS on x86 has had AVX2 since 2013; elsewhere nothing is known.
    return {"avx2", "fma"} if platform.system() == "Darwin" else set()


def address(array: npt.NDArray[Any]) -> int:
    """Where an array's numbers lie; who keeps it keeps the array."""
    try:
        # A quarter of the time of `array.ctypes`.
        return ctypes.addressof(_byte.from_buffer(array))  # type: ignore[arg-type]
    except (BufferError, TypeError, ValueError):  # read-only, empty or part of another
        return int(array.ctypes.data)


def _pointers(arrays: Sequence[npt.NDArray[Any]]) -> Any:
    return (_pointer * len(arrays))(*map(address, arrays))


def _floats(array: npt.NDArray[Any]) -> Floats:
    return np.ascontiguousarray(array, np.float32)


def _numbers(array: npt.NDArray[Any]) -> Numbers:
    return np.ascontiguousarray(array, np.int64)
