"""How good a recognizer is: what it said of labelled clips against what is true, with intervals; whether its
probabilities mean what they say, and where it had better say nothing.
"""
