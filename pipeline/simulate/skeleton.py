"""The bones of an animal, from a moment of its poses: where each is in the world and how it is turned.

::

    bone          number                moves with
    trunk         0                     trunk, turn
    neck          1 .. NECK             an arc from the trunk to the skull: the bend is shared out along it
    head          HEAD                  neck and head; its origin is the skull, its x axis goes to the mouth
    tail          TAIL .. +4            a chain
    legs          UPPER + k, LOWER + k  feet (k as in LEGS): two-segment inverse kinematics; z axis up along the bone;
                                        their upper joints move as they are folded, as shoulder blade and thigh do

The skull and the mouth are where ``reach.mouth`` has them.
"""

from typing import NamedTuple

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.poses import Poses
from pipeline.simulate.profiles import PROFILES
from pipeline.simulate.reach import lying_m, neck_base, standing_m, standing_pitch
from pipeline.simulate.species import Build

NECK = 6
HEAD = NECK + 1
TAIL = HEAD + 1
TAIL_PIECES = 4
UPPER = TAIL + TAIL_PIECES
LOWER = UPPER + 4
BONES = LOWER + 4
HIND = np.array([True, False, True, False])  # of LEGS
LEFT = np.array([True, True, False, False])
LANDMARKS = ("muzzle", "poll", "withers", "rump", "left hind", "left fore", "right hind", "right fore")  # hooves last
HIP = -0.42  # x / trunk of the hip joints: hind feet stand behind them, the hocks plumb above the feet
GLIDE = 0.16  # how far a leg's upper joint glides after a foot out of reach, as shoulder blades do / the leg's length
# of a leg folded beneath a lying trunk: carpus and hock along the trunk, then how far up the upper joint is (of the
# girth), how far out (of the stance), and how high carpus, hock and hoof are above the ground (of the girth)
FOLD_FORE, FOLD_HIND, FOLD_UP, FOLD_OUT, FOLD_HIGH = 0.66, -0.62, 0.16, 0.25, 0.09
MOST_BEND = 0.7  # radians that the neck's ends bend away from its chord at most


class Pose(NamedTuple):
    """One moment of ``poses.Poses``."""

    trunk: FloatArray  # [3]
    turn: FloatArray  # [3]
    swung: FloatArray  # [6] neck, head and tail: yaw and pitch of each
    feet: FloatArray  # [4, 3]
    folded: FloatArray  # [4]


def pose_at(poses: Poses, moment: float) -> Pose:
    """The pose at a moment, a number of rows of ``poses``; one that is not whole is between two rows.

    Raises:
        IndexError: a moment before the first row or after the last.
    """
    first, last = int(moment), len(poses.time_s) - 1
    if not 0 <= moment <= last:
        raise IndexError(f"moment must be in [0, {last}], got {moment}")
    now = _row(poses, first)
    if first == moment:
        return now
    share, after = moment - first, _row(poses, first + 1)
    turn = np.remainder(after.turn - now.turn + np.pi, 2 * np.pi) - np.pi
    return Pose(
        now.trunk + share * (after.trunk - now.trunk),
        now.turn + share * turn,
        now.swung + share * (after.swung - now.swung),
        now.feet + share * (after.feet - now.feet),
        now.folded + share * (after.folded - now.folded),
    )


def middle_of_head(landmarks: FloatArray) -> FloatArray:
    """Where it is, half-way from the muzzle to the poll ``[..., k]``, of ``LANDMARKS`` ``[..., 8, k]``."""
    return np.asarray(landmarks[..., :2, :].mean(axis=-2))


def _row(poses: Poses, k: int) -> Pose:
    swung = np.concatenate((poses.neck[k], poses.head[k], poses.tail[k]))
    return Pose(poses.trunk[k], poses.turn[k], swung, poses.feet[k], poses.folded[k])


