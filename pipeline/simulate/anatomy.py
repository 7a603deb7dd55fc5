"""An animal's skin as lofts in the rest pose: one for trunk, neck and head, one a leg, and tail, ears, mane, horns."""

from enum import IntEnum

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.simulate.loft import Loft
from pipeline.simulate.profile import Profile
from pipeline.simulate.profiles import PROFILES
from pipeline.simulate.skeleton import BONES, HEAD, HIND, LEFT, LOWER, NECK, TAIL, TAIL_PIECES, UPPER, Skeleton
from pipeline.simulate.species import Build

LET_GO = 0.12, 0.50  # shares of the neck between which the trunk lets go of the skin


class Part(IntEnum):
    """What a loft is; ``where`` on it goes ..."""

    spine = 0  # 0 tail .. 1 breast along the trunk, 1 .. 2 up the neck, 2 poll .. 3 muzzle
    fore_leg = 1  # 0 joint, 1 carpus, 2 hoof
    hind_leg = 2  # 0 joint, 1 hock, 2 hoof
    tail = 3  # 0 .. 1 tip
    mane = 4  # 0 withers .. 1 between the ears
    ear = 5  # 0 .. 1 tip
    horn = 6  # 0 .. 1 tip


def lofts(build: Build, horned: bool) -> list[Loft]:
    """The lofts of one animal, standing at rest above the world's origin and heading east."""
    skeleton, profile = Skeleton(build), PROFILES[build.species]
    bones = skeleton.bones(skeleton.rest())
    made = [_spine(build, profile, bones)]
    made += [_leg(build, profile, bones, k) for k in range(4)]
    made.append(_tail(build, profile, bones))
    made += [_ear(build, profile, bones, side) for side in (1.0, -1.0)]
    if profile.mane:
        made.append(_mane(build, profile, bones))
    if profile.horn and horned:
        made += [_horn(build, profile, bones, side) for side in (1.0, -1.0)]
    return made


def _only(bone: int, rows: int = 1) -> FloatArray:
    weights = np.zeros((rows, BONES))
    weights[:, bone] = 1
    return weights


def _neck_weights(s: FloatArray) -> FloatArray:
    """Bones of the neck at ``s`` [n], and the trunk near its base."""
    place = np.clip(s, 0, 1) * (NECK - 1)
    low = np.minimum(place.astype(int), NECK - 2)
    share = place - low
    rows = np.arange(len(s))
    weights = np.zeros((len(s), BONES))
    weights[rows, 1 + low] = 1 - share
    weights[rows, 2 + low] += share
    held = np.clip((LET_GO[1] - s) / (LET_GO[1] - LET_GO[0]), 0, 1)[:, None]
    return (1 - held) * weights + held * _only(0, len(s))


def _spine(build: Build, profile: Profile, bones: FloatArray) -> Loft:
    trunk, neck, head = (np.array(rows) for rows in (profile.trunk, profile.neck, profile.head))
    unit = build.girth_m
    x = trunk[:, 0] * build.trunk_m
    top = [_placed(bones[0], x, trunk[:, 1] * unit)]
    bottom = [_placed(bones[0], x, trunk[:, 2] * unit)]
    half = [trunk[:, 3] * unit]
    weights_top, weights_bottom = [_only(0, len(x))], [_only(0, len(x))]
    # from the withers on a ring's top is on the neck, its bottom down at the breast before it is on the neck too
    s = neck[:, 0]
    breast = np.array(profile.breast)
    under = _placed(bones[1], s * build.neck_m, -neck[:, 2] * build.neck_m)
    under[:2] = _placed(bones[0], breast[:, 0] * build.trunk_m, breast[:, 1] * unit)
    held = _neck_weights(s)
    top.append(_placed(bones[1], s * build.neck_m, neck[:, 1] * build.neck_m))
    bottom.append(under)
    half.append(neck[:, 3] * build.neck_m)
    weights_top.append(held)
    weights_bottom.append(np.concatenate([_only(0, 2), held[2:]]))
    t = head[:, 0]
    tops = _placed(bones[HEAD], t * build.head_m, head[:, 1] * build.head_m)
    bottoms = _placed(bones[HEAD], t * build.head_m, -head[:, 2] * build.head_m)
    blend = np.clip(t / 0.12, 0, 1)[:, None]
    held = blend * _only(HEAD, len(t)) + (1 - blend) * 0.5 * (_only(HEAD, len(t)) + _only(NECK, len(t)))
    top.append(tops)
    bottom.append(bottoms)
    half.append(head[:, 3] * build.head_m)
    weights_top.append(held)
    weights_bottom.append(held)
    where = np.concatenate([np.linspace(0, 1, len(x)), 1 + s, 2 + np.clip(t, 0, 1)])
    left = np.concatenate(half)[:, None] * np.array([[0.0, 1.0, 0.0]])
    return Loft(
        np.concatenate(top),
        np.concatenate(bottom),
        left,
        np.concatenate(weights_top),
        np.concatenate(weights_bottom),
        where,
        Part.spine,
    )


def _placed(bone: FloatArray, x: FloatArray, z: FloatArray | float) -> FloatArray:
    """Points [n, 3] in the plane of the bone's x and z axes."""
    return np.asarray(bone[3] + x[:, None] * bone[0] + np.broadcast_to(z, x.shape)[:, None] * bone[2])


