"""The sections of the page of a run or study, a file a topic: each turns tables into Markup and computes nothing."""
