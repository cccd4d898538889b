"""Active tokens: the daily pass over all grants, and the decision that each rests on."""
