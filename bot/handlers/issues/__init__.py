"""The issues that people see, kept as the record says."""
