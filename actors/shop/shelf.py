"""What is on sale now: the catalogue as it is written, with what admins have changed while the bot ran laid over it.

The changes are rows; the shelf is a memory of them that is renewed at the start and before each batch of updates, so
that a price is right also after a change by another process, and after one that was not committed.
"""

import json
from dataclasses import dataclass
from typing import Any

from protocol.catalogue import Catalogue, Model
from storage import overrides
from storage.store import Tx

Changes = tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False)
class Shelf:
    """The catalogue in force, and the changes it was made with."""

    written: Catalogue
    catalogue: Catalogue
    changes: Changes = ()

    def renew(self, tx: Tx) -> None:
        """Read the changes anew."""
        changes = overrides.all(tx)
        if changes != self.changes:
            self.catalogue = laid_over(self.written, changes)
            self.changes = changes


def price_name(model: str, size: str) -> str:
    """The name of a changed price."""
    return f"price:{model}:{size}"


def package_name(package: str) -> str:
    """The name of a changed package of tokens."""
    return f"package:{package}"


def laid_over(written: Catalogue, changes: Changes) -> Catalogue:
    """The catalogue with these changes; one that names what is no longer in the file changes nothing."""
    values: dict[str, Any] = {name: json.loads(value) for name, value in changes}
    fields = {name: getattr(written, name) for name in Catalogue.model_fields}
    fields["models"] = tuple(_model(model, values) for model in written.models)
    fields["packages"] = tuple(
        package.model_copy(update=values.get(package_name(package.id), {})) for package in written.packages
    )
    return Catalogue(**fields)


def _model(model: Model, values: dict[str, Any]) -> Model:
    sizes = {
        size: offer.model_copy(update={"price": values.get(price_name(model.id, size), offer.price)})
        for size, offer in model.sizes.items()
    }
    return model.model_copy(update={"sizes": sizes})
