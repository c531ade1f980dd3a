"""The new applications in the database, as domain types."""

from sqlalchemy import Row, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from pipeline.model.manifest import Band, Decision
from services.portfolio.domain import Application, ApplicationSummary, StoredScore
from services.portfolio.tables import applications

_SCORE = ("probability_of_default", "probability_of_repayment", "model_version", "expected_default_rate")


class Applications:
    """Applications of persons who are not in the portfolio."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, application: Application, request_id: str) -> Application:
        """Adds an application; returns what is stored with this request, which may have been there before."""
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        score = application.score
        statement = insert(applications).values(
            id=application.identifier,
            request_id=request_id,
            reference=application.reference,
            record=dict(application.record),
            band=score.band.value,
            decision=score.decision.value,
            stored_at=application.stored_at,
            **{name: getattr(score, name) for name in _SCORE},
        )
        # A transaction that adds the same at this moment is waited for: afterwards one row is there in any case.
        await self._connection.execute(statement.on_conflict_do_nothing(index_elements=[applications.c.request_id]))
        found = select(applications).where(applications.c.request_id == request_id)
        return _application((await self._connection.execute(found)).one())

    async def get(self, identifier: str) -> Application | None:
        """Returns an application; None: there is no such one."""
        statement = select(applications).where(applications.c.id == identifier)
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _application(row)

    async def page(self, before: int | None, size: int) -> list[ApplicationSummary]:
        """Returns the ``size`` applications before a number (None: of all), the last stored first."""
        columns = [column for column in applications.c if column.name != "record"]
        amounts = {"income": "AMT_INCOME_TOTAL", "credit": "AMT_CREDIT"}
        read = [applications.c.record[feature].as_float().label(name) for name, feature in amounts.items()]
        statement = select(*columns, *read).order_by(applications.c.number.desc()).limit(size)
        if before is not None:
            statement = statement.where(applications.c.number < before)
        return [
            ApplicationSummary(
                number=row.number,
                identifier=row.id,
                reference=row.reference,
                stored_at=row.stored_at,
                income=row.income,
                credit=row.credit,
                score=_score(row),
            )
            for row in await self._connection.execute(statement)
        ]


def _application(row: Row[tuple[object, ...]]) -> Application:
    return Application(
        identifier=row.id,
        reference=row.reference,
        record=row.record,
        score=_score(row),
        stored_at=row.stored_at,
    )


def _score(row: Row[tuple[object, ...]]) -> StoredScore:
    return StoredScore(
        probability_of_default=row.probability_of_default,
        probability_of_repayment=row.probability_of_repayment,
        band=Band(row.band),
        decision=Decision(row.decision),
        model_version=row.model_version,
        expected_default_rate=row.expected_default_rate,
    )
