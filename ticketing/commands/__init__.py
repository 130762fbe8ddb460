"""The `junban` commands, one file each."""
