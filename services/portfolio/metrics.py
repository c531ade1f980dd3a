"""What Prometheus learns of the live publication."""

from prometheus_client import Gauge, Info

from services.portfolio.domain import Publication

_publication = Info("clairscore_portfolio_publication", "The publication that is read, and the model it was made with.")
_published = Gauge(
    "clairscore_portfolio_published_timestamp_seconds", "When it was published, in seconds since 1970-01-01 UTC."
)
_clients = Gauge("clairscore_portfolio_clients", "Clients of it.")


def observe(publication: Publication) -> None:
    """Tells of a publication that has just become the one that is read."""
    _publication.info({"publication": publication.identifier, "model_version": publication.model_version})
    _published.set(publication.published_at.timestamp())
    _clients.set(publication.clients)
