"""The `junban` commands, one file each, and what they share: the node among it."""
