"""Delivery of notices to the contacts that visitors registered."""
