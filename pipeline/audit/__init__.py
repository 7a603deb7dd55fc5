"""``ethopipe audit``: moments of a study, drawn and filmed for somebody who does not know what was told of them."""
