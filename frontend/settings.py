"""Settings of the dashboard, read from environment variables ``CLAIRSCORE_…`` and refused early when wrong."""

from pydantic import Field

from services.common.settings import Settings


class DashboardSettings(Settings):
    """Where the dashboard listens and where it finds the services."""

    # Address to listen on; "0.0.0.0" in a container.
    dashboard_host: str = "127.0.0.1"
    dashboard_port: int = Field(default=5006, ge=0, le=65535)
    # Where Prometheus reads /metrics. Unset: port + 1000, or any free port when the port is 0. 0: no metrics.
    dashboard_metrics_port: int | None = Field(default=None, ge=0, le=65535)
    # Hosts that a browser may name in its address bar, as JSON (["credit.example.org:443"]). Needed behind a proxy;
    # without it only this machine's own names are accepted.
    dashboard_origins: list[str] = Field(default_factory=list)
    scoring_address: str = "localhost:50051"
    explain_address: str = "localhost:50052"
    embedding_address: str = "localhost:50053"
    portfolio_address: str = "localhost:50054"
    # Longest wait for one answer of a service, in seconds.
    call_deadline: float = Field(default=3.0, gt=0)
    # The same for an analysis over many clients.
    analysis_deadline: float = Field(default=15.0, gt=0)
    # Memory for the portfolio's columns that all sessions share; 300,000 clients take 1.2 MB a column.
    columns_megabytes: int = Field(default=128, gt=0)
    # Pause between two looks at the health of a service, in seconds.
    health_interval: float = Field(default=1.0, gt=0)
    # Who writes to the customers, and one line on how they reach a person there (address, telephone, e-mail). Without
    # it, letters send them to their branch.
    lender_name: str = Field(default="Prêt à dépenser", min_length=1, max_length=80)
    customer_contact: str = Field(default="", max_length=200)
    # Longest time for the printing of a letter, in seconds, waiting for other letters included.
    letter_deadline: float = Field(default=30.0, gt=0)
    # Letters printed at the same time, each on a core of its own.
    letters_at_once: int = Field(default=1, gt=0)
