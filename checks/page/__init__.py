"""The report: the gate's tables, what differs between base and head, and figures of both; as Markdown and as HTML."""
