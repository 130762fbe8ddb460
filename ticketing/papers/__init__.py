"""Papers to print and to file, in Japanese: the certificate of an erasure and the handling report."""
