// How layers are drawn: declarations of the server -> layers of a MapLibre style. Colours are tokens, `var(--token)`.

const OPEN = 1e6; // a row that still holds has no last day

/** Rows that hold on a day, or that happened in the days before it. */
export const within = (day, days) => ["all", ["<=", ["get", "f"], day], [">=", ["coalesce", ["get", "t"], OPEN], day - days + 1]];

const token = (name) => `var(--${name})`;
const grows = (...pairs) => ["interpolate", ["exponential", 1.6], ["zoom"], ...pairs];

/** The colour of a feature. */
export function colourOf(layer) {
  const { colour } = layer;
  if (layer.cells) return ["interpolate", ["linear"], ["get", "n"], 5, token("heat-1"), 25, token("heat-2"), 100, token("heat-3"), 400, token("heat-4"), 1500, token("heat-5")];
  if (typeof colour === "string") return token(colour);
  if (colour.steps?.length) {
    const value = ["to-number", ["get", colour.by], -1e9];
    return ["step", value, token("heat-1"), ...colour.steps.slice(0, 4).flatMap((step, at) => [Number(step), token(`heat-${at + 2}`)])];
  }
  const pairs = Object.entries(colour.values ?? {}).flatMap(([value, name]) => [value, token(name)]);
  return pairs.length ? ["match", ["to-string", ["get", colour.by]], ...pairs, token("series-7")] : token("series-8");
}

const kind = (name) => ["==", ["geometry-type"], name];
const both = (...filters) => ["all", ...filters.filter(Boolean)];

/** The style's layers of a declared layer; `state`: day, days, tall, source, vector (name of the layer in the tiles, or none). */
export function drawn(layer, state) {
  const from = { source: state.source, ...(state.vector ? { "source-layer": state.vector } : {}) };
  const when = layer.timeless ? null : within(state.day, layer.events ? state.days : 1);
  const colour = colourOf(layer);
  const part = (name, type, filter, paint, more = {}) => ({
    id: `${layer.id}:${name}`, type, ...from, minzoom: layer.min_zoom ?? 0, paint, ...more,
    ...(both(when, filter).length > 1 ? { filter: both(when, filter) } : {}),
    metadata: { layer: layer.id, filter },
  });
  const size = layer.size ?? 1;
  const radius = layer.dots ? grows(9, 0.8, 12, 1.6, 15, 4, 18, 9) : grows(8, 2.5 * size, 12, 4.5 * size, 16, 8 * size);
  const area = () => [
    layer.height && state.tall
      ? part("tall", "fill-extrusion", kind("Polygon"), { "fill-extrusion-color": colour, "fill-extrusion-height": ["coalesce", ["to-number", ["get", layer.height], 4], 4], "fill-extrusion-opacity": 0.85 })
      : part("area", "fill", kind("Polygon"), { "fill-color": colour, "fill-opacity": layer.cells ? 0.5 : layer.soft ? 0.15 : 0.5 }),
    part("edge", "line", kind("Polygon"), { "line-color": colour, "line-width": grows(8, 0.4, 14, 1.2) }),
  ];
  const line = () => [part("line", "line", kind("LineString"), { "line-color": colour, "line-width": grows(9, 1.2 * size, 13, 2.5 * size, 17, 7 * size) }, { layout: { "line-cap": "round", "line-join": "round" } })];
  const point = () => [
    ...(layer.heat ? [part("heat", "heatmap", kind("Point"), { "heatmap-radius": grows(8, 6, 13, 22), "heatmap-opacity": 0.55, "heatmap-intensity": 0.7 }, { maxzoom: 13 })] : []),
    part("point", "circle", kind("Point"), { "circle-color": colour, "circle-radius": radius, "circle-stroke-color": token("map-halo"), "circle-stroke-width": layer.dots ? grows(12, 0, 15, 0.6) : 1 }),
  ];
  const label = () => (layer.title
    ? [part("label", "symbol", null, {}, { minzoom: Math.max(layer.label_zoom ?? 14, layer.min_zoom ?? 0), layout: { "text-field": ["to-string", ["coalesce", ["get", layer.title], ""]], "text-size": 12, "text-anchor": "top", "text-offset": [0, 0.9], "text-optional": true } })]
    : []);
  const shapes = { point: () => [...point(), ...label()], line: () => [...line(), ...label()], area: () => [...area(), ...label()], mixed: () => [...area(), ...line(), ...point(), ...label()] };
  return shapes[layer.shape]();
}