def _leg(build: Build, profile: Profile, bones: FloatArray, k: int) -> Loft:
    """Rings across the bones; ``top`` of a ring is its front."""
    rows = np.array(profile.hind if HIND[k] else profile.fore)
    height = build.hip_m if HIND[k] else build.shoulder_m
    upper, lower = bones[UPPER + k], bones[LOWER + k]
    lengths = np.linalg.norm(lower[3] - upper[3]), lower[3, 2]
    u, centre, deep, wide = rows[:, 0], *(rows[:, 1:] * height).T
    below = np.clip((u - 0.88) / 0.24, 0, 1)[:, None]  # across the joint both bones hold the skin
    above = upper[3] - np.minimum(u, 1)[:, None] * lengths[0] * upper[2]
    reach = np.linalg.norm(_foot(build, bones, k) - lower[3])
    axis = above - np.clip(u - 1, 0, None)[:, None] * reach * lower[2]
    ahead = (1 - below) * upper[0] + below * lower[0]
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    side = 1.0 if LEFT[k] else -1.0
    trunk = np.array(profile.trunk)
    room = build.girth_m * float(np.interp(-0.5 if HIND[k] else 0.47, trunk[:, 0], trunk[:, 3]))
    tuck = np.minimum(room * profile.spread - wide - build.stance_m / 2, 0) * np.clip((0.75 - u) / 0.4, 0, 1)
    out = (side * tuck)[:, None] * np.array([[0.0, 1.0, 0.0]])  # the leg's upper part lies in the trunk's side
    held = np.clip(0.5 - u, 0, 0.6)[:, None]
    weights = held * _only(0, len(u)) + (1 - held) * ((1 - below) * _only(UPPER + k) + below * _only(LOWER + k))
    middle = axis + centre[:, None] * ahead + out
    half = wide[:, None] * np.array([[0.0, 1.0, 0.0]])
    part = Part.hind_leg if HIND[k] else Part.fore_leg
    return Loft(middle + deep[:, None] * ahead, middle - deep[:, None] * ahead, half, weights, weights, u, part)


def _foot(build: Build, bones: FloatArray, k: int) -> FloatArray:
    lower_m = Skeleton(build).lower_m[k]
    return np.asarray(bones[LOWER + k, 3] - lower_m * bones[LOWER + k, 2])


def _tail(build: Build, profile: Profile, bones: FloatArray) -> Loft:
    rows = np.array(profile.tail)
    place = rows[:, 0] * TAIL_PIECES
    piece = np.minimum(place.astype(int), TAIL_PIECES - 1)
    share = place - piece
    bone = bones[TAIL + piece]
    middle = bone[:, 3] + (share * build.tail_m / TAIL_PIECES)[:, None] * bone[:, 0]
    thick = (rows[:, 1] * build.tail_m)[:, None]
    weights = np.zeros((len(rows), BONES))
    weights[np.arange(len(rows)), TAIL + piece] = 1
    return Loft(
        middle + thick * bone[:, 2],
        middle - thick * bone[:, 2],
        thick * bone[:, 1],
        weights,
        weights,
        rows[:, 0],
        Part.tail,
    )


def _ear(build: Build, profile: Profile, bones: FloatArray, side: float) -> Loft:
    length, wide, outward = profile.ear[0] * build.head_m, profile.ear[1] * build.head_m, np.radians(profile.ear[2])
    head = bones[HEAD]
    up = np.cos(outward) * (0.8 * head[2] - 0.6 * head[0]) + side * np.sin(outward) * head[1]
    up /= np.linalg.norm(up)
    row = np.array(profile.head)[1]
    root = head[3] + build.head_m * (0.05 * head[0] + 0.75 * row[1] * head[2] + side * 0.6 * row[3] * head[1])
    across = np.cross(up, head[0])
    across /= np.linalg.norm(across)
    face = np.cross(up, across)
    share = np.array([0.0, 0.3, 0.6, 0.85, 1.0])
    width = wide * np.array([0.55, 0.95, 1.0, 0.6, 0.12])
    middle = root + share[:, None] * length * up
    thin = 0.25 * width[:, None] * face
    weights = _only(HEAD, len(share))
    return Loft(middle + thin, middle - thin, width[:, None] * across, weights, weights, share, Part.ear)


def _mane(build: Build, profile: Profile, bones: FloatArray) -> Loft:
    neck = np.array(profile.neck)
    s = np.array([0.14, 0.28, 0.45, 0.65, 0.85, 1.0, 1.08])
    crest = np.interp(s, neck[:, 0], neck[:, 1]) * build.neck_m
    high = profile.mane * build.neck_m * np.array([0.0, 0.6, 0.95, 1.0, 1.0, 0.8, 0.25])
    x = s * build.neck_m
    weights = _neck_weights(s)
    half = 0.2 * profile.mane * build.neck_m * np.ones((len(s), 1)) * np.array([[0.0, 1.0, 0.0]])
    return Loft(
        _placed(bones[1], x, crest + high),
        _placed(bones[1], x, crest - 0.03 * build.neck_m),
        half,
        weights,
        weights,
        s,
        Part.mane,
    )


def _horn(build: Build, profile: Profile, bones: FloatArray, side: float) -> Loft:
    head, size = bones[HEAD], build.head_m
    row = np.array(profile.head)[1]
    length = profile.horn * size
    up = 0.85 * head[2] - 0.5 * head[0] + side * 0.1 * head[1]
    root = head[3] + size * (0.16 * head[0] + 0.8 * row[1] * head[2] + side * 0.4 * row[3] * head[1])
    share = np.array([0.0, 0.5, 0.85, 1.0])
    thick = size * np.array([0.045, 0.035, 0.045, 0.02])[:, None]
    middle = root + share[:, None] * length * up
    weights = _only(HEAD, len(share))
    return Loft(middle - thick * head[0], middle + thick * head[0], thick * head[1], weights, weights, share, Part.horn)