class Skeleton:
    """The bones of one build; everything that does not depend on the pose is made once."""

    def __init__(self, build: Build) -> None:
        self.build, profile = build, PROFILES[build.species]
        self.straight = float(np.radians(profile.neck_pitch)) - standing_pitch(build)
        self.head_rest = float(np.radians(profile.head_pitch))
        self._base = neck_base(build)
        self._curve = build.neck_m * _hermite(np.linspace(0, 1, NECK))
        x = np.where(HIND, HIP, 0.5) * build.trunk_m
        y = np.where(LEFT, 0.5, -0.5) * build.stance_m
        self.joints = np.stack([x, y, np.zeros(4)], axis=1)
        height = np.where(HIND, build.hip_m, build.shoulder_m)
        shares = np.where(HIND[:, None], profile.hind_segments, profile.fore_segments)
        self.upper_m, self.lower_m = (height[:, None] * shares).T
        self._least, self._most = 1.05 * np.abs(self.upper_m - self.lower_m), 0.9995 * (self.upper_m + self.lower_m)
        self._glide = GLIDE * self._most
        self._squares = self.upper_m**2, self.upper_m**2 - self.lower_m**2
        self._bends = np.where(HIND, -1.0, 1.0)  # hocks point back, carpi forward
        self._lengths = np.concatenate([-1 / self.upper_m, 1 / self.lower_m])[:, None]
        self._tail_from = np.array([profile.tail_from[0] * build.trunk_m, 0.0, profile.tail_from[1] * build.girth_m])
        self._tail_bend = np.radians(profile.tail_bend)
        self.folded_feet, self._shift = self._folded()
        self._last: tuple[Poses, float, FloatArray] | None = None

    def rest(self) -> Pose:
        """Standing square above the world's origin, heading east."""
        pitch = standing_pitch(self.build)
        feet = self.joints * np.array([0.0, 1.0, 0.0])
        feet[:, 0] = np.where(HIND, -0.5, 0.5) * self.build.trunk_m * np.cos(pitch)
        swung = np.array([0, self.straight, 0, self.head_rest, 0, np.radians(-76)])
        return Pose(np.array([0, 0, standing_m(self.build)]), np.array([0, pitch, 0.0]), swung, feet, np.zeros(4))

    def _folded(self) -> tuple[FloatArray, FloatArray]:
        """Where the feet of a lying animal are in the trunk's frame ``[4, 3]``, and how far its legs' joints move.

        Carpus, hock and hoof lie level; the upper joint is where the upper segment's length has it.
        """
        build = self.build
        middle = np.where(HIND, FOLD_HIND, FOLD_FORE) * build.trunk_m
        ground = FOLD_HIGH * build.girth_m - lying_m(build)
        high = FOLD_UP * build.girth_m
        back = np.sqrt(np.maximum(self.upper_m**2 - (high - ground) ** 2, 0)) * self._bends
        out = (1 + FOLD_OUT) * self.joints[:, 1]
        feet = np.stack([middle - self.lower_m * self._bends, out, np.full(4, ground)], axis=1)
        return feet, np.stack([middle - back, out, np.full(4, high)], axis=1) - self.joints

    def at(self, poses: Poses, moment: float) -> FloatArray:
        """The bones at a moment of the poses, as ``bones``; asked again for the same, they are those of before."""
        if self._last is None or self._last[0] is not poses or self._last[1] != moment:
            self._last = poses, moment, self.bones(pose_at(poses, moment))
        return self._last[2]

    def landmarks(self, poses: Poses, moment: float) -> FloatArray:
        """Where ``LANDMARKS`` are in the world ``[8, 3]`` at a moment of the poses."""
        bones = self.at(poses, moment)
        muzzle = bones[HEAD, 3] + self.build.head_m * bones[HEAD, 0]
        return np.concatenate([[muzzle, bones[HEAD, 3], bones[1, 3], bones[TAIL, 3]], pose_at(poses, moment).feet])

    def bones(self, pose: Pose) -> FloatArray:
        """Each bone ``[BONES, 4, 3]``: where its axes x, y, z point in the world, and where its origin is."""
        axes = _turned(*self._angles(pose))
        bones = np.empty((BONES, 4, 3))
        bones[0] = _UNTURNED
        self._neck(axes, bones)
        self._tail(axes[-TAIL_PIECES:], bones)
        trunk = _rolled(axes[0], float(pose.turn[2]))
        self._legs((pose.feet - pose.trunk) @ trunk.T, pose.folded, bones)
        world = bones.reshape(-1, 3) @ trunk
        world[3::4] += pose.trunk
        return np.asarray(world.reshape(BONES, 4, 3))

    def _angles(self, pose: Pose) -> tuple[FloatArray, FloatArray]:
        """Yaw and pitch [n] of the trunk, the neck's bones, the neck's chord, the head, and the tail's bones."""
        turn, swung = pose.turn.tolist(), pose.swung.tolist()
        bend_yaw = min(max(0.5 * swung[0], -MOST_BEND), MOST_BEND)
        bend_pitch = min(max(0.5 * (swung[1] - self.straight), -MOST_BEND), MOST_BEND)
        yaw = _SHARE @ np.array([turn[0], swung[0], bend_yaw, swung[2], swung[4]])
        pitch = _SHARE @ np.array([turn[1], swung[1], bend_pitch, swung[3], 0.0])
        yaw[-TAIL_PIECES:] += np.pi
        pitch[-TAIL_PIECES:] = swung[5] + self._tail_bend
        return yaw, pitch

    def _neck(self, axes: FloatArray, bones: FloatArray) -> None:
        """A curve whose chord is the neck's line; at rest it is straight."""
        ends = axes[[1, NECK + 1, NECK], 0]  # how it starts, its chord, how it ends
        bones[1 : NECK + 1, :3] = axes[1 : NECK + 1]
        bones[1 : NECK + 1, 3] = self._base + self._curve @ ends
        bones[HEAD, :3] = axes[NECK + 2] @ axes[NECK + 1]
        bones[HEAD, 3] = bones[NECK, 3]

    def _tail(self, axes: FloatArray, bones: FloatArray) -> None:
        """A chain from the trunk's end; x axes point to the tail's tip."""
        bones[TAIL:UPPER, :3] = axes
        bones[TAIL:UPPER, 3] = self._tail_from + (self.build.tail_m / TAIL_PIECES) * (_BEFORE @ axes[:, 0])

    def _legs(self, feet: FloatArray, folded: FloatArray, bones: FloatArray) -> None:
        """Two-segment legs in the trunk's frame.

        Towards a foot out of reach the leg is straight and its upper joint glides as far as it can.
        With the upper segment a, the lower b and the foot at distance d, the middle joint is (a a - b b + d d) / 2 d
        along the line to the foot (law of cosines) and the rest of a beside it.
        """
        start = self.joints + folded[:, None] * self._shift
        way = feet - start
        far = np.sqrt((way * way).sum(axis=1))
        line = way / far[:, None]
        joints = start + np.minimum(np.maximum(far - self._most, 0), self._glide)[:, None] * line
        far = np.minimum(np.maximum(far, self._least), self._most)
        along = (self._squares[1] + far * far) / (2 * far)
        aside = np.sqrt(np.maximum(self._squares[0] - along * along, 0))
        pole = -line[:, :1] * line
        pole[:, 0] += 1  # the part of the trunk's x axis across the line
        pole *= (self._bends * aside / np.sqrt((pole * pole).sum(axis=1)))[:, None]
        middle = along[:, None] * line + pole
        up = np.concatenate((middle, middle - far[:, None] * line)) * self._lengths
        ahead = np.zeros((8, 3))
        ahead[:, 0], ahead[:, 2] = up[:, 2], -up[:, 0]  # the trunk's y axis x up
        ahead /= np.sqrt((ahead * ahead).sum(axis=1))[:, None]
        legs = bones[UPPER:]
        legs[:, 0], legs[:, 2] = ahead, up
        legs[:, 1] = up[:, _NEXT] * ahead[:, _AFTER] - up[:, _AFTER] * ahead[:, _NEXT]
        legs[:4, 3] = joints
        legs[4:, 3] = joints + middle


