// The map on the page of a department's layer.
import { arrived } from "qala/page";
import { drawn } from "./style.js";

/** Source and style layers of a department's layer, over the outlines of its city. */
export async function layerSpec(data) {
  const { layer } = data;
  let source = { type: "geojson", data: layer.geojson };
  let vector = null;
  if (layer.tilejson) {
    const told = await arrived(async () => (await fetch(layer.tilejson)).json());
    if (!told.tiles) return { sources: {}, layers: [], bounds: data.bounds, words: data.words, percent: told.percent };
    source = { type: "vector", tiles: told.tiles, minzoom: told.minzoom, maxzoom: told.maxzoom };
    [{ id: vector }] = told.vector_layers;
  }
  const outlines = [
    { id: "border", type: "line", source: "overview", paint: { "line-color": "var(--map-border)", "line-width": 1, "line-dasharray": [3, 2] }, filter: ["==", ["get", "kind"], "district"] },
    { id: "street", type: "line", source: "overview", paint: { "line-color": "var(--map-road-edge)", "line-width": 2 }, filter: ["==", ["get", "kind"], "street"] },
  ];
  return {
    sources: { overview: { type: "geojson", data: data.overview }, own: source }, bounds: data.bounds, words: data.words,
    layers: [...outlines, ...drawn(layer, { day: 0, days: 1, tall: false, source: "own", vector })],
  };
}

const part = document.querySelector(".map-own");
if (part) {
  const data = JSON.parse(part.querySelector(".map-data").textContent);
  const place = part.querySelector(".map-canvas");
  const spec = await layerSpec(data);
  if (spec.percent !== undefined) place.append(Object.assign(document.createElement("p"), { className: "map-wait", textContent: data.words.building.replace("{percent}", spec.percent) }));
  else {
    const waits = part.querySelector(".figure-waits");
    const { make } = await arrived(() => import("qala/map"), () => { waits.hidden = false; });
    waits.hidden = true;
    const map = await make(place, spec);
    map.once("idle", () => { place.dataset.drawn = "layers"; });
    map.on("click", (event) => {
      const [feature] = map.queryRenderedFeatures(event.point).filter((one) => one.layer.metadata?.layer);
      if (feature) location.href = data.layer.object.replace("KEY", feature.properties.id);
    });
  }
}
