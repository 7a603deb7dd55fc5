"""Where an animal's mouth is, and how it must hold its neck to bring it somewhere.

Neck and head are turned as ``poses.Poses`` says: yaw about the up axis, then pitch, each against what it hangs on.
"""

from typing import NamedTuple

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.profiles import PROFILES
from pipeline.simulate.species import Build

LOWEST, HIGHEST = np.radians(-76.0), np.radians(78.0)  # of the neck against the horizon
NOSE_DOWN = 0.40  # radians an animal tips its trunk at most to get its mouth to the ground
CROUCH = 0.12  # of the shoulder's height it lowers its trunk at most
FLAT = 0.95  # of the belly's depth: how high a lying animal's trunk is, whose belly spreads on the ground


class Reach(NamedTuple):
    """How to hold the body for the mouth to be at a height: radians, and metres of lowering."""

    neck: float  # pitch against the trunk
    head: float  # pitch against the neck
    tip: float  # added to the trunk's pitch, negative: nose down
    lower_m: float  # the trunk's origin comes down by


def standing_pitch(build: Build) -> float:
    """Pitch of the trunk of a standing animal: its shoulders are higher or lower than its hips."""
    return float(np.arctan2(build.shoulder_m - build.hip_m, build.trunk_m))


def standing_m(build: Build) -> float:
    """Height of the trunk's origin of a standing animal."""
    return (build.shoulder_m + build.hip_m) / 2


def lying_m(build: Build) -> float:
    """Height of the trunk's origin of an animal that lies on its breast."""
    return -FLAT * min(row[2] for row in PROFILES[build.species].trunk) * build.girth_m


def neck_base(build: Build) -> FloatArray:
    """Where the neck begins, in the trunk's frame ``[3]``."""
    return np.array([0.55 * build.trunk_m, 0.0, 0.15 * build.girth_m])


def _turned(yaw: FloatArray, pitch: FloatArray) -> FloatArray:
    """Rotations ``[..., 3, 3]`` whose columns are the turned frame's axes: yaw to the left, then pitch up."""
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    rows = [[cy * cp, -sy, -cy * sp], [sy * cp, cy, -sy * sp], [sp, 0 * sp, cp]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def mouth(build: Build, neck: FloatArray, head: FloatArray) -> FloatArray:
    """The mouth in the trunk's frame ``[..., 3]`` in metres, for yaw and pitch of neck and head ``[..., 2]``."""
    neck_frame = _turned(neck[..., 0], neck[..., 1])
    head_frame = neck_frame @ _turned(head[..., 0], head[..., 1])
    return np.asarray(neck_base(build) + build.neck_m * neck_frame[..., 0] + build.head_m * head_frame[..., 0])


def mouth_in_world(build: Build, trunk: FloatArray, turn: FloatArray, neck: FloatArray, head: FloatArray) -> FloatArray:
    """The mouth in the world ``[n, 3]`` for the arrays of ``poses.Poses``; roll, worth centimetres, is left out."""
    frame = _turned(turn[..., 0], turn[..., 1])
    return np.asarray(trunk + np.einsum("nij,nj->ni", frame, mouth(build, neck, head)))


def chin_down(build: Build) -> tuple[float, float]:
    """Pitch of neck and head of an animal that lies with its chin on the ground."""
    depth = max(row[2] for row in PROFILES[build.species].head) * build.head_m
    base = lying_m(build) + neck_base(build)[2]
    neck = float(np.arcsin(np.clip((depth - base) / build.neck_m, np.sin(LOWEST), 0.0)))
    return neck, -neck


def to_height(build: Build, height_m: float, nose: float) -> Reach:
    """Bring the mouth to ``height_m`` above the ground with the head's axis ``nose`` radians above the horizon.

    What the neck cannot do, tipping and lowering the trunk does as far as it goes.
    """
    pitch, base = standing_pitch(build), neck_base(build)
    base_m = standing_m(build) + base[0] * np.sin(pitch) + base[2] * np.cos(pitch)
    want = height_m - base_m - build.head_m * np.sin(nose)
    short = max(0.0, build.neck_m * np.sin(LOWEST) - want)
    lever = base[0] + build.trunk_m / 2  # it tips about its hips
    tip = -min(short / lever, NOSE_DOWN)
    lower = float(np.clip(short + lever * tip, 0.0, CROUCH * build.shoulder_m) - build.trunk_m / 2 * np.sin(tip))
    rise = np.clip((want + short) / build.neck_m, np.sin(LOWEST), np.sin(HIGHEST))
    lean = float(np.arcsin(rise))
    return Reach(lean - pitch - tip, nose - lean, tip, lower)
