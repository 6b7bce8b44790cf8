"""Cron Observer: what workers and programs beside it need."""
from cronobs.client import ApiError, Client

__version__ = "0.1.0"

__all__ = ["ApiError", "Client"]
