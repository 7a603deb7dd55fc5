"""``ethopipe models``: what models there are, embedded, fetched and to be fetched; shown, verified, fetched."""
