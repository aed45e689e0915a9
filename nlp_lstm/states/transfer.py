"""Start a tracker from another schema's: what is shared is copied, slot rows by a mapping.

Only rows indexed by slots, values and kinds of mention belong to a schema; everything else a
tracker knows (words, how people ask, offer and take back) is as true for other slots.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from nlp_lstm.artefact import Artefact, ArtefactError
from nlp_lstm.states.layout import STATUSES
from nlp_lstm.states.network import StateNetwork
from nlp_lstm.states.reading import tag_groups
from nlp_lstm.states.schema import FIRST_VALUE, Schema, Value
from nlp_lstm.states.tables import FIRST_OWN_ROW, schema_tables

# Tensors with a row a slot, and those with several rows a slot.
_BY_SLOT = ("slot_rows", "plain_bias", "copy_to", "copy_from", "offer_slots")


def start_schema(artefact: Artefact) -> Schema:
    """The schema of the artefact to start from.

    Raises:
        ArtefactError: It has none.
    """
    try:
        return Schema.model_validate(artefact.config["schema"])
    except (KeyError, ValueError) as error:
        raise ArtefactError(
            artefact.name,
            found="no schema",
            expected="a state tracker's",
            remedy="start from another artefact",
        ) from error


def with_start_values(schema: Schema, start: Schema, slots: Mapping[str, str]) -> Schema:
    """A schema that also knows what its starting point knew.

    Open slots take the values of the slot they start from, and values the aliases that they had
    there: all of it learnt from training data and databases of the start.
    """
    known = {value.name: value for value in schema.values}
    before = {value.name: value for value in start.values}
    added: dict[str, set[int]] = {}
    for name, start_name in slots.items():
        index = schema.slot_index[name]
        if schema.slots[index].kind != "open":
            continue
        source = start.slot_index[start_name]
        for value in start.values:
            if source in value.slots and value.name not in known:
                added.setdefault(value.name, set()).add(index)
    values = [
        value.model_copy(update={"aliases": _merged(value, before.get(value.name), known)})
        for value in schema.values
    ]
    values += [
        Value(name=name, slots=tuple(sorted(taken)), count=0, aliases=before[name].aliases)
        for name, taken in sorted(added.items())
    ]
    return schema.model_copy(update={"values": tuple(values)})


def start_from(
    network: StateNetwork,
    schema: Schema,
    artefact: Artefact,
    start: Schema,
    slots: Mapping[str, str],
) -> None:
    """Copy an artefact's weights into a network of another schema.

    Args:
        network: What is about to be trained.
        schema: Its schema.
        artefact: Where it starts.
        start: The artefact's schema.
        slots: Slot of `schema` → slot of `start` whose rows it begins with.

    Raises:
        ArtefactError: A shared tensor has another shape: the widths differ.
    """
    given = artefact.tensors
    own = network.state_dict()
    pairs = [(schema.slot_index[new], start.slot_index[old]) for new, old in slots.items()]
    queries = len(own["queries"]) // len(schema.slots)
    rows = dict.fromkeys(_BY_SLOT, pairs)
    rows["queries"] = [(queries * n + q, queries * o + q) for n, o in pairs for q in range(queries)]
    rows["values.weight"] = _value_rows(schema, start)
    rows["tags.weight"] = _tag_rows(schema, start, pairs)
    with torch.no_grad():
        for name, target in own.items():
            if name in rows:
                _copy_rows(target, given[name], rows[name])
            elif name == "from_statuses.weight":
                columns = [(STATUSES * n + i, STATUSES * o + i) for n, o in pairs for i in range(3)]
                _copy_rows(target.T, given[name].T, columns)
            elif name in ("offered_rows", "offered_bias"):
                _copy_offered(target, given[name], schema, start, pairs)
            elif not name.startswith("request_"):
                if target.shape != given[name].shape:
                    raise ArtefactError(
                        f"{artefact.name}/weights.safetensors",
                        found=f"{name} of shape {tuple(given[name].shape)}",
                        expected=f"{tuple(target.shape)}, as the recipe's network says",
                        remedy="give the recipe the widths of the artefact it starts from",
                    )
                target.copy_(given[name])


def _copy_rows(target: Tensor, source: Tensor, pairs: Sequence[tuple[int, int]]) -> None:
    if pairs:
        new, old = (list(side) for side in zip(*pairs, strict=True))
        target[new] = source[old]


def _copy_offered(
    target: Tensor,
    source: Tensor,
    schema: Schema,
    start: Schema,
    pairs: Sequence[tuple[int, int]],
) -> None:
    """Always offered values by equal name, whatever their place among the slot's."""
    for new, old in pairs:
        places = {value: place for place, value in enumerate(start.slots[old].offered)}
        for place, value in enumerate(schema.slots[new].offered):
            if value in places:
                target[new, place] = source[old, places[value]]


def _value_rows(schema: Schema, start: Schema) -> list[tuple[int, int]]:
    """Rows of the value embedding: the reserved ones, then those of values of equal name."""
    rows, start_rows = schema_tables(schema).value_rows, schema_tables(start).value_rows
    pairs = [(row, row) for row in range(FIRST_OWN_ROW)]
    for number, value in enumerate(schema.values, start=FIRST_VALUE):
        row, old = int(rows[number]), start.value_number.get(value.name)
        if row >= FIRST_OWN_ROW and old is not None:
            pairs.append((row, int(start_rows[old])))
    return pairs


def _tag_rows(
    schema: Schema, start: Schema, pairs: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Rows of the tag embedding: each kind of mention from the start's that is most like it."""
    mapped = dict(pairs)
    old_groups = tag_groups(start)
    rows = [(row, row) for row in range(5)]  # none, times, and what has no group of its own
    for group, number in tag_groups(schema).items():
        wanted = {mapped[slot] for slot in group if slot in mapped}
        like = [old for old in old_groups if wanted and wanted <= set(old)]
        if like:
            old = old_groups[min(like, key=lambda group: (len(group), group))]
            rows += [(1 + 2 * number, 1 + 2 * old), (2 + 2 * number, 2 + 2 * old)]
    return rows


def _merged(value: Value, before: Value | None, known: Mapping[str, Value]) -> tuple[str, ...]:
    """A value's aliases and those it had before, where those are no values by themselves."""
    earlier = before.aliases if before is not None else ()
    return tuple(dict.fromkeys([*value.aliases, *(a for a in earlier if a not in known)]))
