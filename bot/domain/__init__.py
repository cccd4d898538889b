"""What is true: events, token requests, grants, decisions, commands. Pure; `now` is an argument."""
