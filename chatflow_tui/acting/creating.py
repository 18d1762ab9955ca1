"""Making an instance: which schemas there are to choose from, and what will be written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chatflow_core import ChatFlowError, FeatureSummary, InstanceSummary, IWorkflowStateStore, WorkflowSchema
from chatflow_core.chatcoder_v1_1 import READ_ONLY
from chatflow_tui.acting.steps import StepPlan

# A workflow may have a thousand phases; these are enough to recognise it by.
_MOST_PHASES = 12

#: What to do in a store without any.
NO_SCHEMAS = "There is no schema to choose from: put one into schemas/<name>.yaml of"

#: The least that a schema is, for that advice.
EXAMPLE = 'such as "phases: [{name: analyse}, {name: implement}]"'


#: Why nothing is made beside the records of another program.
CHATCODERS_STORE = "this is a store of ChatCoder v1.1: only ChatCoder starts instances in it"


def only_chatcoder_writes(summaries: Iterable[InstanceSummary]) -> bool:
    """Tell whether a store is one of ChatCoder v1.1, by what is in it."""
    is_chatcoders = False
    for summary in summaries:
        if summary.problem is None:
            if summary.read_only is None:
                return False  # in nearly every store the first tells, and this is asked at every move of the cursor
            is_chatcoders = is_chatcoders or summary.read_only == READ_ONLY
    return is_chatcoders


@dataclass(frozen=True, slots=True)
class SchemaChoice:
    """A file in ``schemas/``.

    Attributes:
        name: Its name, without the suffix.
        schema: The schema; None if the file is broken.
        problem: Why it cannot be chosen; None if it can.
    """

    name: str
    schema: WorkflowSchema | None
    problem: str | None = None

    @property
    def words(self) -> str:
        """Its phases, or why it cannot be chosen; not yet made harmless."""
        if self.schema is None:
            return self.problem or ""
        names = self.schema.phase_names
        more = f" → … {len(names) - _MOST_PHASES} more" if len(names) > _MOST_PHASES else ""
        return " → ".join(names[:_MOST_PHASES]) + more


def read_choices(store: IWorkflowStateStore) -> list[SchemaChoice]:
    """Read all schemas of a store, broken ones included. Blocks; for a worker thread.

    Raises:
        StorageError: They cannot be listed.
        NotImplementedError: The store keeps none.
    """
    choices = []
    for name in store.list_schemas():
        try:
            schema = store.load_schema(name)
        except ChatFlowError as error:
            # A row has no room for the path to a directory that is the same for all.
            choices.append(SchemaChoice(name, None, str(error).rpartition("/schemas/")[2]))
        else:
            if schema is not None:  # else it was removed just now
                choices.append(SchemaChoice(name, schema))
    return choices


def matching(choices: Sequence[SchemaChoice], words: str) -> list[SchemaChoice]:
    """The choices that have all words, in any case, in their name or the names of their phases."""
    wanted = words.casefold().split()
    return [choice for choice in choices if all(word in _searched(choice) for word in wanted)]


def plan_create(choice: SchemaChoice | None, feature_id: str, features: Mapping[str, FeatureSummary]) -> StepPlan:
    """Say what would be written for what was chosen so far.

    Args:
        choice: The schema; None if none is chosen.
        feature_id: The feature as typed.
        features: The features there are.
    """
    schema = choice.schema if choice is not None else None
    known = features.get(feature_id)
    if known is not None:
        count = known.total_instances
        feature = f"{feature_id} (which has {count} {'instance' if count == 1 else 'instances'})"
    else:
        feature = f"{feature_id} (a new feature)" if feature_id else "… (type a feature)"
    first = schema.phase_names[0] if schema is not None else ""
    made = schema.name if schema is not None else "… (choose a schema)"
    return StepPlan("", feature_id, first, "", 0.0, (f"○ makes   {made} for {feature}", f"● first   {first or '…'}"))


def _searched(choice: SchemaChoice) -> str:
    phases = choice.schema.phase_names if choice.schema is not None else []
    return "\n".join([choice.name, choice.schema.name if choice.schema else "", *phases]).casefold()
