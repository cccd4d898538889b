"""Commands of people: from a comment to its effect."""
