"""Colours of behaviours: told apart by colour-blind readers, the same in every figure, page and video.

Okabe and Ito (2008), "Color Universal Design", without their black; then Paul Tol's "muted" scheme (SRON/EPS/TN/09-002,
2021). No palette keeps more than about ten colours apart: figures with more behaviours also write their names.
"""

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442")
TOL_MUTED = ("#332288", "#117733", "#882255", "#999933", "#AA4499", "#44AA99", "#CC6677", "#DDCC77", "#88CCEE")
PALETTE = OKABE_ITO + TOL_MUTED

UNKNOWN_COLOUR = "#8C8C8C"
NOT_VISIBLE_COLOUR = "#E3E3E3"

_DARKER = 0.7  # of each channel, with every further round through the palette


def assigned(number: int) -> str:
    """The colour ``#RRGGBB`` of the behaviour with that number, from 0; from 16 on the palette again, darker."""
    turn, place = divmod(number, len(PALETTE))
    channels = bytes.fromhex(PALETTE[place][1:])
    return "#" + "".join(f"{round(channel * _DARKER**turn):02X}" for channel in channels)
