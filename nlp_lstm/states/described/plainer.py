"""Services described as people describe theirs: in fewer words, and with fewer lists.

A publisher's schema has habits. In Schema-Guided Dialogue every description begins with the
service's, and every count is a list of digits; in MultiWOZ a day is one of a list. A tracker that
has read nothing else leans on them, so some conversations are read with slots that lack them.
"""

from calendar import day_name
from dataclasses import replace

from corpora.labels import LabelledConversation, TurnLabels
from nlp_lstm.states.described.schema import DescribedSchema, DescribedSlot, Kind

MARK = "plain "  # before the names of plainer slots and of their groups
OF_SERVICE = ": "  # ends what a description says of the service
DAYS = frozenset(day.lower() for day in day_name)


def plainer(schema: DescribedSchema) -> DescribedSchema:
    """Every slot in plainer words, under another name and in another group.

    Of a description what is said of the slot itself stays. Counts are numbers without a list, and
    days of the week are dates.
    """
    slots = tuple(map(_plainer, schema.slots))
    return DescribedSchema(name=MARK + schema.name, slots=slots)


def plainly(labelled: LabelledConversation) -> LabelledConversation:
    """A conversation with its labels under the names of the plainer slots."""
    return replace(labelled, labels=tuple(map(_named, labelled.labels)))


def _plainer(slot: DescribedSlot) -> DescribedSlot:
    kind = _unlisted(slot)
    changed = {
        "name": MARK + slot.name,
        "group": MARK + slot.group,
        "description": slot.description.rpartition(OF_SERVICE)[2],
        "kind": kind,
        "values": slot.values if kind == slot.kind else (),
    }
    return DescribedSlot.model_validate({**slot.model_dump(), **changed})


def _unlisted(slot: DescribedSlot) -> Kind:
    """The kind of a slot whose values need no list."""
    names = [value.name.lower() for value in slot.values]
    if slot.kind != "category":
        return slot.kind
    if all(map(str.isdigit, names)):
        return "number"
    return "date" if DAYS.issuperset(names) else "category"


def _named(labels: TurnLabels) -> TurnLabels:
    entities, state, requests = labels.entities, labels.state, labels.requests
    return replace(
        labels,
        entities=entities and tuple(replace(one, label=MARK + one.label) for one in entities),
        state=state and tuple(replace(one, slot=MARK + one.slot) for one in state),
        changes=None,  # nothing learns from them
        requests=requests and tuple(MARK + name for name in requests),
    )
