// Drawing one object: a point, a line or an area. The text field of the form holds what is drawn, so that saving needs no script.
import { arrived } from "qala/page";
import { layerSpec } from "./own.js";

const part = document.querySelector(".map-edit");
const data = JSON.parse(part.querySelector(".map-data").textContent);
const field = part.querySelector("textarea[name=geometry]");
const place = part.querySelector(".map-canvas");
const kinds = [...part.querySelectorAll("input[name=kind]")];
const past = [];
let corners = []; // [lon, lat] of what is drawn
let fixed = null; // a geometry of several parts, that only the text changes
let held = null; // the corner that is being dragged

const kind = () => kinds.find((one) => one.checked).value;

function geometry() {
  if (fixed) return fixed;
  if (!corners.length) return null;
  if (kind() === "Point") return { type: "Point", coordinates: corners.at(-1) };
  if (kind() === "LineString") return corners.length > 1 ? { type: "LineString", coordinates: corners } : null;
  return corners.length > 2 ? { type: "Polygon", coordinates: [[...corners, corners[0]]] } : null;
}

function read(text) {
  fixed = null;
  try {
    const said = JSON.parse(text);
    if (said.type === "Point") corners = [said.coordinates];
    else if (said.type === "LineString") corners = said.coordinates;
    else if (said.type === "Polygon" && said.coordinates.length === 1) corners = said.coordinates[0].slice(0, -1);
    else { fixed = said; corners = []; }
    const known = kinds.find((one) => one.value === said.type);
    if (known) known.checked = true;
  } catch {
    const pair = text.split(/[,; ]+/).map(Number);
    corners = pair.length === 2 && pair.every(Number.isFinite) ? [pair] : [];
  }
}

const round = ({ lng, lat }) => [Number(lng.toFixed(7)), Number(lat.toFixed(7))];
const feature = (shape, properties = {}) => ({ type: "Feature", geometry: shape, properties });

function drawing() {
  const shape = geometry() ?? (corners.length > 1 ? { type: "LineString", coordinates: corners } : null);
  const points = corners.map((one, at) => feature({ type: "Point", coordinates: one }, { at }));
  return { type: "FeatureCollection", features: [...(shape ? [feature(shape)] : []), ...points] };
}

read(field.value);
const spec = await layerSpec(data);
spec.sources.drawing = { type: "geojson", data: drawing() };
spec.layers.push(
  { id: "drawing:area", type: "fill", source: "drawing", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "var(--accent)", "fill-opacity": 0.25 } },
  { id: "drawing:line", type: "line", source: "drawing", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "var(--accent)", "line-width": 3 } },
  { id: "drawing:point", type: "circle", source: "drawing", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": "var(--gold)", "circle-radius": 7, "circle-stroke-color": "var(--accent)", "circle-stroke-width": 2 } },
);
const waits = part.querySelector(".figure-waits");
const { make } = await arrived(() => import("qala/map"), () => { waits.hidden = false; });
waits.hidden = true;
const map = await make(place, spec);
map.doubleClickZoom.disable();
map.scrollZoom.enable();
map.once("idle", () => { place.dataset.drawn = "layers"; });
if (corners.length) map.jumpTo({ center: corners[0], zoom: Math.max(map.getZoom(), 15) });

function show(write = true) {
  spec.sources.drawing.data = drawing();
  map.getSource("drawing").setData(spec.sources.drawing.data);
  const said = geometry();
  if (write) field.value = said ? JSON.stringify(said) : "";
}

function change(how) {
  past.push({ corners: [...corners], fixed });
  fixed = null;
  corners = how([...corners]);
  show();
}

function undo() {
  const before = past.pop();
  if (!before) return;
  ({ corners, fixed } = before);
  show();
}

const cornerAt = (point) => map.queryRenderedFeatures([[point.x - 6, point.y - 6], [point.x + 6, point.y + 6]], { layers: ["drawing:point"] }).find((one) => one.properties.at !== undefined)?.properties.at;
const add = (lngLat) => change((all) => (kind() === "Point" ? [round(lngLat)] : [...all, round(lngLat)]));

map.on("click", (event) => {
  const at = cornerAt(event.point);
  if (at !== undefined) {
    if (event.originalEvent.altKey) change((all) => all.filter((_, one) => one !== at));
    return;
  }
  add(event.lngLat);
});
map.on("mousedown", (event) => {
  const at = cornerAt(event.point);
  if (at === undefined) return;
  event.preventDefault();
  held = at;
  past.push({ corners: [...corners], fixed });
});
map.on("mousemove", (event) => {
  map.getCanvas().style.cursor = cornerAt(event.point) === undefined ? "crosshair" : "move";
  if (held === null) return;
  corners[held] = round(event.lngLat);
  show();
});
map.on("mouseup", () => { held = null; });
map.getCanvas().addEventListener("keydown", (event) => {
  if (event.key === "Enter") { event.preventDefault(); add(map.getCenter()); }
  if (event.key === "Delete" || event.key === "Backspace") change((all) => all.slice(0, -1));
  if (event.key === "z" && (event.ctrlKey || event.metaKey)) undo();
});
part.querySelector(".map-undo").addEventListener("click", undo);
part.querySelector(".map-clear").addEventListener("click", () => change(() => []));
kinds.forEach((one) => one.addEventListener("change", () => { if (kind() === "Point") corners = corners.slice(-1); show(); }));
field.addEventListener("change", () => { read(field.value); show(false); if (corners.length) map.jumpTo({ center: corners[0] }); });
