"""The one place where things are wired: a policy, a database, a plan, a run."""

from maintainer.app.core import App
from maintainer.app.requests import Options, RunRequest, StatusLine
from maintainer.runner.stop import StopSignal

__all__ = ["App", "Options", "RunRequest", "StatusLine", "StopSignal"]
