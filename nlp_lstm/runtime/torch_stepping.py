"""Components of torch that step with an engine made of their network."""

from abc import abstractmethod
from typing import Generic, TypeVar

from corpora.conversation import Turn
from corpora.labels import TurnLabels
from nlp_lstm.component import Identified, Identity, Memory
from nlp_lstm.runtime.engine import Engine
from nlp_lstm.runtime.stepping import Stepper
from nlp_lstm.runtime.torch_engine import ReadsWords, TorchEngine

_Network = TypeVar("_Network", bound=ReadsWords)
_Stepper = TypeVar("_Stepper", bound=Stepper)


class TorchStepping(Identified, Generic[_Network, _Stepper]):
    """Steps with its network's weights as they are at each step, learnt on or not."""

    def __init__(self, network: _Network, identity: Identity) -> None:
        """Args: network, in evaluation mode; identity, of the model."""
        super().__init__(identity)
        self.network = network
        self._stepping: tuple[TorchEngine, _Stepper] | None = None

    def start(self) -> Memory:
        """The memory before the first turn."""
        return self._stepper().start()

    def step(self, memory: Memory, turn: Turn) -> tuple[TurnLabels, Memory]:
        """Annotate the next turn of the conversation that `memory` has read.

        Raises:
            ArtefactError: `memory` is another model's.
        """
        return self._stepper().step(memory, turn)

    @abstractmethod
    def _step_with(self, engine: Engine) -> _Stepper:
        """What steps with an engine of the network."""

    def _stepper(self) -> _Stepper:
        """What steps with the weights as they are now."""
        if self._stepping is None or not self._stepping[0].is_current:
            engine = TorchEngine(self.network)
            self._stepping = engine, self._step_with(engine)
        return self._stepping[1]
