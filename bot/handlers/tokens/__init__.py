"""Active tokens: the daily pass over all grants, the digest's sections and its commands."""
