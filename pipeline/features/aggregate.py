"""Aggregates of a client's history rows: declared per family, computed in one pass over the table."""

from collections.abc import Callable, Iterator, Mapping

import ibis

from pipeline.features.family import Aggregate, Computed, Family, Nested, Subset
from pipeline.features.store import ID


def aggregate(tables: Mapping[str, ibis.Table], family: Family) -> ibis.Table:
    """Returns one row per client of the family's table: ``SK_ID_CURR`` and the family's features as float64.

    An aggregate of no values is null, except counts and sums over a client's rows, which are 0. Variances are of a
    sample (n - 1). A row without a category counts in no share but in every denominator.

    Args:
        tables: clean tables by name, those of ``family.tables`` at least.
    """
    table = tables[family.table]
    if family.nested:
        table = _with_nested(table, tables[family.nested.table], family.nested)
    table = table.mutate(**dict(_evaluate(table, family.computed)))
    members = {subset.prefix: subset.where(table).fill_null(False) for subset in family.subsets if subset.where}
    table = table.mutate(**{_member(prefix): member for prefix, member in members.items()})
    columns = {feature.name: _expression(table, feature).cast("float64") for feature in family.aggregates}
    return table.group_by(ID).aggregate(**columns)


def _with_nested(table: ibis.Table, below: ibis.Table, nested: Nested) -> ibis.Table:
    columns = dict(_evaluate(below, nested.columns))
    per_row = below.group_by(nested.key).aggregate(**columns)
    return table.left_join(per_row, nested.key).select(table, *(per_row[name] for name in columns))


def _evaluate(table: ibis.Table, computed: tuple[Computed, ...]) -> Iterator[tuple[str, ibis.Value]]:
    for made in computed:
        yield made.column.name, made.expression(*(table[name] for name in made.inputs)).cast("float64")


def _member(prefix: str) -> str:
    return f"in {prefix}"


def _expression(table: ibis.Table, feature: Aggregate) -> ibis.Value:
    values = table[feature.column.name] if feature.column else None
    count = _count(table, feature.subset)
    if feature.aggregation == "COUNT":
        return count
    if feature.aggregation == "SHARE":
        # A missing category counts as none of them. Spark would take a literal 1.0 as a decimal, and round the mean.
        indicator = ibis.ifelse(values == feature.category, 1, 0).cast("float64")
        return _of_members(table, feature.subset, indicator).mean()
    values = _of_members(table, feature.subset, values)
    if feature.aggregation == "SUM":
        # A client without such rows has no sum; one whose rows hold no value has the sum 0.
        return ibis.ifelse(count > 0, values.sum().fill_null(0.0), ibis.null("float64"))
    return _STATISTICS[feature.aggregation](values)


def _count(table: ibis.Table, subset: Subset) -> ibis.Value:
    return table[_member(subset.prefix)].cast("int64").sum() if subset.where else table.count()


def _of_members(table: ibis.Table, subset: Subset, values: ibis.Value) -> ibis.Value:
    # Masked values cost DuckDB a third less than FILTER clauses do when the table holds one client.
    return ibis.ifelse(table[_member(subset.prefix)], values, ibis.null(values.type())) if subset.where else values


_STATISTICS: dict[str, Callable[[ibis.Value], ibis.Value]] = {
    "MIN": lambda values: values.min(),
    "MAX": lambda values: values.max(),
    "MEAN": lambda values: values.mean(),
    "VAR": lambda values: values.var(how="sample"),
    "NUNIQUE": lambda values: values.nunique(),
}
