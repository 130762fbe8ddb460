"""The configuration: one frozen Config, read once and passed down."""

from ticketing.config.model import (
    Config,
    Database,
    Gateway,
    Line,
    Mail,
    Notices,
    Phone,
    Privacy,
    Retention,
    Security,
    Server,
)
from ticketing.config.problems import ConfigError, Problem
from ticketing.config.read import read_config
from ticketing.config.secret import Secret

__all__ = [
    "Config",
    "ConfigError",
    "Database",
    "Gateway",
    "Line",
    "Mail",
    "Notices",
    "Phone",
    "Privacy",
    "Problem",
    "Retention",
    "Secret",
    "Security",
    "Server",
    "read_config",
]
