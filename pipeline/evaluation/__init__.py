"""How good the parts are: a recognizer's scores of labelled clips, a run beside labels, boxes and tracks beside the
truth, with intervals; whether probabilities mean what they say, and where a recognizer had better say nothing.
"""
