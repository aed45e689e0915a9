"""What a route has cost so far, and whether it may cost more."""

from dataclasses import dataclass

from pipelines.routes.settings import Budget

# A token is seldom less than so many bytes; what an endpoint claims below that is not believed.
BYTES_A_TOKEN = 8
# For a guess before anything is asked, on the safe side.
BYTES_A_TOKEN_AT_LEAST = 3
MILLION = 1_000_000


@dataclass(slots=True)
class Spending:
    """A budget, and what has been taken from it.

    Attributes:
        budget: What may be spent.
        price_in: Of a million tokens of prompts.
        price_out: Of a million tokens of answers.
        calls: Requests.
        tokens_in: Of prompts.
        tokens_out: Of answers.
        seconds: Spent waiting.
    """

    budget: Budget
    price_in: float = 0.0
    price_out: float = 0.0
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0

    @property
    def money(self) -> float:
        """In the currency of the prices."""
        return self._price(self.tokens_in, self.tokens_out)

    def lack(self, prompt_bytes: int, longest_answer: int) -> str | None:
        """Why one more request would exceed the budget, were its answer as long as it may be."""
        budget = self.budget
        prompt = -(-prompt_bytes // BYTES_A_TOKEN_AT_LEAST)
        if self.calls + 1 > budget.calls:
            return f"{budget.calls:,} calls are used up"
        tokens = self.tokens_in + self.tokens_out + prompt + longest_answer
        if budget.tokens is not None and tokens > budget.tokens:
            return f"{budget.tokens:,} tokens do not hold another question"
        money = self._price(self.tokens_in + prompt, self.tokens_out + longest_answer)
        if budget.money is not None and money > budget.money:
            return f"{budget.money:g} of money does not hold another question"
        if budget.seconds is not None and self.seconds >= budget.seconds:
            return f"{budget.seconds:g} seconds are used up"
        return None

    def left_seconds(self) -> float:
        """How long a request may take by the budget."""
        limit = self.budget.seconds
        return float("inf") if limit is None else max(0.0, limit - self.seconds)

    def took(self, prompt_bytes: int, answer_bytes: int, claimed: tuple[int, int]) -> None:
        """Count a request's tokens: what the endpoint claims, or more where that cannot be."""
        self.tokens_in += max(claimed[0], prompt_bytes // BYTES_A_TOKEN)
        self.tokens_out += max(claimed[1], answer_bytes // BYTES_A_TOKEN)

    def told(self) -> str:
        """What was spent, for people."""
        money = f", {self.money:.4f} of money" if self.price_in or self.price_out else ""
        return (
            f"{self.calls:,} calls, {self.tokens_in:,} + {self.tokens_out:,} tokens{money},"
            f" {self.seconds:.1f} s"
        )

    def _price(self, tokens_in: int, tokens_out: int) -> float:
        return (tokens_in * self.price_in + tokens_out * self.price_out) / MILLION
