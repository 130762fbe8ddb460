"""Erasure of contacts when their day is over, and its proof."""
