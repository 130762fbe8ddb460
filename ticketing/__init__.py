"""The hall: rules, journal, live feed, and the edge that browsers talk to."""

__version__ = "0.1.0"
