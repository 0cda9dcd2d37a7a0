"""What departments bring is read whole, or not at all and with the row and column that are wrong."""

import json

import pyproj
import pytest
import shapely
from shapely.geometry import mapping

from qala.places.geofiles import Feature, read_geometry, read_layer, write_csv, write_geojson, write_geopackage
from qala.standard.problems import Problem, Problems

POINTS = [
    Feature({"type": "Point", "coordinates": [76.9, 43.25]}, {"name": "Бақ", "seats": 3, "open": True, "rate": 1.5}),
    Feature(
        {"type": "Point", "coordinates": [76.91, 43.26]}, {"name": "=1+1", "seats": None, "open": False, "rate": 2.0}
    ),
]
AREA = Feature(
    {"type": "Polygon", "coordinates": [[[76.9, 43.2], [76.95, 43.2], [76.95, 43.25], [76.9, 43.2]]]}, {"name": "сквер"}
)


def same(one: Feature, other: Feature) -> bool:
    return shapely.equals(
        shapely.from_geojson(json.dumps(one.geometry)), shapely.from_geojson(json.dumps(other.geometry))
    )


@pytest.mark.parametrize("features", [POINTS, [AREA]])
def test_what_is_written_as_geojson_or_geopackage_is_read_again(features: list[Feature]) -> None:
    for name, content in (("a.geojson", write_geojson(features)), ("a.gpkg", write_geopackage(features, 'қабат "1"'))):
        back = read_layer(name, content)
        assert all(same(a, b) for a, b in zip(back, features, strict=True))
        assert [one.properties for one in back] == [dict(one.properties) for one in features], name


def test_csv_comes_back_and_is_no_formula() -> None:
    content = write_csv(POINTS)
    assert b"'=1+1" in content
    back = read_layer("a.csv", content)
    assert [one.properties["seats"] for one in back] == [3, None]
    assert back[0].geometry["coordinates"] == [76.9, 43.25] or tuple(back[0].geometry["coordinates"]) == (76.9, 43.25)
    assert same(read_layer("b.csv", write_csv([AREA]))[0], AREA)


def test_another_coordinate_system_is_turned_into_degrees() -> None:
    east, north = pyproj.Transformer.from_crs(4326, 32643, always_xy=True).transform(76.9, 43.25)
    said = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "EPSG:32643"}},
        "features": [
            {"type": "Feature", "geometry": {"type": "Point", "coordinates": [east, north]}, "properties": {}}
        ],
    }
    lon, lat = read_layer("utm.geojson", json.dumps(said).encode())[0].geometry["coordinates"]
    assert (round(lon, 5), round(lat, 5)) == (76.9, 43.25)


def test_metres_without_a_name_of_their_system_are_refused() -> None:
    said = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [4790000, 654000]}, "properties": {}}
    with pytest.raises(Problems, match="nothing was taken") as error:
        read_layer("m.geojson", json.dumps(said).encode())
    assert "object 1" in str(error.value)


def test_errors_of_a_table_name_row_and_column() -> None:
    text = "name;lon;lat\nA;76,9;43,25\nB;far;43\nC;76;143\n"
    with pytest.raises(Problems) as error:
        read_layer("t.csv", text.encode("cp1251"))
    said = str(error.value)
    assert "row 3, column lon" in said
    assert "row 4, column lat" in said
    assert "row 2" not in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.shp", b"", "cannot be read"),
        ("a.geojson", b"{", "not JSON"),
        ("a.geojson", b"[1]", "FeatureCollection"),
        ("a.gpkg", b"no database", "not a GeoPackage"),
        ("a.csv", b"name,street\nA,B\n", "No columns with coordinates"),
        ("a.csv", b"lon,lat\n", "no objects"),
    ],
)
def test_what_is_no_layer_is_refused_with_a_reason(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Problem, match=said):
        read_layer(name, content)


def test_a_broken_shape_is_refused() -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    content = json.dumps({"type": "Feature", "geometry": bow, "properties": {}}).encode()
    with pytest.raises(Problems, match="errors") as error:
        read_layer("a.geojson", content)
    assert "Self-intersection" in str(error.value)


def test_a_geometry_may_be_written_by_hand() -> None:
    assert tuple(read_geometry("76.9, 43.25")["coordinates"]) == (76.9, 43.25)
    assert read_geometry(json.dumps(mapping(shapely.box(1, 1, 2, 2))))["type"] == "Polygon"
    for text in ("here", "{}", "300, 10", '{"type":"Point"}'):
        with pytest.raises(Problem):
            read_geometry(text)
