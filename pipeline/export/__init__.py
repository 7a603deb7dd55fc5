"""Out to where behaviours are labelled: chosen mini-scenes of a run, for CVAT, BORIS and a spreadsheet."""
