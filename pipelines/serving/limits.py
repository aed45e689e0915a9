"""How much one request may ask of a service; what asks for more is refused by the limit's name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a service.

    What waits is held in memory: at worst `waiting` bodies of `body` bytes.

    Attributes:
        body: Bytes of a request's body.
        text: Characters of a turn.
        name: Characters of a conversation's id and of a speaker's name.
        turns: Of one transcript that is analysed whole.
        waiting: Requests that wait for the models; further ones are told to come later.
        seconds: In which a request's body has to arrive.
    """

    body: int = 1024 * 1024
    text: int = 100_000
    name: int = 200
    turns: int = 2000
    waiting: int = 500
    seconds: float = 30.0
