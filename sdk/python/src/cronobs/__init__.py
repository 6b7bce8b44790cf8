"""Cron Observer: what workers and programs beside it need."""
from cronobs.cause import Cancelled, Cause, Failed
from cronobs.client import ApiError, Client
from cronobs.job import Job
from cronobs.logs import LogHandler
from cronobs.observe import observe
from cronobs.settings import SettingError
from cronobs.worker import Worker

__version__ = "0.1.0"

__all__ = ["ApiError", "Cancelled", "Cause", "Client", "Failed", "Job", "LogHandler", "SettingError", "Worker", "observe"]
