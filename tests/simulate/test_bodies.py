"""Bodies stand on their feet, are closed, bend the right way, and keep their coat at every detail."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipeline.simulate.bodies import DETAILS, Body, bodies, body
from pipeline.simulate.reach import mouth_in_world
from pipeline.simulate.skeleton import HEAD, HIND, LOWER, UPPER, Skeleton, pose_at
from pipeline.simulate.species import ADULTS
from tests.simulate.standing import standing

SPECIES = tuple(ADULTS)


@cache
def made(species: str) -> tuple[Body, ...]:
    return bodies(ADULTS[species], np.random.default_rng(7))


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize(
    ("detail", "least", "most"),
    [
        (0, 120, 280),  # smaller than 30 px
        (1, 450, 850),
        (2, 1200, 2200),  # fills the picture
    ],
)
def test_triangles_of_each_detail(species, detail, least, most):
    assert least <= len(made(species)[detail].faces) <= most


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize("detail", range(DETAILS))
def test_skin_is_closed_and_its_outside_is_outside(species, detail):
    one = made(species)[detail]
    vertices, normals = one.at_rest()
    corners = vertices[one.faces].astype(np.float64)
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    assert volume > 0
    place = np.unique(np.round(vertices, 4), axis=0, return_inverse=True)[1].ravel()[one.faces]
    whole = place[[len(set(face)) == 3 for face in place.tolist()]]
    edges = np.sort(np.concatenate([whole[:, [0, 1]], whole[:, [1, 2]], whole[:, [2, 0]]]), axis=1)
    count = np.unique(edges, axis=0, return_counts=True)[1]
    assert (count % 2 == 0).all()  # every edge has a face on both sides
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("species", "height_m", "length_m"),
    [
        ("plains_zebra", (1.5, 2.1), (1.9, 2.8)),  # ears' tips; muzzle to tail
        ("grevys_zebra", (1.8, 2.5), (2.2, 3.2)),
        ("giraffe", (3.9, 5.2), (2.3, 4.2)),
        ("impala", (1.0, 1.6), (1.0, 1.7)),
        ("baboon", (0.6, 1.0), (0.9, 1.6)),
        ("sheep", (0.65, 0.8), (1.0, 1.3)),
    ],
)
def test_measures_at_rest(species, height_m, length_m):
    vertices, _ = made(species)[2].at_rest()
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    assert abs(low[2]) < 0.04 * ADULTS[species].shoulder_m
    assert height_m[0] < high[2] < height_m[1]
    assert length_m[0] < high[0] - low[0] < length_m[1]
    assert np.allclose(low[1], -high[1], atol=0.02)  # as wide to the left as to the right


@pytest.mark.parametrize("species", SPECIES)
def test_posed_at_rest_is_the_rest(species):
    build = ADULTS[species]
    for one in made(species):
        assert np.allclose(one.posed(standing(build), 0)[0], one.at_rest()[0], atol=1e-5)


def test_turned_and_moved_far_it_keeps_its_shape():
    one, build = made("plains_zebra")[1], ADULTS["plains_zebra"]
    rest, normal = one.at_rest()
    there, turned = one.posed(standing(build, at=(800.0, -500.0), yaw=np.pi / 2), 0)
    want = np.stack([800 - rest[:, 1], -500 + rest[:, 0], rest[:, 2]], axis=1)  # a quarter turn to the left
    assert np.abs(there - want).max() < 1e-3
    assert np.allclose(turned, np.stack([-normal[:, 1], normal[:, 0], normal[:, 2]], axis=1), atol=1e-4)


@pytest.mark.parametrize(
    ("leg", "shift"),
    [
        (0, (0.10, 0.0, 0.05)),  # left hind a little forward, in the air
        (1, (-0.20, 0.0, 0.15)),
        (2, (-0.25, 0.05, 0.0)),
        (3, (0.35, 0.0, 0.0)),  # farther than the leg is long: the shoulder glides after it
    ],
)
def test_hoofs_are_where_the_feet_are(leg, shift):
    build, one = ADULTS["plains_zebra"], made("plains_zebra")[2]
    poses = standing(build)
    poses.feet[0, leg] += shift
    vertices, _ = one.posed(poses, 0)
    assert np.linalg.norm(vertices - poses.feet[0, leg], axis=1).min() < 0.06


def test_a_foot_far_out_of_reach_is_reached_for_with_a_straight_leg_that_hangs_on():
    build, one = ADULTS["plains_zebra"], made("plains_zebra")[2]
    poses = standing(build)
    poses.feet[0, 1] += (3.0, 0.0, 0.0)
    bones = Skeleton(build).bones(pose_at(poses, 0))
    upper, lower = bones[UPPER + 1], bones[LOWER + 1]
    assert upper[2] @ lower[2] > 0.99  # both along the same line
    corners = one.posed(poses, 0)[0][one.faces]
    assert np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max() < 0.6  # no triangle is torn


@pytest.mark.parametrize("species", SPECIES)
def test_carpi_bend_forward_and_hocks_back(species):
    build = ADULTS[species]
    poses = standing(build)
    poses.feet[0, :, 2] += 0.25 * build.shoulder_m
    bones = Skeleton(build).bones(pose_at(poses, 0))
    middle, upper, foot = bones[LOWER:, 3], bones[UPPER:LOWER, 3], poses.feet[0]
    share = (upper[:, 2] - middle[:, 2]) / (upper[:, 2] - foot[:, 2])
    ahead = middle[:, 0] - (upper[:, 0] + share * (foot[:, 0] - upper[:, 0]))  # of the line from joint to foot
    assert (np.where(HIND, -ahead, ahead) > 0.05 * build.shoulder_m).all()


@pytest.mark.parametrize("species", SPECIES)
@pytest.mark.parametrize(
    ("neck", "head"),
    [
        ((0.0, 0.0), (0.0, 0.0)),  # stretched straight on
        ((0.3, -0.9), (0.1, -0.4)),  # grazing to the left
        ((-1.9, 0.1), (-0.9, -0.3)),  # grooming the right flank
    ],
)
def test_the_mouth_is_where_reach_says(species, neck, head):
    build = ADULTS[species]
    still = standing(build, yaw=0.4)
    poses = replace(still, neck=np.array([neck]), head=np.array([head]))
    bone = Skeleton(build).bones(pose_at(poses, 0))[HEAD]
    want = mouth_in_world(build, poses.trunk, poses.turn, poses.neck, poses.head)[0]
    assert np.allclose(bone[3] + build.head_m * bone[0], want, atol=1e-9)


def test_roll_lifts_the_left_side():
    build, one = ADULTS["impala"], made("impala")[1]
    poses = standing(build)
    poses.turn[0, 2] = 0.2
    moved = one.posed(poses, 0)[0] - one.at_rest()[0]
    spine = one.uv[:, 1] < 0.5
    left = one.at_rest()[0][:, 1]
    assert moved[spine & (left > 0.08), 2].min() > 0 > moved[spine & (left < -0.08), 2].max()


def test_between_moments_it_is_between_and_turns_the_short_way():
    build, one = ADULTS["impala"], made("impala")[1]
    poses = standing(build, 2)
    poses.trunk[1, 0] += 0.2
    poses.feet[1, :, 0] += 0.2
    assert np.allclose(one.posed(poses, 0.5)[0], one.at_rest()[0] + [0.1, 0, 0], atol=1e-5)
    poses.turn[:, 0] = np.pi - 0.1, -np.pi + 0.1
    assert np.isclose(pose_at(poses, 0.5).turn[0], np.pi)


@pytest.mark.parametrize("moment", [-1, 1.5, 2])
def test_moments_outside_are_refused(moment):
    with pytest.raises(IndexError, match=rf"moment must be in \[0, 1\], got {moment}"):
        made("impala")[0].posed(standing(ADULTS["impala"], 2), moment)


@pytest.mark.parametrize("detail", [-1, 3])
def test_details_that_there_are_not_are_refused(detail):
    with pytest.raises(ValueError, match=f"detail must be 0 to 2, got {detail}"):
        body(ADULTS["impala"], np.random.default_rng(0), detail)


def test_places_that_do_not_fit_are_refused():
    one = made("impala")[0]
    with pytest.raises(ValueError, match=r"places must be \[\d+, 80\], got \(3, 80\)"):
        replace(one, places=one.places[:3])


def test_the_same_numbers_give_the_same_body_at_every_detail():
    again = body(ADULTS["plains_zebra"], np.random.default_rng(7), 2)
    first = made("plains_zebra")
    assert np.array_equal(again.atlas, first[2].atlas)
    assert np.array_equal(again.posed(standing(again.build), 0)[0], first[2].posed(standing(again.build), 0)[0])
    coarse = first[2].atlas.reshape(128, 4, 128, 4, 3).mean(axis=(1, 3))
    assert np.abs(coarse - first[0].atlas).max() <= 1


def test_two_animals_in_a_film_do_not_share_bones():
    one, build = made("impala")[1], ADULTS["impala"]
    here, there = standing(build), standing(build, at=(5.0, 0.0))
    first = one.posed(here, 0)[0].copy()
    assert np.allclose(one.posed(there, 0)[0] - first, [5, 0, 0], atol=1e-5)
    assert np.array_equal(one.posed(here, 0)[0], first)
