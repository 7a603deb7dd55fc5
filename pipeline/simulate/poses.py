"""What motion tells the renderer of an animal: where it is and how it holds itself, moment by moment."""

from dataclasses import dataclass, fields

from pipeline.boxes import FloatArray
from pipeline.timebase import nearest
from pipeline.types import BoolArray, IntArray

LEGS = ("left_hind", "left_fore", "right_hind", "right_fore")  # the footfall order of a walk


@dataclass(frozen=True)
class Poses:
    """One animal over ``n`` moments. Metres and radians; the world as in ``pinhole``.

    The trunk's own frame: x to the head, y to the left, z up; its origin is midway between shoulder and hip joints.
    """

    time_s: FloatArray  # [n]
    trunk: FloatArray  # [n, 3] the trunk's origin in the world
    turn: (
        FloatArray  # [n, 3] of the trunk: yaw (heading, anticlockwise from east), pitch (nose up), roll (left side up)
    )
    neck: FloatArray  # [n, 2] yaw (to the left) and pitch (up) of the neck against the trunk; 0, 0: straight on
    head: FloatArray  # [n, 2] of the head against the neck; pitch < 0: the nose is below the neck's line
    tail: FloatArray  # [n, 2] yaw and pitch of the tail against the trunk's backward axis; pitch -pi/2: hanging
    feet: FloatArray  # [n, 4, 3] the hoofs' tips in the world, in the order of LEGS
    planted: BoolArray  # [n, 4] the foot stands on the ground, and bears the animal
    folded: FloatArray  # [n, 4] how far each leg is folded away under a lying animal, 0 to 1
    behaviour: IntArray  # [n] index into the scene's behaviours (nothing is known here of occlusion)

    def at(self, times_s: FloatArray) -> "Poses":
        """The poses of the moments nearest to ``times_s`` [m], each with its own time."""
        moments = nearest(self.time_s, times_s)
        return Poses(**{field.name: getattr(self, field.name)[moments] for field in fields(self)})
