"""The sandbox: a complete gateway on this machine, its providers simulated, and a page with everybody's phones."""

from gateway.sandbox.house import run

__all__ = ["run"]