/** What lies under everything: the city's own outlines, streets, green areas and buildings; `has`: sources that are there. */
export function ground(has, state) {
  const one = (id, type, source, paint, more = {}) => ({ id: `ground:${id}`, type, source, paint, ...more });
  const now = within(state.day, 1);
  const road = (zoomed) => grows(...zoomed);
  const wide = { layout: { "line-cap": "round", "line-join": "round" } };
  return [
    one("districts", "fill", "overview", { "fill-color": token("map-land"), "fill-opacity": 0.01 }, { filter: ["==", ["get", "kind"], "district"] }),
    ...(has.green_areas ? [one("green", "fill", "green_areas", { "fill-color": token("map-park"), "fill-opacity": 0.9 }, { "source-layer": "green_areas", filter: now })] : []),
    ...(has.buildings && !state.tall ? [one("buildings", "fill", "buildings", { "fill-color": token("map-building") }, { "source-layer": "buildings", minzoom: 13, filter: now })] : []),
    ...(has.buildings && state.tall ? [one("tall", "fill-extrusion", "buildings", { "fill-extrusion-color": token("map-border"), "fill-extrusion-height": ["coalesce", ["to-number", ["get", "height_m"], 4], 4], "fill-extrusion-opacity": 0.75 }, { "source-layer": "buildings", minzoom: 12, filter: now })] : []),
    one("main-edge", "line", "overview", { "line-color": token("map-road-edge"), "line-width": road([9, 1, 13, 4, 17, 16]) }, { ...wide, filter: ["==", ["get", "kind"], "street"] }),
    ...(has.streets ? [
      one("street-edge", "line", "streets", { "line-color": token("map-road-edge"), "line-width": road([11, 0.5, 14, 3, 17, 12]) }, { ...wide, "source-layer": "streets", filter: now }),
      one("street", "line", "streets", { "line-color": token("map-road"), "line-width": road([12, 0.2, 14, 2, 17, 10]) }, { ...wide, "source-layer": "streets", filter: now }),
    ] : []),
    one("main", "line", "overview", { "line-color": token("map-road"), "line-width": road([9, 0.4, 13, 2.6, 17, 13]) }, { ...wide, filter: ["==", ["get", "kind"], "street"] }),
    one("border", "line", "overview", { "line-color": token("map-border"), "line-width": 1.2, "line-dasharray": [3, 2] }, { filter: ["==", ["get", "kind"], "district"] }),
  ];
}

/** Names that stand above all layers. */
export function names(property, has, state) {
  const text = (source, field, more) => ({ type: "symbol", source, paint: {}, ...more, layout: { "text-field": ["to-string", ["coalesce", ["get", field], ""]], ...more.layout } });
  return [
    ...(has.streets ? [text("streets", "street", { id: "names:street", "source-layer": "streets", minzoom: 14, filter: within(state.day, 1), layout: { "symbol-placement": "line", "text-size": 11 } })] : []),
    text("overview", property, { id: "names:district", maxzoom: 14.5, filter: ["==", ["get", "kind"], "name"], layout: { "text-size": 14, "text-transform": "uppercase", "text-letter-spacing": 0.06 } }),
  ];
}

/** Districts or cells coloured by a value in five equal groups; with the edges of the groups for the legend. */
export function shaded(geojson) {
  const values = geojson.features.map((one) => one.properties.value).filter((one) => one !== null && one !== undefined).sort((a, b) => a - b);
  const edges = [...new Set([1, 2, 3, 4].map((part) => values[Math.floor((part * values.length) / 5)]).filter((one) => one !== undefined && one > values[0]))];
  const fill = values.length
    ? ["case", ["==", ["get", "value"], null], token("heat-none"), ["step", ["to-number", ["get", "value"], 0], token("heat-1"), ...edges.flatMap((edge, at) => [edge, token(`heat-${at + 2}`)])]]
    : token("heat-none");
  if (!edges.length && values.length) fill[3] = token("heat-3");
  const layers = [
    { id: "shade:fill", type: "fill", source: "shade", paint: { "fill-color": fill, "fill-opacity": 0.72 }, metadata: { layer: "shade" } },
    { id: "shade:edge", type: "line", source: "shade", paint: { "line-color": token("map-halo"), "line-width": 1 } },
  ];
  return { layers, edges, least: values[0], most: values.at(-1) };
}

/** What is drawn beneath all: tiles of pictures (`{z}` in the address), or a style of vector tiles, whose names are left to ours. */
export async function outside(address) {
  if (address.includes("{z}")) {
    return { sources: { outside: { type: "raster", tiles: [address], tileSize: 256 } }, layers: [{ id: "outside", type: "raster", source: "outside" }] };
  }
  const told = await (await fetch(address)).json();
  return { sources: told.sources, layers: told.layers.filter((layer) => layer.type !== "symbol") };
}
