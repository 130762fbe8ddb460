"""The data map: every field that Junban stores anywhere, as data, and how it is printed."""
