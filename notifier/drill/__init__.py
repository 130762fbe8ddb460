"""Mail servers and gateways that fail on purpose, and what the notifier makes of them."""