_UNTURNED = np.concatenate([np.eye(3), np.zeros((1, 3))])
_NEXT, _AFTER = [1, 2, 0], [2, 0, 1]
_BEFORE = np.tri(TAIL_PIECES, k=-1)  # sums the pieces before each
_SHARE = np.concatenate(  # of trunk, neck, the neck's bend, head and tail in each rotation
    [
        [[1, 0, 0, 0, 0]],
        np.stack([np.zeros(NECK), np.ones(NECK), np.linspace(-1, 1, NECK), np.zeros(NECK), np.zeros(NECK)], axis=1),
        [[0, 1, 0, 0, 0], [0, 0, 0, 1, 0]],
        np.linspace(0.6, 1.2, TAIL_PIECES)[:, None] * np.array([[0, 0, 0, 0, 1]]),
    ]
)


def _hermite(s: FloatArray) -> FloatArray:
    """Shares [n, 3] of the start's direction, the chord and the end's direction in a cubic Hermite curve at ``s``."""
    return np.stack([s**3 - 2 * s**2 + s, 3 * s**2 - 2 * s**3, s**3 - s**2], axis=1)


def _rolled(axes: FloatArray, roll: float) -> FloatArray:
    """Axes [3, 3] turned about x: the left side goes up."""
    c, s = np.cos(roll), np.sin(roll)
    return np.array([[1, 0, 0], [0, c, s], [0, -s, c]]) @ axes


def _turned(yaw: FloatArray, pitch: FloatArray) -> FloatArray:
    """Axes ``[n, 3, 3]`` (rows x, y, z) turned to the left by ``yaw`` [n], then up by ``pitch`` [n]."""
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    axes = np.zeros((len(yaw), 9))
    axes[:, 0], axes[:, 1], axes[:, 2] = cy * cp, sy * cp, sp
    axes[:, 3], axes[:, 4] = -sy, cy
    axes[:, 6], axes[:, 7], axes[:, 8] = -cy * sp, -sy * sp, cp
    return axes.reshape(-1, 3, 3)
