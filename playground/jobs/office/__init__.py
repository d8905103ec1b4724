"""One office a server: it takes orders, sends runs to the cluster, and shows everybody theirs."""

from playground.jobs.office.office import KEPT, PER_OWNER, PER_SERVER, Office

__all__ = ["KEPT", "PER_OWNER", "PER_SERVER", "Office"]
