"""What a feature family is: one history table, its subsets of rows, and what is measured of each."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import ibis
import ibis.expr.types as ir

from pipeline.features.dictionary import Aggregation
from pipeline.features.names import slug
from pipeline.tables.clean import known_categories
from pipeline.tables.layout import Column, ColumnType, Unit, layout


class Wording(StrEnum):
    """How the words for an aggregate agree with a column's label: French gender, or a point in time."""

    MASCULINE = "masculine"
    FEMININE = "feminine"
    # Feminine, as "date".
    DATE = "date"
    # A point in time too, but masculine.
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Measure:
    """A numeric column and its aggregates."""

    column: str
    aggregations: tuple[Aggregation, ...]
    wording: Wording


@dataclass(frozen=True, slots=True)
class Subset:
    """Rows of a history that are aggregated together, and what is measured of them besides their count.

    ``where`` chooses the rows, all of them where it is null; a row for which it is unknown does not belong.
    ``rows_fr`` and ``rows_en`` name the rows in the plural. An officer may correct aggregates of an ``editable``
    subset: they are facts of today, not of a closed past.
    """

    prefix: str
    rows_fr: str
    rows_en: str
    editable: bool
    measures: tuple[Measure, ...]
    where: Callable[[ibis.Table], ir.BooleanValue] | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A number made of other columns before the aggregation: ``expression`` over the ``inputs``, in this order."""

    column: Column
    inputs: tuple[str, ...]
    expression: Callable[..., ibis.Value]


@dataclass(frozen=True, slots=True)
class Nested:
    """A table whose rows hang on the rows of a history by ``key``, and what it tells of each of these.

    The expressions of its columns aggregate; a history row without any nested row has no value.
    """

    table: str
    key: str
    columns: tuple[Computed, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One feature of a family. ``sources`` are the raw columns that it is made of, in ``source_table``."""

    name: str
    subset: Subset
    aggregation: Aggregation
    editable: bool
    source_table: str
    sources: tuple[str, ...] = ()
    column: Column | None = None
    wording: Wording = Wording.MASCULINE
    category: str = ""


@dataclass(frozen=True)
class Family:
    """The features of one history table.

    Category shares are made for the first subset alone. ``dated_by`` is the column of days or months that dates a
    row.
    """

    table: str
    dated_by: str
    subsets: tuple[Subset, ...]
    shares_editable: bool = False
    computed: tuple[Computed, ...] = ()
    nested: Nested | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables that the features are made of."""
        return (self.table, self.nested.table) if self.nested else (self.table,)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The table's columns and the computed ones, by name."""
        return {**layout()[self.table].columns, **{made.column.name: made.column for made in self._made}}

    @cached_property
    def aggregates(self) -> tuple[Aggregate, ...]:
        """All features, in the order of the output columns.

        Raises:
            ValueError: two features have the same name.
        """
        found = [feature for subset in self.subsets for feature in self._of_subset(subset)]
        found += self._shares(self.subsets[0])
        repeated = [name for name, count in Counter(a.name for a in found).items() if count > 1]
        if repeated:
            raise ValueError(f"features of {self.table} with the same name: {', '.join(repeated)}")
        return tuple(found)

    @property
    def _made(self) -> tuple[Computed, ...]:
        return (*(self.nested.columns if self.nested else ()), *self.computed)

    def _of_subset(self, subset: Subset) -> Iterator[Aggregate]:
        inputs = {made.column.name: made.inputs for made in self._made}
        for measure in subset.measures:
            column = self.columns[measure.column]
            for aggregation in measure.aggregations:
                yield Aggregate(
                    name=f"{subset.prefix}_{column.name}_{aggregation}",
                    subset=subset,
                    aggregation=aggregation,
                    editable=subset.editable,
                    source_table=column.table,
                    sources=inputs.get(column.name, (column.name,)),
                    column=column,
                    wording=measure.wording,
                )
        yield Aggregate(f"{subset.prefix}_COUNT", subset, "COUNT", subset.editable, self.table)

    def _shares(self, subset: Subset) -> Iterator[Aggregate]:
        for column in layout()[self.table].columns.values():
            if column.type is not ColumnType.CATEGORY:
                continue
            for category in known_categories(column):
                yield Aggregate(
                    name=f"{subset.prefix}_{column.name}_{slug(category)}_MEAN",
                    subset=subset,
                    aggregation="SHARE",
                    editable=self.shares_editable,
                    source_table=self.table,
                    sources=(column.name,),
                    column=column,
                    category=category,
                )


def number_column(table: str, name: str, unit: Unit, label_fr: str, label_en: str) -> Column:
    """Describes a computed number as if it were a column of the table."""
    return Column(table, name, ColumnType.NUMBER, unit, label_fr, label_en, protected=False, editable=False)
