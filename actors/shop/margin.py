"""What films cost us and earn, in USD, as far as the catalogue tells: the cost by size and what a token earns."""

from dataclasses import dataclass

from actors.shop.context import Shop
from protocol.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Margin:
    """USD: what came in, what it cost us, and what is left."""

    income: float = 0.0
    cost: float = 0.0

    @property
    def left(self) -> float:
        return self.income - self.cost

    def __add__(self, other: "Margin") -> "Margin":
        return Margin(self.income + other.income, self.cost + other.cost)


def cost_of(catalogue: Catalogue, model_id: str, size: str, seconds: int, kind: str = "new") -> float:
    """What one film costs us, in USD; 0 for a model or size that is no longer in the catalogue."""
    model = catalogue.model(model_id)
    known = model is not None and size in model.sizes
    return model.cost(size=size, seconds=seconds, kind=kind) if model is not None and known else 0.0


def of_film(
    shop: Shop, *, model: str, size: str, seconds: int, kind: str = "new", tokens: int, made: int = 1
) -> Margin:
    """Of films of one kind: `tokens` were paid for them all, `made` of them were rendered."""
    return Margin(tokens * shop.catalogue.token_usd, made * cost_of(shop.catalogue, model, size, seconds, kind))


def dollars(amount: float) -> str:
    """`$0.40`, `−$1.20`; more digits where there would be none else."""
    digits = 2 if abs(amount) >= 0.01 or amount == 0 else 4
    return f"{'−' if amount < 0 else ''}${abs(amount):.{digits}f}"
