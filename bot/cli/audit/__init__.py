"""`countersign audit`: the key, the check and the export of the audit log."""
