"""The policy file: reading it, the issue that shows a version of it, its adoption."""
