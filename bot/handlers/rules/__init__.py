"""What the rules of the policy in force decide by themselves."""
