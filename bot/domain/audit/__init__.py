"""The audit log as facts and rules: entries, the chain that they form, and how it is verified."""
